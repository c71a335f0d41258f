#include "tests/support/FakeFiles.h"

#include <gtest/gtest.h>

#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

namespace {

class FakeFilesTest : public testing::Test {
 protected:
  Result<void> writeTwoFiles(Files& files) const {
    for (const char* name : {"a", "b"}) {
      TENON_TRY(auto file, WriteFile::create(files, 0, (folder_ / name).text()));
      TENON_CHECK(file.append("content"));
      TENON_CHECK(file.sync());
    }
    return files.syncFolder(folder_.path());
  }

  TempFolder folder_;
  MachineFiles real_;
};

}  // namespace

TEST_F(FakeFilesTest, PassesEverythingOnAndKeepsTheLog) {
  FakeFiles disk(*real_, folder_.path());
  ASSERT_TRUE(writeTwoFiles(disk));
  EXPECT_EQ(folder_.read("b"), "content");
  EXPECT_EQ(disk.calls(), 7u);
  const std::vector<std::string> expected = {"create a", "write a",    "syncFile a",  "create b",
                                             "write b",  "syncFile b", "syncFolder ."};
  EXPECT_EQ(disk.log(), expected);
  EXPECT_FALSE(disk.stopped());
}

TEST_F(FakeFilesTest, StopsBeforeAnyCall) {
  std::uint64_t stops = 0;
  for (std::uint64_t n = 1;; ++n) {
    const TempFolder own;
    FakeFiles disk(*real_, own.path());
    disk.stopBefore(n);
    auto file = WriteFile::create(disk, 0, (own / "a").text());
    const Result<void> done = file ? file->append("x") : Result<void>(Error(file.error()));
    if (!disk.stopped()) break;
    ++stops;
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::Cancelled);
    EXPECT_EQ(disk.calls(), n - 1);
    EXPECT_FALSE(disk.exists(own.path()));  // a dead process reads nothing either
    EXPECT_EQ(own.exists("a"), n > 1);
  }
  EXPECT_EQ(stops, 2u);
}

TEST_F(FakeFilesTest, FailsOnceAtTheCallAskedFor) {
  FakeFiles disk(*real_, folder_.path());
  disk.failAt(3, ErrorCode::IoError);
  const auto done = writeTwoFiles(disk);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::IoError);
  EXPECT_EQ(done.error().message(), "syncFile a: injected io-error");
  EXPECT_FALSE(disk.stopped());
  EXPECT_TRUE(disk.makeFolders(folder_ / "later"));
}

TEST_F(FakeFilesTest, HalfOfAFailedWriteHappens) {
  FakeFiles disk(*real_, folder_.path());
  disk.failAt(2, ErrorCode::DiskFull);
  auto file = WriteFile::create(disk, 0, (folder_ / "a").text());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->append("12345678").error().code(), ErrorCode::DiskFull);
  EXPECT_EQ(folder_.read("a"), "1234");
}

TEST_F(FakeFilesTest, CallsThatTheDiskItselfRefusesChangeNothing) {
  folder_.write("a", "old");
  FakeFiles disk(*real_, folder_.path());
  EXPECT_EQ(WriteFile::create(disk, 0, (folder_ / "a").text()).error().code(), ErrorCode::AlreadyExists);
  const TempFolder after;
  disk.powerCut(after.path(), 3);
  EXPECT_EQ(after.read("a"), "old");
}

TEST_F(FakeFilesTest, AHeldLockIsFreedWhenTheStoppedProcessLetsGo) {
  FakeFiles disk(*real_, folder_.path());
  {
    const auto held = FileLock::acquire(disk, folder_ / "lock");
    ASSERT_TRUE(held);
    disk.stopBefore(1);
    EXPECT_EQ(FileLock::acquire(*real_, folder_ / "lock").error().code(), ErrorCode::Busy);
  }
  EXPECT_TRUE(FileLock::acquire(*real_, folder_ / "lock"));
}

}  // namespace tenon::host
