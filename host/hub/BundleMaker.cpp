#include "host/hub/BundleMaker.h"

#include <libdeflate.h>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "host/contract/release/Bundle.h"
#include "host/contract/release/PackageManifest.h"
#include "host/contract/release/PackagePath.h"
#include "host/contract/release/ReleaseIndex.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/pack/EntryWriter.h"

namespace tenon::host {
namespace {

constexpr std::size_t kCopyBytes = limits::MiB;

// What a hub may lack is left out.
Result<std::optional<std::string>> ifThere(Result<std::string> text) {
  if (text) return std::optional(*std::move(text));
  if (text.error().code() == ErrorCode::NotFound) return std::optional<std::string>();
  return std::move(text).error();
}

Result<void> addSigned(ZipWriter& zip, const std::string& name, const SignedText& document) {
  TENON_CHECK(addText(zip, name, document.text));
  return addText(zip, name + kSignatureSuffix, document.signatures);
}

// Every root, so that a node which knows any of them can follow; then what the hub offers now.
Result<void> addTrust(ZipWriter& zip, HubClient& hub, const PlatformId& platform) {
  std::uint64_t version = 1;
  for (;; ++version) {
    const auto root = hub.root(version);
    if (!root && root.error().code() == ErrorCode::NotFound) break;
    if (!root) return root.error();
    if (version > limits::kRootSteps) {  // a node would stop halfway, too
      return Error(ErrorCode::LimitExceeded, "the hub has more than " + std::to_string(limits::kRootSteps) + " roots");
    }
    TENON_CHECK(addSigned(zip, "root/" + std::to_string(version) + ".json", *root));
  }
  if (version == 1) return {};  // a hub without roots
  TENON_TRY(const auto index, hub.index(platform));
  return addSigned(zip, "index/" + platform.text() + ".json", index);
}

// Service.json, which tells of the models; nothing where the hub does not serve it.
Result<std::optional<std::string>> addTexts(ZipWriter& zip, HubClient& hub, const HubVariant& variant) {
  TENON_TRY(auto service, ifThere(hub.serviceJsonOf(variant)));
  TENON_TRY(const auto manifest, ifThere(hub.manifestOf(variant)));
  TENON_TRY(const auto signature, ifThere(hub.manifestSignatureOf(variant)));
  if (service) TENON_CHECK(addText(zip, std::string(kServiceJsonName), *service));
  if (manifest) TENON_CHECK(addText(zip, std::string(kManifestName), *manifest));
  if (signature) TENON_CHECK(addText(zip, std::string(kManifestSignatureName), *signature));
  return service;
}

template <typename Use>
Result<void> forEachPiece(const ReadFile& file, const Use& use) {
  std::string piece;
  for (std::uint64_t done = 0; done < file.size(); done += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kCopyBytes, file.size() - done)));
    TENON_CHECK(file.readExactly(done, piece));
    TENON_CHECK(use(piece));
  }
  return {};
}

Result<void> addFile(ZipWriter& zip, const std::string& name, const ReadFile& file) {
  std::uint32_t crc = 0;
  TENON_CHECK(forEachPiece(file, [&](const std::string& piece) -> Result<void> {
    crc = libdeflate_crc32(crc, piece.data(), piece.size());
    return {};
  }));
  TENON_CHECK(zip.begin({.name = name, .crc32 = crc, .size = file.size()}));
  TENON_CHECK(forEachPiece(file, [&](const std::string& piece) { return zip.append(piece); }));
  return zip.end();
}

// The hub's list, as it would be if it had this release alone.
std::string listOf(HubIndex index, HubVariant variant) {
  variant.etag.clear();
  variant.url = downloadUrl(variant.release);
  std::erase_if(index.services, [&](const HubService& each) { return each.service != variant.release.service; });
  index.services.front().variants = {std::move(variant)};
  return index.toJson();
}

}  // namespace

Result<MadeBundle> BundleMaker::make(const BundleRequest& request, const Downloader::Progress& progress) {
  TENON_TRY(const auto index, hub_.list(request.wanted.service, {}));
  TENON_TRY(const auto variant, index.choose(request.wanted, {request.platform}));
  const Release& release = variant.release;
  const std::string name =
      release.service.text() + "-" + release.version.text() + "-" + release.platform.text() + std::string(kBundleSuffix);
  MadeBundle made{request.output.value_or(request.folder / name), release, 0};
  if (files_.exists(made.file)) return Error(ErrorCode::AlreadyExists, made.file.text() + " is there already");

  const Path temporary = made.file.parent() / ("." + made.file.name() + "." + uniqueSuffix() + ".tmp");
  const auto write = [&]() -> Result<void> {
    TENON_TRY(ZipWriter bundle, ZipWriter::create(files_, temporary));
    TENON_CHECK(addText(bundle, std::string(kBundleName), bundleText(release)));
    TENON_CHECK(addText(bundle, std::string(kBundleListName), listOf(index, variant)));
    TENON_CHECK(addTrust(bundle, hub_, release.platform));
    TENON_TRY(const auto service, addTexts(bundle, hub_, variant));
    TENON_TRY(auto url, hub_.artifactUrl(variant));
    const Path beside = made.file.parent() / ("." + made.file.name());
    TENON_CHECK(addDownload(bundle, std::string(kBundleZipName),
                            {std::move(url), beside, variant.sizeBytes, variant.sha256, variant.etag}, progress));
    if (service) TENON_CHECK(addModels(bundle, *service, beside, progress));
    TENON_TRY(made.bytes, bundle.finish());
    TENON_CHECK(files_.renameNew(temporary, made.file));
    return files_.syncFolder(made.file.parent());
  };
  const auto written = write();
  if (!written) static_cast<void>(files_.removeFile(temporary));
  TENON_CHECK(withContext("write " + made.file.text(), written));
  return made;
}

// Under a name that stays: a download that broke off goes on where it was.
Result<void> BundleMaker::addDownload(ZipWriter& bundle, const std::string& name, DownloadRequest request,
                                      const Downloader::Progress& progress) {
  request.file = Path(request.file.text() + "." + request.sha256.hex());
  const std::atomic<bool> never{false};
  TENON_CHECK(downloader_.download(request, never, progress));
  const auto added = [&]() -> Result<void> {
    TENON_TRY(const auto file, ReadFile::open(files_, request.file));
    return addFile(bundle, name, file);
  }();
  static_cast<void>(files_.removeFile(request.file));
  return added;
}

Result<void> BundleMaker::addModels(ZipWriter& bundle, const std::string& serviceJson, const Path& beside,
                                    const Downloader::Progress& progress) {
  TENON_TRY(const auto service, ServiceManifest::parse(serviceJson));
  for (const auto& model : service.models) {
    for (const auto& file : model.files) {
      const auto name = std::string(kModelsFolder) + model.id + "/" + model.version + "/" + file.path;
      auto url = hub_.modelUrl(model.id, model.version, file.path);
      TENON_CHECK(addDownload(bundle, name, {std::move(url), beside, file.size, file.sha256, ""}, progress));
    }
  }
  return {};
}

}  // namespace tenon::host
