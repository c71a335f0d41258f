#include "host/package/Unpacker.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "host/package/PackageReader.h"
#include "tests/host/package/PackageMaker.h"
#include "tests/support/DiskOffers.h"
#include "tests/support/ForwardingFiles.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"
#include "tests/support/UnsyncedFiles.h"

namespace tenon::host {
namespace {

namespace fs = std::filesystem;
using Kind = ManifestFile::Kind;

class UnpackerTest : public testing::Test {
 protected:
  Result<VerifiedPackage> verify(const MadeZip& zip, bool withArtifactSignature = false) {
    const auto bytes = zip.bytes();
    folder_.write("x.zip", bytes);
    TENON_TRY(auto package, hashPackage(files_, folder_ / "x.zip"));
    TENON_TRY(auto claims, readClaims(files_, folder_ / "x.zip"));
    if (withArtifactSignature) claims.artifactSignature = maker_.artifactSignature(bytes);
    return SignatureVerifier(maker_.ring()).verify(std::move(package), claims, maker_.release);
  }
  Result<UnpackedPackage> unpack(const MadeZip& zip, bool withArtifactSignature = false) {
    TENON_TRY(const auto package, verify(zip, withArtifactSignature));
    return unpack(package);
  }
  Result<UnpackedPackage> unpack(const VerifiedPackage& package) { return unpack(package, files_, {}); }
  Result<UnpackedPackage> unpack(const VerifiedPackage& package, Files& files, const Unpacker::Progress& progress) {
    TENON_TRY(const auto content, LocalPackage::open(files, package.package().zip));
    return Unpacker(files, pool_, nullptr).unpack(package, *content, folder_ / "staging/tree", progress);
  }
  void refused(const MadeZip& zip, ErrorCode code, const std::string& why, bool withArtifactSignature = false) {
    const auto unpacked = unpack(zip, withArtifactSignature);
    ASSERT_FALSE(unpacked);
    EXPECT_EQ(unpacked.error().code(), code) << unpacked.error().message();
    EXPECT_NE(unpacked.error().message().find(why), std::string::npos) << unpacked.error().message();
    sweep();
  }
  void sweep() { fs::remove_all((folder_ / "staging").text()); }  // a half is the caller's
  std::string tree(const std::string& path) { return folder_.read("staging/tree/" + path); }
  bool executable(const std::string& path) {
    return (fs::status((folder_ / ("staging/tree/" + path)).text()).permissions() & fs::perms::others_exec) !=
           fs::perms::none;
  }

  PackageMaker maker_;
  TempFolder folder_;
  MachineFiles machine_;
  UnsyncedFiles files_{*machine_};
  WorkerPool pool_{2};
};

TEST_F(UnpackerTest, MakesExactlyTheTreeThatWasSigned) {
  const bool links = diskHasSymlinks(), modes = diskHasModes();
  if (links) maker_.files["runtime/bin/link"] = {"../lib/so", Kind::Symlink};
  maker_.files["runtime/lib/so"] = {
      "\x7f"
      "ELF",
      Kind::Plain};
  maker_.files["empty"] = {""};
  const auto zip = maker_.zip();
  const auto unpacked = unpack(zip);
  ASSERT_TRUE(unpacked) << unpacked.error().message();
  EXPECT_EQ(unpacked->identity, sha256(maker_.manifest().text()));
  EXPECT_EQ(unpacked->release, maker_.release);
  EXPECT_EQ(tree("MANIFEST"), maker_.manifest().text());
  EXPECT_EQ(tree("MANIFEST.sig"), zip.entries[1].content);
  EXPECT_EQ(tree("empty"), "");
  std::size_t found = 0;
  for (const auto& entry : fs::recursive_directory_iterator((folder_ / "staging/tree").text()))
    found += entry.is_directory() ? 0U : 1U;
  EXPECT_EQ(found, maker_.files.size() + 2);
  if (links) {
    EXPECT_EQ(fs::read_symlink((folder_ / "staging/tree/runtime/bin/link").text()), "../lib/so");
  }
  EXPECT_EQ(executable("app/main.py"), modes);
  EXPECT_FALSE(executable("runtime/lib/so"));  // MANIFEST says plain, whatever it looks like
  EXPECT_FALSE(executable("models/weights.bin"));
}

TEST_F(UnpackerTest, PassesTheBarrierOfARealDisk) {
  const auto package = verify(maker_.zip()).value();
  ASSERT_TRUE(unpack(package, *machine_, {}));
  EXPECT_EQ(tree("models/weights.bin"), maker_.files["models/weights.bin"].text);
}

TEST_F(UnpackerTest, WritesManyFilesOfManyFoldersByTwoWorkers) {
  for (int i = 0; i < 3000; ++i) {
    maker_.files["lib/p" + std::to_string(i % 97) + "/q" + std::to_string(i % 5) + "/f" + std::to_string(i)] = {
        std::string(static_cast<std::size_t>(i), 'f'), Kind::Plain, i % 2 == 0};
  }
  maker_.files["models/big"] = {std::string(33 << 20, 'b')};
  maker_.files["models/packed"] = {std::string(9 << 20, 'p'), Kind::Plain, true};
  const auto unpacked = unpack(maker_.zip());
  ASSERT_TRUE(unpacked) << unpacked.error().message();
  for (const auto& [path, content] : maker_.files) {
    const auto written = files_.readAll(folder_ / ("staging/tree/" + path), 64 * limits::MiB);
    ASSERT_TRUE(written && *written == content.text) << path;
  }
}

TEST_F(UnpackerTest, TellsHowFarItIsAndEndsAtTheWhole) {
  maker_.files["models/weights.bin"] = {std::string(9 << 20, 'w')};
  const auto package = verify(maker_.zip()).value();
  std::mutex mutex;
  std::uint64_t last = 0, whole = 0;
  int calls = 0;
  ASSERT_TRUE(unpack(package, files_, [&](std::uint64_t done, std::uint64_t total) {
    const std::lock_guard lock(mutex);
    last = std::max(last, done);
    whole = total;
    ++calls;
  }));
  EXPECT_EQ(last, whole);
  EXPECT_LE(calls, 300);
}

TEST_F(UnpackerTest, SaysWhatItWillWrite) {
  const auto content = [&] { return LocalPackage::open(files_, folder_ / "x.zip").value(); };
  const Unpacker unpacker(files_, pool_, nullptr);
  const auto made = verify(maker_.zip()).value();
  const auto work = unpacker.workOf(made, *content()).value();
  EXPECT_EQ(work.files, maker_.files.size() + 2);  // and MANIFEST with its signature
  EXPECT_GT(work.bytes, maker_.manifest().totalBytes());
  EXPECT_EQ(work.bytes, work.totalBytes);
  const auto plain = verify(maker_.plainZip(), true).value();
  EXPECT_EQ(unpacker.workOf(plain, *content()).value().bytes, maker_.manifest().totalBytes());
}

TEST_F(UnpackerTest, Case61NeverWritesIntoAFolderThatIsThere) {
  folder_.write("staging/tree/mine", "keep");
  const auto unpacked = unpack(maker_.zip());
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(tree("mine"), "keep");
}

TEST_F(UnpackerTest, NamesThePackageInItsErrors) {
  auto zip = maker_.zip();
  zip.entries.pop_back();
  const auto unpacked = unpack(zip);
  ASSERT_FALSE(unpacked);
  EXPECT_TRUE(unpacked.error().message().starts_with("unpack asr 1.3.0 linux-x64: ")) << unpacked.error().message();
}

TEST_F(UnpackerTest, Case39RefusesAFileThatIsNotInManifest) {
  auto zip = maker_.zip();
  zip.entries.push_back(PackageMaker::entry("zzz", {"extra"}));
  refused(zip, ErrorCode::ContentExtra, "zzz");
  zip = maker_.zip();
  zip.entries.insert(zip.entries.begin() + 2, PackageMaker::entry("aaa", {"extra"}));
  refused(zip, ErrorCode::ContentExtra, "aaa");
}

TEST_F(UnpackerTest, Case39RefusesAMissingFile) {
  for (std::size_t i = 2; i < 5; ++i) {
    auto zip = maker_.zip();
    const auto name = zip.entries[i].name;
    zip.entries.erase(zip.entries.begin() + static_cast<std::ptrdiff_t>(i));
    refused(zip, ErrorCode::ContentMissing, name);
  }
}

TEST_F(UnpackerTest, RefusesAnotherOrder) {
  auto zip = maker_.zip();
  std::swap(zip.entries[2], zip.entries[3]);
  refused(zip, ErrorCode::ArchiveInvalid, "does not stand where");
  zip = maker_.zip();
  std::swap(zip.entries[1], zip.entries[2]);
  refused(zip, ErrorCode::ArchiveInvalid, "MANIFEST.sig");
}

TEST_F(UnpackerTest, Case40RefusesOtherContentOfTheSameSize) {
  for (const bool deflate : {false, true}) {
    auto zip = maker_.zip();
    zip.entries[3].content[1500] = 'x';
    zip.entries[3].deflate = deflate;
    refused(zip, ErrorCode::ContentMismatch, "models/weights.bin");
  }
}

TEST_F(UnpackerTest, RefusesContentOfAnotherSize) {
  auto zip = maker_.zip();
  zip.entries[3].content += "more";
  refused(zip, ErrorCode::ContentMismatch, "size");
}

TEST_F(UnpackerTest, RefusesAManifestThatIsNotTheVerifiedOne) {
  auto stored = maker_.zip();
  stored.entries[0].deflate = false;
  const auto package = verify(stored).value();
  auto other = maker_;
  other.files["models/weights.bin"].text[0] = 'x';
  auto zip = other.zip();
  zip.entries[0].deflate = false;
  const auto bytes = zip.bytes();
  ASSERT_EQ(bytes.size(), package.package().sizeBytes);
  folder_.write("x.zip", bytes);  // case 62: swapped after it was verified
  const auto unpacked = unpack(package);
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code(), ErrorCode::ContentMismatch);
}

TEST_F(UnpackerTest, Case62SeesAZipWithoutManifestThatWasSwapped) {
  const auto package = verify(maker_.plainZip(), true).value();
  auto zip = maker_.plainZip();
  zip.entries[1].content[0] = 'x';  // its CRC fits
  folder_.write("x.zip", zip.bytes());
  const auto unpacked = unpack(package);
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code(), ErrorCode::ContentMismatch) << unpacked.error().message();
}

TEST_F(UnpackerTest, Case27RefusesALinkOutOfTheTree) {
  for (const auto* target : {"../../x", "/etc/passwd", "a/../../../x", "../..", "C:\\x"}) {
    maker_.files["bin/link"] = {target, Kind::Symlink};
    const auto unpacked = unpack(maker_.zip());
    ASSERT_FALSE(unpacked) << target;
    EXPECT_EQ(unpacked.error().code(), ErrorCode::PathUnsafe) << target << ": " << unpacked.error().message();
    sweep();
    auto plain = maker_.plainZip();
    EXPECT_EQ(unpack(plain, true).error().code(), ErrorCode::PathUnsafe) << target;
    sweep();
  }
}

TEST_F(UnpackerTest, RefusesALinkWhereManifestHasAFile) {
  auto zip = maker_.zip();
  zip.entries[3].attributes = 0120777U << 16;
  maker_.files["models/weights.bin"] = {"main.py"};
  zip = maker_.zip();
  zip.entries[3].attributes = 0120777U << 16;
  refused(zip, ErrorCode::ArchiveInvalid, "whether it is a link");
}

TEST_F(UnpackerTest, TakesAPackageWithoutManifestByItsArtifactSignature) {
  maker_.files["bin/tool"] = {
      "\x7f"
      "ELF and so on"};
  maker_.files["bin/text"] = {"plain"};
  auto zip = maker_.plainZip();
  zip.entries.push_back(PackageMaker::entry("logs/", {""}));
  zip.entries.back().attributes = 0040755U << 16;
  zip.entries.insert(zip.entries.begin(), PackageMaker::entry("zoo/last", {"not sorted"}));
  const auto unpacked = unpack(zip, true);
  ASSERT_TRUE(unpacked) << unpacked.error().message();
  EXPECT_EQ(unpacked->identity, sha256(zip.bytes()));
  EXPECT_FALSE(folder_.exists("staging/tree/MANIFEST"));
  EXPECT_TRUE(fs::is_directory((folder_ / "staging/tree/logs").text()));
  EXPECT_EQ(executable("app/main.py"), diskHasModes());
  EXPECT_EQ(executable("bin/tool"), diskHasModes());  // by its content
  EXPECT_FALSE(executable("bin/text"));
  EXPECT_EQ(tree("zoo/last"), "not sorted");
}

TEST_F(UnpackerTest, ChecksTheCrcOfAPackageWithoutManifest) {
  auto zip = maker_.plainZip();
  zip.entries[1].crc = zip.entries[1].localCrc = 1;
  refused(zip, ErrorCode::ArchiveInvalid, "CRC", true);
}

TEST_F(UnpackerTest, Case41GivesNoFileASetuidBit) {
  TENON_NEEDS_MODES();
  auto zip = maker_.zip();
  zip.entries[3].attributes = 0106777U << 16;
  ASSERT_TRUE(unpack(zip));
  const auto perms = fs::status((folder_ / "staging/tree/models/weights.bin").text()).permissions();
  EXPECT_EQ(perms & (fs::perms::set_uid | fs::perms::set_gid | fs::perms::others_write | fs::perms::others_exec),
            fs::perms::none);
}

TEST_F(UnpackerTest, RefusesBytesThatDoNotInflate) {
  auto zip = maker_.zip();
  for (auto& entry : zip.entries) {
    if (entry.name == "app/main.py") entry.data = std::string(20, '\xff');
  }
  refused(zip, ErrorCode::ArchiveInvalid, "app/main.py");
}

// A disk that fails at the n-th call that writes.
class FailingFiles final : public ForwardingFiles {
 public:
  FailingFiles(Files& files, int failAt, ErrorCode code) : ForwardingFiles(files), left_(failAt), code_(code) {}
  bool failed() const { return left_ <= 0; }

  Result<void> makeFolder(Handle in, std::string_view path, FolderOptions how) override {
    return fails() ? error() : ForwardingFiles::makeFolder(in, path, how);
  }
  Result<Handle> create(Handle in, std::string_view path, CreateOptions how) override {
    return fails() ? Result<Handle>(error().error()) : ForwardingFiles::create(in, path, how);
  }
  Result<void> write(Handle file, std::uint64_t at, std::string_view bytes) override {
    return fails() ? error() : ForwardingFiles::write(file, at, bytes);
  }
  Result<void> barrierSync(Handle barrier) override { return fails() ? error() : ForwardingFiles::barrierSync(barrier); }

 private:
  bool fails() { return --left_ == 0; }
  Result<void> error() const { return Error(code_, "injected"); }
  std::atomic<int> left_;
  ErrorCode code_;
};

// Case 56: whichever call fails, the error comes out. That its half is swept: FetchCrash.Case56.
TEST_F(UnpackerTest, Case56EndsCleanlyAtEveryFailedCall) {
  const auto package = verify(maker_.zip()).value();
  for (const auto code : {ErrorCode::DiskFull, ErrorCode::IoError}) {
    for (int at = 1;; ++at) {
      FailingFiles failing(files_, at, code);
      const auto unpacked = unpack(package, failing, {});
      if (!failing.failed()) {
        ASSERT_TRUE(unpacked);
        EXPECT_GT(at, 15);
        break;
      }
      ASSERT_FALSE(unpacked) << at;
      EXPECT_EQ(unpacked.error().code(), code) << at;
      sweep();
    }
    sweep();
  }
}

}  // namespace
}  // namespace tenon::host
