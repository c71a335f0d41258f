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
bool beginsWithManifest(const ReadFile& zip) {
  ZipWindow window(zip, 512);
  const auto first = readZipLocal(window, 0);
  return first && first->name == kManifestName;
}

Error withoutServiceJson() {
  return Error(ErrorCode::ContentMissing, "the package has no service.json")
      .withHint("a service package is a zip with service.json at its top, as `tenon pack` makes it");
}

}  // namespace

Result<Digest> hashAll(const ReadFile& file) {
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

Result<ZipDirectory> readPackageDirectory(const ReadFile& zip) {
  if (beginsWithManifest(zip)) return ZipDirectory::read(zip, ZipRules::Strict);
  TENON_TRY(auto directory, ZipDirectory::read(zip, ZipRules::Unambiguous));
  if (directory.find(kManifestName)) return Error(ErrorCode::ArchiveInvalid, "MANIFEST is not the first entry of the zip");
  return directory;
}

Result<PackageClaims> readClaims(Files& files, const Path& zip) {
  TENON_TRY(const auto file, ReadFile::open(files, zip));
  TENON_TRY(const auto directory, readPackageDirectory(file));
  PackageClaims claims;
  if (const auto* manifest = directory.find(kManifestName)) {
    TENON_TRY(claims.manifest, readSmallEntry(file, *manifest, limits::kManifestBytes));
  }
  if (const auto* signature = directory.find(kManifestSignatureName)) {
    TENON_TRY(claims.manifestSignature, readSmallEntry(file, *signature, limits::kManifestSignatureBytes));
  }
  return claims;
}

Result<std::string> readServiceJson(Files& files, const VerifiedPackage& package) {
  TENON_TRY(const auto file, ReadFile::open(files, package.package().zip));
  // Its local headers were seen by readClaims(), and its content has to have MANIFEST's hash.
  TENON_TRY(const auto directory, package.manifest() ? ZipDirectory::read(file, ZipRules::Strict, ZipHeaders::Known)
                                                     : ZipDirectory::read(file, ZipRules::Unambiguous));
  const auto* entry = directory.find(kServiceJsonName);
  if (!entry) return withoutServiceJson();
  TENON_TRY(auto text, readSmallEntry(file, *entry, limits::kServiceJsonBytes));
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
