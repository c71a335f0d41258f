#include "host/package/ServicePackageManager.h"

#include <algorithm>

#include "host/base/Text.h"
#include "host/package/PackageReader.h"
#include "host/package/ReleaseStager.h"
#include "host/trust/KeyFile.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

constexpr std::uint64_t kNearlyAll = 4;  // four fifths: one stream is simpler, and as fast

// "1.5 GB": for people, in the unit that disks are sold in.
std::string sized(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  std::uint64_t tenths = bytes * 10;
  for (; tenths >= 10'000 && unit + 1 < std::size(kUnits); ++unit) tenths /= 1000;
  const auto fraction = unit == 0 || tenths >= 100 ? "" : "." + std::to_string(tenths % 10);
  return std::to_string(tenths / 10) + fraction + " " + std::string(kUnits[unit]);
}

// What bytes that were lost in a power cut look like.
bool isOfContent(const Error& error) {
  return error.code() == ErrorCode::ContentMismatch || error.code() == ErrorCode::ContentMissing ||
         error.code() == ErrorCode::ArchiveInvalid || error.code() == ErrorCode::SignatureInvalid;
}

// service.json, and that it is of the release as which the package is signed.
Result<ServiceManifest> parseService(const std::string& text, const Release& release) {
  TENON_TRY(auto manifest, withContext("service.json of " + release.text(), ServiceManifest::parse(text)));
  if (manifest.service != release.service || manifest.version != release.version) {
    return Error(ErrorCode::BindingMismatch, "the package is signed as " + release.text() + ", but its service.json is of " +
                                                 manifest.service.text() + " " + manifest.version.text());
  }
  TENON_CHECK(manifest.variant(release.platform));
  return manifest;
}

// MANIFEST as the hub serves it, and the artifact signature that it lists.
Result<PackageClaims> claimsBeside(HubClient& hub, const HubVariant& variant) {
  PackageClaims claims{.artifactSignature = variant.signature};
  auto manifest = hub.manifestOf(variant);
  if (manifest) {
    claims.manifest = *std::move(manifest);
    auto signature = hub.manifestSignatureOf(variant);
    // A line that broke says nothing of who signed.
    if (!signature && signature.error().code() != ErrorCode::NotFound) return std::move(signature).error();
    if (signature) claims.manifestSignature = *std::move(signature);
  } else if (manifest.error().code() != ErrorCode::NotFound) {
    return std::move(manifest).error();
  }
  return claims;
}

// Nothing where the hub does not serve it.
Result<std::optional<ServiceManifest>> serviceBeside(HubClient& hub, const HubVariant& variant,
                                                     const VerifiedPackage& package) {
  const auto text = hub.serviceJsonOf(variant);
  if (!text && text.error().code() == ErrorCode::NotFound) return std::optional<ServiceManifest>();
  if (!text) return text.error();
  const auto* listed = package.manifest()->find(kServiceJsonName);
  if (listed == nullptr || listed->sha256 != sha256(*text)) {
    return Error(ErrorCode::ContentMismatch, "service.json beside the zip is not the one that MANIFEST lists");
  }
  TENON_TRY(auto manifest, parseService(*text, package.release()));
  return std::optional(std::move(manifest));
}

// Pieces of a zip that say when they are fetched: between what the store had and what is unpacked.
class ToldPieces final : public PackageContent {
 public:
  ToldPieces(RangedZip& zip, PackageProgress& progress, std::string fetching, std::string unpacking)
      : zip_(zip), progress_(progress), fetching_(std::move(fetching)), unpacking_(std::move(unpacking)) {}
  const ByteSource& zip() const override { return zip_.zip(); }
  const ZipDirectory& directory() const override { return zip_.directory(); }
  Result<void> bring(const std::vector<const ZipEntry*>& entries) override {
    progress_.step("fetch", fetching_);
    TENON_CHECK(zip_.bring(entries));
    progress_.step("unpack", unpacking_);
    return {};
  }

 private:
  RangedZip& zip_;
  PackageProgress& progress_;
  std::string fetching_, unpacking_;
};

}  // namespace

Result<StagedRelease> ServicePackageManager::fetch(const FetchRequest& asked, PackageProgress& progress) {
  if (!asked.from.hub) return noHub();
  progress.step("fetch", sized(asked.variant.sizeBytes) + " from " + asked.from.hub->hub());
  const ServiceId& service = asked.variant.release.service;
  const DownloadCache::Use use(cache_, service);
  auto staged = fetchIfNew({asked, progress});
  if (staged) static_cast<void>(cache_.clear(service));  // what stays is swept when somebody collects
  return staged;
}

Result<StagedRelease> ServicePackageManager::fetchIfNew(const Fetch& fetch) {
  TENON_TRY(auto there, knownToHub(*fetch.from.hub, fetch.variant));
  if (there) return *std::move(there);
  TENON_TRY(auto request, requestFor(*fetch.from.hub, fetch.variant));
  TENON_TRY(auto pieced, fetchInPieces(fetch, request));
  if (pieced) return *std::move(pieced);
  return fetchAsStream(fetch, request);
}

Result<DownloadRequest> ServicePackageManager::requestFor(const HubClient& hub, const HubVariant& variant) {
  TENON_TRY(auto url, hub.artifactUrl(variant));
  TENON_TRY(auto place, cache_.package(variant.release.service, variant.sha256));
  return DownloadRequest{std::move(url), std::move(place), variant.sizeBytes, variant.sha256, variant.etag};
}

Result<StagedRelease> ServicePackageManager::fetchAsStream(const Fetch& fetch, const DownloadRequest& request) {
  const auto part = with_.files.inspect(Path(request.file.text() + ".part"));
  const auto here = part ? std::min(part->size, request.sizeBytes) : 0;
  // Unpacked it is at least about as large as packed; the exact figure is checked once MANIFEST is here.
  const auto needed = std::min(request.sizeBytes, limits::kZipBytes) * 2 - here;
  TENON_CHECK(checkSpace(needed, "to download and unpack " + fetch.variant.release.text()));
  TENON_TRY(auto package,
            fetch.from.downloader->download(request, fetch.cancelled, [&](std::uint64_t done, std::uint64_t total) {
              fetch.progress.bytes(done, total);
            }));
  const auto zip = package.zip;
  auto staged = [&]() -> Result<StagedRelease> {
    TENON_TRY(const auto content, LocalPackage::open(with_.files, zip));
    return admitWhole({*content, std::move(package), fetch.variant.signature, fetch.variant.release}, fetch.accept,
                      fetch.delivery());
  }();
  // Unpacked or refused: either way it is of no more use.
  static_cast<void>(with_.files.removeFile(zip));
  return staged;
}

// Only what the store lacks. Nothing where that would not help: a small package, a node without a store, a stream that was
// begun before, a hub without ranges, a zip without MANIFEST, a package of which nearly all is new.
Result<std::optional<StagedRelease>> ServicePackageManager::fetchInPieces(const Fetch& fetch,
                                                                          const DownloadRequest& request) {
  TENON_TRY(const auto shelves, store_.shelves());
  const bool asStream =
      request.sizeBytes < with_.piecesFrom || shelves.empty() || with_.files.exists(Path(request.file.text() + ".part"));
  if (asStream) return std::optional<StagedRelease>();
  for (;;) {
    TENON_TRY(auto zip,
              fetch.from.downloader->openRanged(request, fetch.cancelled, [&](std::uint64_t done, std::uint64_t total) {
                fetch.progress.bytes(done, total);
              }));
    if (!zip) return std::optional<StagedRelease>();
    const auto staged = admitPieces(*zip, request, fetch);
    const bool keep = !staged && !zip->unusable() && isForResume(staged.error());
    const bool stale = !staged && zip->resumed() && isOfContent(staged.error());
    const bool useless = zip->unusable();
    if (!keep) zip->discard();
    if (useless) return std::optional<StagedRelease>();
    // Bytes of an earlier agent may have been lost in a power cut: once more, from the beginning, before the hub is blamed.
    if (!stale) return staged;
  }
}

Result<std::optional<StagedRelease>> ServicePackageManager::admitPieces(RangedZip& zip, const DownloadRequest& request,
                                                                        const Fetch& fetch) {
  // The zip's own hash is only what the hub says here: MANIFEST decides, and there is no other way in.
  Incoming incoming{zip, {request.file, request.sha256, request.sizeBytes}, std::nullopt, fetch.variant.release};
  TENON_TRY(auto admitted, admit(std::move(incoming), fetch.accept, fetch.progress));
  if (admitted.there) return std::move(admitted.there);
  TENON_TRY(const auto work, unpacker_.workOf(admitted.package, zip));
  if (work.packedBytes / kNearlyAll > (work.totalPackedBytes - work.packedBytes)) return std::optional<StagedRelease>();
  TENON_CHECK(checkSpace(work.bytes + work.packedBytes + admitted.models.diskBytes(),
                         "to install " + admitted.package.release().text()));
  fetch.progress.step("reuse", sized(work.totalBytes - work.bytes) + " of " + sized(work.totalBytes) + " are here already");
  ToldPieces told(zip, fetch.progress,
                  sized(work.packedBytes) + " of " + sized(request.sizeBytes) + " (" + std::to_string(work.files) + " of " +
                      std::to_string(work.totalFiles) + " files changed)",
                  "signed by " + shortKeyId(admitted.package.signedBy()));
  TENON_TRY(auto staged, stage(std::move(admitted), told, fetch.delivery()));
  return std::optional<StagedRelease>(std::move(staged));
}

Result<VariantPreview> ServicePackageManager::preview(const PackageSource& from, const HubVariant& variant) {
  if (!from.hub) return noHub();
  VariantPreview preview;
  TENON_TRY(const auto claims, claimsBeside(*from.hub, variant));
  const auto verified = with_.verifier.verify({Path(), variant.sha256, variant.sizeBytes}, claims, variant.release);
  if (!verified) {
    preview.problem = verified.error();
    return preview;
  }
  preview.keyId = verified->signedBy();
  preview.identity = verified->identity();
  if (!verified->manifest()) return preview;
  preview.sequence = verified->manifest()->sequence;
  preview.files = verified->manifest()->files.size();
  preview.unpackedBytes = verified->manifest()->totalBytes();
  TENON_TRY(const auto shelves, store_.shelves());
  for (const auto& file : verified->manifest()->files) {
    if (file.size > 0 && store_.has(shelves, {file.sha256, file.kind == ManifestFile::Kind::Executable, file.size}))
      continue;
    ++preview.missingFiles;
    preview.missingUnpackedBytes += file.size;
  }
  auto manifest = serviceBeside(*from.hub, variant, *verified);
  if (!manifest) {
    preview.problem = std::move(manifest).error();
    return preview;
  }
  preview.manifest = *std::move(manifest);
  if (!preview.manifest) return preview;
  TENON_TRY(const auto models, models_.workOf(preview.manifest->models));
  preview.files += models.files;
  preview.missingFiles += models.missingFiles;
  preview.models = models;
  return preview;
}

Result<StagedRelease> ServicePackageManager::take(const Path& zip, const Accept& accept, const JournalRecord& journal,
                                                  PackageProgress& progress) {
  progress.step("fetch", zip.text());
  TENON_TRY(auto package, hashPackage(with_.files, zip));
  TENON_TRY(auto signature, readSignatureBeside(with_.files, zip));
  TENON_TRY(const auto content, LocalPackage::open(with_.files, zip));
  const std::atomic<bool> never{false};
  return admitWhole({*content, std::move(package), std::move(signature), std::nullopt}, accept,
                    {PackageSource{}, journal, never, progress});
}

Result<ServicePackageManager::Admitted> ServicePackageManager::admit(Incoming incoming, const Accept& accept,
                                                                     PackageProgress& progress) {
  progress.step("verify", incoming.package.zip.name());
  auto& content = incoming.content;
  TENON_TRY(auto package, verify(std::move(incoming)));
  TENON_TRY(auto manifest, readManifest(content, package));
  TENON_CHECK(ModelFetcher::checkPlaces(manifest.models, content.directory()));
  TENON_TRY(auto there, alreadyThere(package.release(), package.identity()));
  if (there) return Admitted{std::move(package), std::move(manifest), std::move(there), {}};
  if (accept) TENON_CHECK(accept(package, manifest));
  TENON_TRY(const auto models, models_.workOf(manifest.models));
  return Admitted{std::move(package), std::move(manifest), std::nullopt, models};
}

// A zip that is here as a whole.
Result<StagedRelease> ServicePackageManager::admitWhole(Incoming incoming, const Accept& accept, const Delivery& delivery) {
  auto& content = incoming.content;
  TENON_TRY(auto admitted, admit(std::move(incoming), accept, delivery.progress));
  if (admitted.there) return *std::move(admitted.there);
  TENON_TRY(const auto work, unpacker_.workOf(admitted.package, content));
  TENON_CHECK(checkSpace(work.bytes + admitted.models.diskBytes(), "to unpack " + admitted.package.release().text()));
  const auto size = work.bytes < work.totalBytes ? sized(work.bytes) + " of " + sized(work.totalBytes) : sized(work.bytes);
  delivery.progress.step("unpack", size + ", signed by " + shortKeyId(admitted.package.signedBy()));
  return stage(std::move(admitted), content, delivery);
}

Result<VerifiedPackage> ServicePackageManager::verify(Incoming incoming) {
  TENON_TRY(auto claims, readClaims(incoming.content));
  claims.artifactSignature = std::move(incoming.signature);
  TENON_TRY(auto package, with_.verifier.verify(std::move(incoming.package), claims, incoming.expected));
  const auto& platform = package.release().platform.text();
  if (std::find(platforms_.begin(), platforms_.end(), platform) == platforms_.end()) {
    return Error(ErrorCode::PlatformUnsupported, package.release().text() + " is not for this node")
        .withHint("this node runs packages for " + joined(platforms_));
  }
  return package;
}

Result<ServiceManifest> ServicePackageManager::readManifest(PackageContent& content, const VerifiedPackage& package) {
  TENON_TRY(const auto text, readServiceJson(content, package));
  return parseService(text, package.release());
}

Result<std::optional<StagedRelease>> ServicePackageManager::alreadyThere(const Release& release, const Digest& identity) {
  const InstalledStore store(with_.files, layout_.service(release.service));
  const auto folder = store.layout().release(release.version, release.platform);
  if (const auto there = with_.files.inspect(folder); !there) {
    if (there.error().code() == ErrorCode::NotFound) return std::optional<StagedRelease>();
    return there.error();
  }
  const auto installed = store.identityOf(release.version, release.platform, &sha256);
  if (!installed) {
    return Error(ErrorCode::StateCorrupt, release.text() + " is installed, but damaged: " + installed.error().message())
        .withHint("remove that version first");
  }
  if (*installed != identity) {
    return Error(ErrorCode::ContentMismatch, release.text() + " is installed with other content")
        .withHint("publish changed content under a new version, or remove the installed one first");
  }
  const InstalledRelease found{release.version, release.platform, *installed};
  TENON_TRY(auto manifest, manifestOf(release.service, found));
  return std::optional<StagedRelease>({found, std::move(manifest), true});
}

// Without a download: a package without MANIFEST is known by the zip's hash, any other by MANIFEST as the hub serves it
// beside the zip. That is a hint like all that a hub says; it can only keep things as they are.
Result<std::optional<StagedRelease>> ServicePackageManager::knownToHub(HubClient& hub, const HubVariant& variant) {
  const InstalledStore store(with_.files, layout_.service(variant.release.service));
  const auto& [service, version, platform] = variant.release;
  const auto installed = store.identityOf(version, platform, &sha256);
  if (!installed) return std::optional<StagedRelease>();
  bool same = *installed == variant.sha256;
  if (!same && with_.files.exists(store.layout().release(version, platform) / kManifestName)) {
    const auto manifest = hub.manifestOf(variant);
    same = manifest && sha256(*manifest) == *installed;
  }
  if (!same) return std::optional<StagedRelease>();
  return alreadyThere(variant.release, *installed);
}

Result<StagedRelease> ServicePackageManager::stage(Admitted admitted, PackageContent& content, const Delivery& delivery) {
  const auto told = [&](std::uint64_t done, std::uint64_t total) { delivery.progress.bytes(done, total); };
  const auto fill = [&](const Path& tree) -> Result<UnpackedPackage> {
    TENON_TRY(auto unpacked, unpacker_.unpack(admitted.package, content, tree, told));
    const auto& models = admitted.models;
    if (models.files == 0) return unpacked;
    delivery.progress.step("models", sized(models.missingBytes) + " of " + sized(models.bytes) + " to fetch");
    TENON_CHECK(models_.bring(admitted.manifest, delivery.from, tree, delivery.cancelled, told));
    return unpacked;
  };
  TENON_TRY(auto release,
            ReleaseStager(with_.files, layout_).stage(admitted.package, admitted.manifest, delivery.journal, fill));
  return StagedRelease{std::move(release), std::move(admitted.manifest), false};
}

Result<ServiceManifest> ServicePackageManager::manifestOf(const ServiceId& service, const InstalledRelease& release) {
  const auto path = layout_.service(service).release(release) / kServiceJsonName;
  TENON_TRY(const auto text, with_.files.readAll(path, limits::kServiceJsonBytes));
  auto manifest = ServiceManifest::parse(text);
  if (!manifest) return Error(ErrorCode::StateCorrupt, path.text() + ": " + manifest.error().message());
  if (manifest->service != service || manifest->version != release.version) {
    return Error(ErrorCode::StateCorrupt,
                 path.text() + " is of " + manifest->service.text() + " " + manifest->version.text());
  }
  return manifest;
}

Result<std::uint64_t> ServicePackageManager::freeSpace() {
  TENON_CHECK(with_.files.makeFolders(layout_.root()));
  return with_.files.freeSpace(layout_.root());
}

Result<void> ServicePackageManager::checkSpace(std::uint64_t bytes, const std::string& what) {
  TENON_TRY(const auto free, freeSpace());
  const auto needed = bytes + limits::kDiskMarginBytes;
  if (free >= needed) return {};
  return Error(ErrorCode::DiskFull,
               sized(needed) + " are needed " + what + "; " + sized(free) + " are free at " + layout_.root().text())
      .withHint("free " + sized(needed - free) + " more there; `tenon gc` removes releases that nothing uses");
}

}  // namespace tenon::host
