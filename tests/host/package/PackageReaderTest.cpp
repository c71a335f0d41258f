#include "host/package/PackageReader.h"

#include <gtest/gtest.h>

#include "tests/host/package/PackageMaker.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class PackageReaderTest : public testing::Test {
 protected:
  Path write(const MadeZip& zip) { return folder_.write("x.zip", zip.bytes()); }
  Result<std::string> serviceJsonOf(const MadeZip& zip, bool withArtifactSignature = false) {
    const auto path = write(zip);
    TENON_TRY(auto package, hashPackage(*files_, path));
    TENON_TRY(const auto content, LocalPackage::open(*files_, path));
    TENON_TRY(auto claims, readClaims(*content));
    if (withArtifactSignature) claims.artifactSignature = maker_.artifactSignature(zip.bytes());
    TENON_TRY(const auto verified, SignatureVerifier(maker_.ring()).verify(std::move(package), claims, std::nullopt));
    return readServiceJson(*content, verified);
  }

  PackageMaker maker_;
  TempFolder folder_;
  MachineFiles files_;
};

TEST_F(PackageReaderTest, HashesAFileAsADownloadWould) {
  for (const std::size_t bytes : {0U, 1U, (1U << 20) - 1, 1U << 20, (3U << 20) + 7}) {
    const std::string content(bytes, 'h');
    const auto package = hashPackage(*files_, folder_.write("x.zip", content)).value();
    EXPECT_EQ(package.sha256, sha256(content));
    EXPECT_EQ(package.sizeBytes, bytes);
  }
  EXPECT_EQ(hashPackage(*files_, folder_ / "missing").error().code(), ErrorCode::NotFound);
}

TEST_F(PackageReaderTest, TakesOutManifestAndSignature) {
  const auto zip = maker_.zip();
  const auto claims = readClaims(*files_, write(zip)).value();
  EXPECT_EQ(claims.manifest, maker_.manifest().text());
  EXPECT_EQ(claims.manifestSignature, zip.entries[1].content);
  EXPECT_FALSE(claims.artifactSignature);
}

TEST_F(PackageReaderTest, ClaimsNothingForAZipWithoutManifest) {
  const auto claims = readClaims(*files_, write(maker_.plainZip())).value();
  EXPECT_FALSE(claims.manifest);
  EXPECT_FALSE(claims.manifestSignature);
}

TEST_F(PackageReaderTest, ShowsASignatureWhoseManifestWasTakenOut) {
  auto zip = maker_.zip();
  zip.entries.erase(zip.entries.begin());
  const auto claims = readClaims(*files_, write(zip)).value();
  EXPECT_FALSE(claims.manifest);
  EXPECT_TRUE(claims.manifestSignature);
}

TEST_F(PackageReaderTest, HoldsAZipWithManifestToTheStrictRules) {
  auto zip = maker_.zip();
  zip.comment = "a comment";
  EXPECT_EQ(readClaims(*files_, write(zip)).error().code(), ErrorCode::ArchiveInvalid);
  zip.comment.clear();
  std::swap(zip.entries[0], zip.entries[3]);  // else the milder rules could be had by moving it
  EXPECT_EQ(readClaims(*files_, write(zip)).error().code(), ErrorCode::ArchiveInvalid);
}

TEST_F(PackageReaderTest, RefusesAManifestPastTheLimit) {
  auto zip = maker_.zip();
  zip.entries[1].content = std::string(limits::kManifestSignatureBytes + 1, 's');
  EXPECT_EQ(readClaims(*files_, write(zip)).error().code(), ErrorCode::ArchiveLimit);
}

TEST_F(PackageReaderTest, ReadsServiceJson) {
  EXPECT_EQ(serviceJsonOf(maker_.zip()).value(), maker_.files["service.json"].text);
  EXPECT_EQ(serviceJsonOf(maker_.plainZip(), true).value(), maker_.files["service.json"].text);
}

TEST_F(PackageReaderTest, RefusesAServiceJsonThatManifestDoesNotName) {
  auto zip = maker_.zip();
  zip.entries.back().content[5] = 'x';
  ASSERT_EQ(zip.entries.back().name, "service.json");
  EXPECT_EQ(serviceJsonOf(zip).error().code(), ErrorCode::ContentMismatch);
}

TEST_F(PackageReaderTest, MissesAServiceJson) {
  maker_.files.erase("service.json");
  EXPECT_EQ(serviceJsonOf(maker_.zip()).error().code(), ErrorCode::ContentMissing);
  EXPECT_EQ(serviceJsonOf(maker_.plainZip(), true).error().code(), ErrorCode::ContentMissing);
}

}  // namespace
}  // namespace tenon::host
