#include "host/pack/Packer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "host/trust/Sha256.h"
#include "tests/host/pack/ServiceFolder.h"
#include "tests/host/pack/StrictZip.h"
#include "tests/support/DiskOffers.h"

namespace tenon::host {
namespace {

using PackerTest = ServiceFolder;
using Paths = std::vector<std::string>;

TEST_F(PackerTest, WritesManifestThenExactlyItsFilesInItsOrder) {
  const auto packed = pack(signedRequest());
  ASSERT_TRUE(packed) << packed.error().message();
  EXPECT_EQ(packed->file, out_ / kFile);
  const std::string bytes = out_.read(kFile);
  EXPECT_EQ(packed->zipBytes, bytes.size());
  EXPECT_EQ(packed->zipSha256, sha256(bytes));
  const StrictZip zip(bytes);
  Paths names;
  for (const StrictEntry& entry : zip.entries()) names.push_back(entry.name);
  EXPECT_EQ(names, (Paths{"MANIFEST", "MANIFEST.sig", "app/main.py", "models/weights.bin", "service.json"}));
  const auto manifest = PackageManifest::parse(zip.find("MANIFEST")->content);
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(manifest->text(), packed->manifest.text());
  for (const ManifestFile& file : manifest->files) {
    EXPECT_EQ(sha256(zip.find(file.path)->content), file.sha256) << file.path;
    EXPECT_EQ(zip.find(file.path)->content, folder_.read(file.path)) << file.path;
  }
}

TEST_F(PackerTest, SignsWithTheKeyAndVerifies) {
  const auto packed = pack(signedRequest());
  ASSERT_TRUE(packed) << packed.error().message();
  const std::string bytes = out_.read(kFile);
  const StrictZip zip(bytes);
  KeyRing keys;
  ASSERT_TRUE(keys.add(publicKeyOf(signedRequest().keys.front()), "", "a test"));
  const PackageClaims claims{zip.find("MANIFEST")->content, zip.find("MANIFEST.sig")->content, std::nullopt};
  const DownloadedPackage download{packed->file, packed->zipSha256, packed->zipBytes};
  const auto verified = SignatureVerifier(keys).verify(download, claims, packed->manifest.release);
  ASSERT_TRUE(verified) << verified.error().message();

  // And as the owner's earlier nodes do it, without MANIFEST.
  const auto json = Json::parse(out_.read(std::string(kFile) + ".sig.json"));
  ASSERT_TRUE(json) << json.error().message();
  const auto signature = ArtifactSignature::parse(*json);
  ASSERT_TRUE(signature) << signature.error().message();
  const auto asOrigin =
      SignatureVerifier(keys).verify(download, {std::nullopt, std::nullopt, *signature}, packed->manifest.release);
  EXPECT_TRUE(asOrigin) << asOrigin.error().message();
}

TEST_F(PackerTest, WritesAnUnsignedPackageWithoutKey) {
  ASSERT_TRUE(pack(signedRequest()));
  ASSERT_TRUE(out_.exists(std::string(kFile) + ".sig.json"));
  const auto packed = pack(request());
  ASSERT_TRUE(packed) << packed.error().message();
  const std::string bytes = out_.read(kFile);
  EXPECT_NE(StrictZip(bytes).find("MANIFEST"), nullptr);
  EXPECT_EQ(StrictZip(bytes).find("MANIFEST.sig"), nullptr);
  EXPECT_FALSE(out_.exists(std::string(kFile) + ".sig.json")) << "the signature of the zip that was there before";
}

TEST_F(PackerTest, GivesTheSameBytesForTheSameFolder) {
  folder_.write("app/text.txt", words(700'000));
  folder_.write("app/large.txt", words(9'000'000));
  folder_.write("models/large.bin", noise(9'000'000));
  for (int i = 0; i < 300; ++i) folder_.write("app/many/" + std::to_string(i), words(static_cast<std::size_t>(i) * 37));
  ASSERT_TRUE(pack(signedRequest(), 2));
  const std::string bytes = out_.read(kFile), signature = out_.read(std::string(kFile) + ".sig.json");
  const StrictZip zip(bytes);
  EXPECT_EQ(zip.find("app/large.txt")->method, 8u);
  EXPECT_EQ(zip.find("models/large.bin")->method, 0u);
  for (const std::size_t threads : {0u, 1u, 5u}) {
    ASSERT_TRUE(pack(signedRequest(), threads));
    EXPECT_TRUE(out_.read(kFile) == bytes) << threads << " threads";
    EXPECT_EQ(out_.read(std::string(kFile) + ".sig.json"), signature);
  }
}

// The same on every system: times, modes and order are of the format, and Deflate is that of Debian 12's libdeflate. Another
// version of that library may pack otherwise; then, and only then, may these change.
TEST_F(PackerTest, GivesTheSameBytesOnEverySystem) {
  folder_.write("app/serve", "#!/bin/sh\nexec python3 app/main.py\n");
  folder_.write("app/words.txt", words(100'000));
  const auto packed = pack(signedRequest());
  ASSERT_TRUE(packed) << packed.error().message();
  const std::string bytes = out_.read(kFile);
  const StrictZip zip(bytes);
  EXPECT_EQ(zip.find("app/words.txt")->method, 8u);
  EXPECT_EQ(zip.find("models/weights.bin")->method, 0u);
  EXPECT_EQ(zip.find("app/serve")->mode, 0100755u);
  EXPECT_EQ(sha256(packed->manifest.text()).hex(), "8c2b90ba75bc475ee6567b4a5f646d936a83b44a5cf1c22b7f7661e1322235d4");
  EXPECT_EQ(packed->zipSha256.hex(), "9aa748b871e79fdffa34bf96e31b84f5fc292ac3d68629e50da346a4c7227fae");
}

TEST_F(PackerTest, DoesNotCareAboutModesAndTimes) {
  ASSERT_TRUE(pack(request()));
  const std::string bytes = out_.read(kFile);
  namespace fs = std::filesystem;
  fs::permissions((folder_ / "app/main.py").text(), fs::perms::owner_all | fs::perms::others_exec);
  fs::last_write_time((folder_ / "app/main.py").text(), fs::file_time_type::clock::now() - std::chrono::hours(1000));
  ASSERT_TRUE(pack(request()));
  EXPECT_TRUE(out_.read(kFile) == bytes);
}

TEST_F(PackerTest, DecidesByContentWhatIsExecutable) {
  folder_.write("app/run.sh", "#!/bin/sh\n");
  folder_.write("app/tool", std::string("\x7f"
                                        "ELF") +
                                noise(100));
  folder_.write("app/plain", "ELF");
  folder_.write("app/bin/helper", "no magic");
  folder_.write("app/tool.exe", "MZ");
  folder_.write("service.json", serviceJson(R"("files": {"requires": ["app/"], "executable": ["app/bin/*"]})"));
  const bool links = diskHasSymlinks();
  if (links) link("app/latest", "run.sh");
  const auto packed = pack(request());
  ASSERT_TRUE(packed) << packed.error().message();
  using Kind = ManifestFile::Kind;
  const std::string bytes = out_.read(kFile);
  const StrictZip zip(bytes);
  std::vector<std::tuple<const char*, Kind, unsigned>> expected = {{"app/run.sh", Kind::Executable, 0100755u},
                                                                   {"app/tool", Kind::Executable, 0100755u},
                                                                   {"app/plain", Kind::Plain, 0100644u},
                                                                   {"app/bin/helper", Kind::Executable, 0100755u},
                                                                   {"app/tool.exe", Kind::Plain, 0100644u}};
  if (links) expected.emplace_back("app/latest", Kind::Symlink, 0120777u);
  for (const auto& [path, kind, mode] : expected) {
    EXPECT_EQ(packed->manifest.find(path)->kind, kind) << path;
    EXPECT_EQ(zip.find(path)->mode, mode) << path;
  }
}

TEST_F(PackerTest, StoresLinksWithTheirTarget) {
  TENON_NEEDS_SYMLINKS();
  folder_.write("app/" + std::string(100, 'a'), "");
  link("app/link", std::string(100, 'a'));
  const auto packed = pack(request());
  ASSERT_TRUE(packed) << packed.error().message();
  const ManifestFile* file = packed->manifest.find("app/link");
  EXPECT_EQ(file->size, 100u);
  EXPECT_EQ(file->sha256, sha256(std::string(100, 'a')));
  const std::string bytes = out_.read(kFile);
  EXPECT_EQ(StrictZip(bytes).find("app/link")->method, 0u) << "though it would pack well";
}

TEST_F(PackerTest, StoresWhatDoesNotShrink) {
  folder_.write("app/words", words(10'000));
  folder_.write("app/empty", "");
  ASSERT_TRUE(pack(request()));
  const std::string bytes = out_.read(kFile);
  const StrictZip zip(bytes);
  EXPECT_EQ(zip.find("models/weights.bin")->method, 0u);
  EXPECT_EQ(zip.find("app/words")->method, 8u);
  EXPECT_LT(zip.find("app/words")->packedBytes, 3000u);
  EXPECT_EQ(zip.find("app/empty")->method, 0u);
}

TEST_F(PackerTest, PacksLargeFilesInPieces) {
  // At, just past, and well past the borders of pieces; the last window of pieces is not full.
  for (const std::size_t size : {4u << 20, (4u << 20) + 1, (5u << 20), (18u << 20) + 12'345}) {
    folder_.write("models/" + std::to_string(size), words(size));
  }
  folder_.write("models/mixed", noise(3 << 20) + words(6 << 20));
  ASSERT_TRUE(pack(request()));
  const std::string bytes = out_.read(kFile);
  const StrictZip zip(bytes);
  for (const StrictEntry& entry : zip.entries()) {
    if (entry.name.starts_with("models/") && entry.name != "models/weights.bin") {
      EXPECT_EQ(entry.method, 8u) << entry.name;
      EXPECT_TRUE(entry.content == folder_.read(entry.name)) << entry.name;
    }
  }
}

TEST_F(PackerTest, WritesTheSequenceAndTheNumbersIntoManifest) {
  PackRequest request = this->request();
  request.sequence = 37;
  const auto packed = pack(request);
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->manifest.sequence, 37u);
  const std::string bytes = out_.read(kFile);
  EXPECT_TRUE(StrictZip(bytes)
                  .find("MANIFEST")
                  ->content.starts_with(
                      "tenon-manifest 1\nservice nmt-zh-en\nversion 1.3.0\nplatform linux-x64\nsequence 37\nfiles 3 "));
}

TEST_F(PackerTest, WritesWhereItIsTold) {
  PackRequest request = this->request();
  request.output = Path("sub.zip");
  EXPECT_EQ(pack(request)->file, out_ / "sub.zip");
  request.output = out_ / "there.zip";
  EXPECT_EQ(pack(request)->file, out_ / "there.zip");
  EXPECT_TRUE(out_.exists("sub.zip") && out_.exists("there.zip"));
}

TEST_F(PackerTest, LeavesItsOwnOutputOutOfTheFolderItPacks) {
  folder_.write("service.json", serviceJson(""));
  PackRequest request = signedRequest();
  request.workingFolder = folder_.path();
  request.folder = Path(".");
  folder_.write("nmt-zh-en-1.2.0-linux-x64.zip", "an earlier version");
  folder_.write("nmt-zh-en-1.2.0-linux-x64.zip.sig.json", "its signature");
  folder_.write("nmt-zh-en-data.zip", "content of the service's own");
  const auto first = pack(request);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(pathsOf(first->manifest), (Paths{"app/main.py", "models/weights.bin", "nmt-zh-en-data.zip", "service.json"}));
  const std::string bytes = folder_.read(kFile);
  ASSERT_TRUE(pack(request));
  EXPECT_TRUE(folder_.read(kFile) == bytes);
  request.output = Path("mine.zip");
  ASSERT_TRUE(pack(request));
  EXPECT_EQ(pathsOf(pack(request)->manifest), pathsOf(first->manifest));
}

TEST_F(PackerTest, AsksForThePlatformWhereThereAreSeveral) {
  folder_.write("service.json",
                serviceJson("", "linux-x64", R"(, "linux-arm64": {"exec": {"type": "argv", "program": "x"}})"));
  expectError(pack(request()), ErrorCode::Usage, "linux-arm64, linux-x64", "--platform");
  PackRequest request = this->request();
  request.platform = *PlatformId::parse("linux-arm64");
  const auto packed = pack(request);
  ASSERT_TRUE(packed) << packed.error().message();
  EXPECT_EQ(packed->file.name(), "nmt-zh-en-1.3.0-linux-arm64.zip");
  request.platform = *PlatformId::parse("windows-x64");
  expectError(pack(request), ErrorCode::PlatformUnsupported, "windows-x64");
}

TEST_F(PackerTest, WantsPythonInsideAWindowsPackage) {
  folder_.write("service.json", serviceJson("", "windows-x64"));
  expectError(pack(request()), ErrorCode::ContentMissing, "runtime/python/");
  folder_.write("runtime/python/python.exe", "MZ");
  EXPECT_TRUE(pack(request()));
}

TEST_F(PackerTest, ChecksWithoutWritingWhatPackingWouldRefuse) {
  WorkerPool pool(1);
  Packer packer(*files_, pool);
  EXPECT_TRUE(packer.check(request()));
  folder_.write("service.json", serviceJson(R"("files": {"requires": ["app/", "data/"]})"));
  const auto checked = packer.check(request());
  expectError(checked, ErrorCode::ContentMissing, "files.requires: data/ is not there");
  EXPECT_EQ(checked.error().field(), "files.requires[1]");
  EXPECT_TRUE(std::filesystem::is_empty(out_.text()));
}

TEST_F(PackerTest, TellsHowFarItIs) {
  folder_.write("app/large", noise(6 << 20));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  WorkerPool pool(3);
  ASSERT_TRUE(Packer(*files_, pool).pack(request(), [&](std::uint64_t done, std::uint64_t total) {
    told.emplace_back(done, total);
  }));
  ASSERT_FALSE(told.empty());
  for (std::size_t i = 1; i < told.size(); ++i) EXPECT_GE(told[i].first, told[i - 1].first);
  EXPECT_EQ(told.back().first, told.back().second);
}

}  // namespace
}  // namespace tenon::host
