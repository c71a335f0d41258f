// A disk that is full, and other faults of a disk, on a small one of our own.
#include <sys/mount.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

namespace {

class SmallDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (::mount("tenon-test", folder_.text().c_str(), "tmpfs", 0, "size=128k,nr_inodes=16") != 0) {
      GTEST_SKIP() << "only root may mount a small disk";
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) ::umount2(folder_.text().c_str(), MNT_DETACH);
  }

  TempFolder folder_;
  MachineFiles files_;
  bool mounted_ = false;
};

}  // namespace

TEST_F(SmallDisk, AFullDiskIsToldAsSuch) {
  auto file = WriteFile::create(*files_, 0, (folder_ / "a").text());
  ASSERT_TRUE(file);
  const std::string block(64 << 10, 'x');
  ASSERT_TRUE(file->append(block));
  Result<void> written;
  for (int times = 0; times < 4 && written; ++times) written = file->append(block);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::DiskFull);
  EXPECT_EQ(written.error().message(), "write " + (folder_ / "a").text() + ": No space left on device");
  EXPECT_FALSE(written.error().hint().empty());
}

TEST_F(SmallDisk, ADiskWithoutRoomForNamesIsFullAsWell) {
  Result<void> made;
  for (int number = 0; number < 32 && made; ++number)
    made = files_->makeFolder(0, (folder_ / std::to_string(number)).text(), {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::DiskFull);
}

TEST_F(SmallDisk, TheFreeSpaceIsThatOfTheDisk) { EXPECT_LE(*files_->freeSpace(folder_.path()), 128u << 10); }

TEST_F(SmallDisk, Case65CloneOrLinkCopiesFromOneDiskToAnother) {
  const TempFolder other;
  const Path from = other.write("a", "content");
  ASSERT_TRUE(files_->cloneOrLink(from, folder_ / "b"));
  EXPECT_EQ(folder_.read("b"), "content");
}

TEST_F(SmallDisk, ACopyThatDoesNotFitLeavesNothing) {
  const TempFolder other;
  const Path from = other.write("a", std::string(1 << 20, 'x'));
  const auto copied = files_->cloneOrLink(from, folder_ / "b");
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code(), ErrorCode::DiskFull);
  EXPECT_FALSE(folder_.exists("b"));
}

TEST_F(SmallDisk, ReplaceBetweenDisksIsAnErrorAndChangesNothing) {
  const TempFolder other;
  const Path from = other.write("a", "new");
  folder_.write("b", "old");
  const auto replaced = files_->replace(from, folder_ / "b");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code(), ErrorCode::IoError);
  EXPECT_EQ(folder_.read("b"), "old");
  EXPECT_EQ(other.read("a"), "new");
}

TEST_F(SmallDisk, AMountedDiskIsNoPartOfATree) {
  folder_.write("kept", "kept");
  const auto removed = files_->removeTree(folder_.path());
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code(), ErrorCode::Busy);
  EXPECT_EQ(folder_.read("kept"), "kept");
}

TEST_F(SmallDisk, AReadOnlyDiskDenies) {
  ASSERT_EQ(::mount("tenon-test", folder_.text().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr), 0);
  const auto made = WriteFile::create(*files_, 0, (folder_ / "a").text());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::Denied);
  EXPECT_NE(made.error().hint().find("read-only"), std::string::npos);
}

// ext4 gives a file 65,000 names: the next one is a copy.
TEST(ManyLinks, Case65AFileWithAllItsNamesIsCopied) {
  constexpr unsigned kMost = 70'000;
  MachineFiles machine;
  Files& files = *machine;
  const TempFolder folder;
  folder.write("weights", "weights");
  unsigned made = 1;
  for (; made < kMost; ++made) {
    const auto name = (folder / std::to_string(made)).text();
    if (::link((folder / "weights").text().c_str(), name.c_str()) != 0) break;
  }
  if (made == kMost) GTEST_SKIP() << "this disk gives a file as many names as one likes";
  ASSERT_TRUE(files.cloneOrLink(folder / "weights", folder / "one-more"));
  EXPECT_EQ(folder.read("one-more"), "weights");
  EXPECT_EQ(files.inspect(folder / "one-more").value().links, 1U);
}

}  // namespace tenon::host
