// What packing refuses, and that it leaves nothing behind.
#include <gtest/gtest.h>

#include <functional>

#include "host/pack/Packer.h"
#include "tests/host/pack/ServiceFolder.h"
#include "tests/support/ForwardingFiles.h"

namespace tenon::host {
namespace {

// Fails the n-th call among those that change the disk.
class FailingFiles final : public ForwardingFiles {
 public:
  FailingFiles(Files& files, int when) : ForwardingFiles(files), left_(when) {}
  bool failed() const { return left_ < 0; }

  Result<Handle> create(Handle in, std::string_view path, CreateOptions how) override {
    return fails() ? Result<Handle>(fault()) : ForwardingFiles::create(in, path, how);
  }
  Result<void> write(Handle file, std::uint64_t at, std::string_view bytes) override {
    return fails() ? Result<void>(fault()) : ForwardingFiles::write(file, at, bytes);
  }
  Result<void> syncFile(Handle file) override { return fails() ? Result<void>(fault()) : ForwardingFiles::syncFile(file); }
  Result<void> syncFolder(const Path& path) override {
    return fails() ? Result<void>(fault()) : ForwardingFiles::syncFolder(path);
  }
  Result<void> replace(const Path& from, const Path& to) override {
    return fails() ? Result<void>(fault()) : ForwardingFiles::replace(from, to);
  }

 private:
  bool fails() { return left_ >= 0 && left_-- == 0; }
  static Error fault() { return Error(ErrorCode::DiskFull, "No space left on device"); }
  int left_;
};

// Does something right before a file is opened for the n-th time.
class MeddlingFiles final : public ForwardingFiles {
 public:
  MeddlingFiles(Files& files, std::string name, int when, std::function<void()> act)
      : ForwardingFiles(files), name_(std::move(name)), left_(when), act_(std::move(act)) {}
  Result<Handle> open(const Path& path, std::uint64_t& size) override {
    if (path.name() == name_ && --left_ == 0) act_();
    return ForwardingFiles::open(path, size);
  }

 private:
  std::string name_;
  int left_;
  std::function<void()> act_;
};

class PackerFaults : public ServiceFolder {
 protected:
  std::size_t filesLeft() { return files_->list(out_.path())->size(); }
};

TEST_F(PackerFaults, RefusesAFolderWithoutServiceJson) {
  std::filesystem::remove((folder_ / "service.json").text());
  expectError(pack(request()), ErrorCode::ContentMissing, "service.json is missing", "tenon init");
  EXPECT_EQ(filesLeft(), 0u);
}

TEST_F(PackerFaults, RefusesAWrongServiceJsonAndNamesFileAndMember) {
  folder_.write("service.json", R"({"service_id": "Wrong Id"})");
  const auto packed = pack(request());
  expectError(packed, ErrorCode::FormatInvalid, (folder_ / "service.json").text());
  EXPECT_NE(packed.error().message().find("service_id"), std::string::npos) << packed.error().message();
  folder_.write("service.json", "{");
  expectError(pack(request()), ErrorCode::FormatInvalid, "service.json");
  folder_.write("service.json", std::string(limits::kServiceJsonBytes + 1, ' '));
  expectError(pack(request()), ErrorCode::LimitExceeded, "service.json");
  EXPECT_EQ(filesLeft(), 0u);
}

TEST_F(PackerFaults, RefusesAMissingRequiredFile) {
  std::filesystem::remove((folder_ / "models/weights.bin").text());
  expectError(pack(request()), ErrorCode::ContentMissing, "models/ is an empty folder");
  EXPECT_EQ(filesLeft(), 0u);
}

TEST_F(PackerFaults, LeavesNothingBehindWhereTheDiskIsFullAtAnyCall) {
  folder_.write("models/large.txt", words(6'000'000));
  folder_.write("models/large.bin", noise(6'000'000));
  int calls = 0;
  for (bool failed = true; failed; ++calls) {
    FailingFiles files(*files_, calls);
    WorkerPool pool(2);
    const auto packed = Packer(files, pool).pack(signedRequest());
    failed = files.failed();
    if (!failed) {
      EXPECT_TRUE(packed) << packed.error().message();
      EXPECT_EQ(filesLeft(), 2u);
      break;
    }
    expectError(packed, ErrorCode::DiskFull, "No space left on device");
    const auto left = files_->list(out_.path());
    ASSERT_TRUE(left);
    for (const FolderEntry& entry : *left) {
      // The rename is done and cannot be taken back; what is there is whole.
      EXPECT_TRUE(entry.name == kFile || entry.name == std::string(kFile) + ".sig.json")
          << entry.name << " after call " << calls;
      std::filesystem::remove((out_ / entry.name).text());
    }
  }
  EXPECT_GT(calls, 10);
}

TEST_F(PackerFaults, KeepsTheOldPackageWhereTheNewOneFails) {
  ASSERT_TRUE(pack(signedRequest()));
  const std::string before = out_.read(kFile);
  FailingFiles files(*files_, 1);
  WorkerPool pool(1);
  expectError(Packer(files, pool).pack(signedRequest()), ErrorCode::DiskFull, "");
  EXPECT_EQ(out_.read(kFile), before);
  EXPECT_EQ(filesLeft(), 2u);
}

TEST_F(PackerFaults, NoticesAFileThatChangesWhileItIsPacked) {
  // Opened once to be hashed, and once to be packed.
  for (const std::string& name : {std::string("main.py"), std::string("large.bin"), std::string("large.txt")}) {
    for (const std::string& change : {std::string("shorter"), std::string("other")}) {
      folder_.write("app/main.py", "print('hello')\n");
      folder_.write("app/large.bin", noise(5'000'000));
      folder_.write("app/large.txt", words(5'000'000));
      const std::string content = folder_.read("app/" + name);
      MeddlingFiles files(*files_, name, 2, [&] {
        std::string other = content;
        if (change == "shorter") other.pop_back();
        other[other.size() / 2] = static_cast<char>(other[other.size() / 2] ^ 1);
        folder_.write("app/" + name, other);
      });
      WorkerPool pool(1);
      expectError(Packer(files, pool).pack(request()), ErrorCode::ContentMismatch, "app/" + name + " changed", "pack again");
      EXPECT_EQ(filesLeft(), 0u);
    }
  }
}

TEST_F(PackerFaults, NoticesAServiceJsonThatChangesAfterItWasRead) {
  MeddlingFiles files(*files_, "service.json", 2, [&] { folder_.write("service.json", serviceJson() + " "); });
  WorkerPool pool(1);
  expectError(Packer(files, pool).pack(request()), ErrorCode::ContentMismatch, "service.json changed");
}

TEST_F(PackerFaults, SaysWhereItCannotWrite) {
  PackRequest request = this->request();
  request.output = out_ / "missing/a.zip";
  expectError(pack(request), ErrorCode::NotFound, (out_ / "missing/a.zip").text());
}

}  // namespace
}  // namespace tenon::host
