#include "host/hub/BundleMaker.h"

#include <libdeflate.h>

#include "host/base/Limits.h"
#include "host/contract/release/Bundle.h"
#include "host/contract/release/PackageManifest.h"
#include "host/contract/release/PackagePath.h"
#include "host/pack/EntryWriter.h"
#include "host/store/AtomicFile.h"

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
  for (; version <= limits::kRootSteps; ++version) {
    const auto root = hub.root(version);
    if (!root && root.error().code() == ErrorCode::NotFound) break;
    if (!root) return root.error();
    TENON_CHECK(addSigned(zip, "root/" + std::to_string(version) + ".json", *root));
  }
  if (version == 1) return {};  // a hub without roots
  TENON_TRY(const auto index, hub.index(platform));
  return addSigned(zip, "index/" + platform.text() + ".json", index);
}

Result<void> addTexts(ZipWriter& zip, HubClient& hub, const HubVariant& variant) {
  const std::pair<std::string_view, Result<std::string>> texts[] = {
      {kServiceJsonName, hub.serviceJsonOf(variant)},
      {kManifestName, hub.manifestOf(variant)},
      {kManifestSignatureName, hub.manifestSignatureOf(variant)}};
  for (const auto& [name, asked] : texts) {
    TENON_TRY(const auto text, ifThere(asked));
    if (text) TENON_CHECK(addText(zip, name, *text));
  }
  return {};
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

Result<void> addZip(ZipWriter& zip, const ReadFile& package) {
  std::uint32_t crc = 0;
  TENON_CHECK(forEachPiece(package, [&](const std::string& piece) -> Result<void> {
    crc = libdeflate_crc32(crc, piece.data(), piece.size());
    return {};
  }));
  TENON_CHECK(zip.begin({.name = std::string(kBundleZipName), .crc32 = crc, .size = package.size()}));
  TENON_CHECK(forEachPiece(package, [&](const std::string& piece) { return zip.append(piece); }));
  return zip.end();
}

// The hub's list, as it would be if it had this release alone.
std::string listOf(HubIndex index, HubVariant variant) {
  variant.etag.clear();
  variant.url = "/storage/services/" + variant.release.service.text() + "/" + variant.release.version.text() + "/" +
                variant.release.platform.text() + "/" + std::string(kBundleZipName);
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

  TENON_TRY(auto url, hub_.artifactUrl(variant));
  // Under a name that stays: a download that broke off goes on where it was.
  const Path zip = made.file.parent() / ("." + name + ".zip");
  const std::atomic<bool> never{false};
  TENON_CHECK(downloader_.download({std::move(url), zip, variant.sizeBytes, variant.sha256, variant.etag}, never, progress));
  const Path temporary = made.file.parent() / ("." + name + "." + uniqueSuffix() + ".tmp");
  const auto write = [&]() -> Result<void> {
    TENON_TRY(ZipWriter bundle, ZipWriter::create(files_, temporary));
    TENON_CHECK(addText(bundle, kBundleName, bundleText(release)));
    TENON_CHECK(addText(bundle, kBundleListName, listOf(index, variant)));
    TENON_CHECK(addTrust(bundle, hub_, release.platform));
    TENON_CHECK(addTexts(bundle, hub_, variant));
    TENON_TRY(const auto package, ReadFile::open(files_, zip));
    TENON_CHECK(addZip(bundle, package));
    TENON_TRY(made.bytes, bundle.finish());
    TENON_CHECK(files_.renameNew(temporary, made.file));
    return files_.syncFolder(made.file.parent());
  };
  const auto written = write();
  if (!written) static_cast<void>(files_.removeFile(temporary));
  static_cast<void>(files_.removeFile(zip));
  TENON_CHECK(withContext("write " + made.file.text(), written));
  return made;
}

}  // namespace tenon::host
