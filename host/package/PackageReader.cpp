#include "host/package/PackageReader.h"

#include <algorithm>
#include <vector>

#include "host/base/Limits.h"
#include "host/package/Pieces.h"
#include "host/package/zip/ZipRecords.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

// Another thing than a zip is told by the directory's reader, which knows more.
bool beginsWithManifest(const ByteSource& zip) {
  ZipWindow window(zip, 512);
  const auto first = readZipLocal(window, 0);
  return first && first->name == kManifestName;
}

Error withoutServiceJson() {
  return Error(ErrorCode::ContentMissing, "the package has no service.json")
      .withHint("a service package is a zip with service.json at its top, as `tenon pack` makes it");
}

}  // namespace

Result<Digest> hashAll(const ByteSource& file) {
  Sha256 hash;
  std::vector<char> piece(
      static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, std::max<std::uint64_t>(file.size(), 1))));
  for (std::uint64_t done = 0; done < file.size();) {
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), file.size() - done));
    TENON_CHECK(file.readExactly(done, {piece.data(), bytes}));
    hash.update({piece.data(), bytes});
    done += bytes;
  }
  return hash.finish();
}

Result<DownloadedPackage> hashPackage(Files& files, const Path& zip) {
  TENON_TRY(const auto file, ReadFile::open(files, zip));
  if (file.size() > limits::kZipBytes) return Error(ErrorCode::ArchiveLimit, zip.text() + ": larger than a package may be");
  TENON_TRY(const auto digest, withContext(zip.text(), hashAll(file)));
  return DownloadedPackage{zip, digest, file.size()};
}

Result<std::unique_ptr<LocalPackage>> LocalPackage::open(Files& files, const Path& path) {
  TENON_TRY(auto zip, ReadFile::open(files, path));
  const bool strict = beginsWithManifest(zip);
  TENON_TRY(auto directory, ZipDirectory::read(zip, strict ? ZipRules::Strict : ZipRules::Unambiguous));
  if (!strict && directory.find(kManifestName))
    return Error(ErrorCode::ArchiveInvalid, "MANIFEST is not the first entry of the zip");
  return std::unique_ptr<LocalPackage>(new LocalPackage(std::move(zip), std::move(directory)));
}

Result<PackageClaims> readClaims(PackageContent& content) {
  const auto* manifest = content.directory().find(kManifestName);
  const auto* signature = content.directory().find(kManifestSignatureName);
  std::vector<const ZipEntry*> entries;
  for (const auto* entry : {manifest, signature, content.directory().find(kServiceJsonName)}) {
    if (entry) entries.push_back(entry);  // service.json is asked for next: one request brings all three
  }
  TENON_CHECK(content.bring(entries));
  PackageClaims claims;
  if (manifest) {
    TENON_TRY(claims.manifest, readSmallEntry(content.zip(), *manifest, limits::kManifestBytes));
  }
  if (signature) {
    TENON_TRY(claims.manifestSignature, readSmallEntry(content.zip(), *signature, limits::kManifestSignatureBytes));
  }
  return claims;
}

Result<PackageClaims> readClaims(Files& files, const Path& zip) {
  TENON_TRY(const auto content, LocalPackage::open(files, zip));
  return readClaims(*content);
}

Result<std::string> readServiceJson(PackageContent& content, const VerifiedPackage& package) {
  const auto* entry = content.directory().find(kServiceJsonName);
  if (!entry) return withoutServiceJson();
  TENON_CHECK(content.bring({entry}));
  TENON_TRY(auto text, readSmallEntry(content.zip(), *entry, limits::kServiceJsonBytes));
  if (!package.manifest()) return text;
  const auto* expected = package.manifest()->find(kServiceJsonName);
  if (!expected) return withoutServiceJson();
  if (sha256(text) != expected->sha256)
    return Error(ErrorCode::ContentMismatch, "service.json is not the one that MANIFEST names");
  return text;
}

Result<std::optional<ArtifactSignature>> readSignatureBeside(Files& files, const Path& zip) {
  const auto text = files.readAll(Path(zip.text() + ".sig.json"), limits::kManifestSignatureBytes);
  if (!text && text.error().code() == ErrorCode::NotFound) return std::optional<ArtifactSignature>();
  if (!text) return text.error();
  TENON_TRY(const auto document, withContext(zip.name() + ".sig.json", Json::parse(*text)));
  TENON_TRY(auto signature, withContext(zip.name() + ".sig.json", ArtifactSignature::parse(document)));
  return std::optional<ArtifactSignature>(std::move(signature));
}

}  // namespace tenon::host
