#include "host/package/ServicePackageManager.h"

#include <algorithm>

#include "host/package/PackageReader.h"
#include "host/package/ReleaseStager.h"
#include "host/trust/KeyFile.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

// "1.5 GB": for people, in the unit that disks are sold in.
std::string sized(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  std::uint64_t tenths = bytes * 10;
  for (; tenths >= 10'000 && unit + 1 < std::size(kUnits); ++unit) tenths /= 1000;
  const auto fraction = unit == 0 || tenths >= 100 ? "" : "." + std::to_string(tenths % 10);
  return std::to_string(tenths / 10) + fraction + " " + std::string(kUnits[unit]);
}

Error withoutHub() {
  return Error(ErrorCode::Usage, "no hub is configured")
      .withHint("start the agent with --hub http://host:port, or install a package file");
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Result<StagedRelease> ServicePackageManager::fetch(const HubVariant& variant, const Accept& accept, JournalRecord journal,
                                                   const std::atomic<bool>& cancelled, PackageProgress& progress) {
  if (!with_.hub) return withoutHub();
  progress.step("fetch", sized(variant.sizeBytes) + " from " + with_.hub->hub());
  TENON_TRY(auto there, knownToHub(variant));
  if (there) return *std::move(there);
  TENON_TRY(auto package, download(variant, cancelled, progress));
  const auto zip = package.zip;
  auto staged = admit({std::move(package), variant.signature, variant.release}, accept, std::move(journal), progress);
  // Unpacked or refused: either way it is of no more use. What stays is swept with the cache.
  static_cast<void>(with_.files.removeFile(zip));
  return staged;
}

Result<VariantPreview> ServicePackageManager::preview(const HubVariant& variant) {
  if (!with_.hub) return withoutHub();
  VariantPreview preview;
  PackageClaims claims{.artifactSignature = variant.signature};
  auto manifest = with_.hub->manifestOf(variant);
  if (manifest) {
    claims.manifest = *std::move(manifest);
    if (auto signature = with_.hub->manifestSignatureOf(variant)) claims.manifestSignature = *std::move(signature);
  } else if (manifest.error().code() != ErrorCode::NotFound) {
    return std::move(manifest).error();
  }
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
  return preview;
}

Result<StagedRelease> ServicePackageManager::take(const Path& zip, const Accept& accept, JournalRecord journal,
                                                  PackageProgress& progress) {
  progress.step("fetch", zip.text());
  TENON_TRY(auto package, hashPackage(with_.files, zip));
  TENON_TRY(auto signature, readSignatureBeside(with_.files, zip));
  return admit({std::move(package), std::move(signature), std::nullopt}, accept, std::move(journal), progress);
}

Result<DownloadedPackage> ServicePackageManager::download(const HubVariant& variant, const std::atomic<bool>& cancelled,
                                                          PackageProgress& progress) {
  TENON_TRY(auto url, with_.hub->artifactUrl(variant));
  // Named by content: no two downloads meet in one file, and no name is too long for a disk.
  DownloadRequest request{std::move(url), layout_.cache() / (variant.sha256.hex() + ".zip"), variant.sizeBytes,
                          variant.sha256, variant.etag};
  TENON_CHECK(with_.files.makeFolders(layout_.cache()));
  const auto part = with_.files.inspect(Path(request.file.text() + ".part"));
  const auto here = part ? std::min(part->size, variant.sizeBytes) : 0;
  // Unpacked it is at least about as large as packed; the exact figure is checked once MANIFEST is here.
  const auto needed = std::min(variant.sizeBytes, limits::kZipBytes) * 2 - here;
  TENON_CHECK(checkSpace(needed, "to download and unpack " + variant.release.text()));
  return with_.downloader.download(request, cancelled,
                                   [&](std::uint64_t done, std::uint64_t total) { progress.bytes(done, total); });
}

Result<StagedRelease> ServicePackageManager::admit(Incoming incoming, const Accept& accept, JournalRecord journal,
                                                   PackageProgress& progress) {
  progress.step("verify", incoming.package.zip.name());
  TENON_TRY(const auto package, verify(std::move(incoming)));
  TENON_TRY(auto manifest, readManifest(package));
  TENON_TRY(auto there, alreadyThere(package.release(), package.identity()));
  if (there) return *std::move(there);
  if (accept) TENON_CHECK(accept(package, manifest));
  return stage(package, std::move(manifest), std::move(journal), progress);
}

Result<VerifiedPackage> ServicePackageManager::verify(Incoming incoming) {
  TENON_TRY(auto claims, readClaims(with_.files, incoming.package.zip));
  claims.artifactSignature = std::move(incoming.signature);
  TENON_TRY(auto package, with_.verifier.verify(std::move(incoming.package), claims, incoming.expected));
  const auto& platform = package.release().platform.text();
  if (std::find(platforms_.begin(), platforms_.end(), platform) == platforms_.end()) {
    return Error(ErrorCode::PlatformUnsupported, package.release().text() + " is not for this node")
        .withHint("this node runs packages for " + joined(platforms_));
  }
  return package;
}

Result<ServiceManifest> ServicePackageManager::readManifest(const VerifiedPackage& package) {
  TENON_TRY(const auto text, readServiceJson(with_.files, package));
  TENON_TRY(auto manifest, withContext("service.json of " + package.release().text(), ServiceManifest::parse(text)));
  const auto& release = package.release();
  if (manifest.service != release.service || manifest.version != release.version) {
    return Error(ErrorCode::BindingMismatch, "the package is signed as " + release.text() + ", but its service.json is of " +
                                                 manifest.service.text() + " " + manifest.version.text());
  }
  TENON_CHECK(manifest.variant(release.platform));
  return manifest;
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
Result<std::optional<StagedRelease>> ServicePackageManager::knownToHub(const HubVariant& variant) {
  const InstalledStore store(with_.files, layout_.service(variant.release.service));
  const auto& [service, version, platform] = variant.release;
  const auto installed = store.identityOf(version, platform, &sha256);
  if (!installed) return std::optional<StagedRelease>();
  bool same = *installed == variant.sha256;
  if (!same && with_.files.exists(store.layout().release(version, platform) / kManifestName)) {
    const auto manifest = with_.hub->manifestOf(variant);
    same = manifest && sha256(*manifest) == *installed;
  }
  if (!same) return std::optional<StagedRelease>();
  return alreadyThere(variant.release, *installed);
}

Result<StagedRelease> ServicePackageManager::stage(const VerifiedPackage& package, ServiceManifest manifest,
                                                   JournalRecord journal, PackageProgress& progress) {
  Unpacker unpacker(with_.files, with_.pool);
  TENON_TRY(const auto bytes, unpacker.sizeOf(package));
  TENON_CHECK(checkSpace(bytes, "to unpack " + package.release().text()));
  progress.step("unpack", sized(bytes) + ", signed by " + shortKeyId(package.signedBy()));
  ReleaseStager stager(with_.files, layout_);
  TENON_TRY(auto release, stager.stage(package, manifest, std::move(journal), [&](const Path& tree) {
    return unpacker.unpack(package, tree, [&](std::uint64_t done, std::uint64_t total) { progress.bytes(done, total); });
  }));
  return StagedRelease{std::move(release), std::move(manifest), false};
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
