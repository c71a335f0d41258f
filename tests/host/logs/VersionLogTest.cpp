#include "host/logs/VersionLog.h"

#include <filesystem>
#include <random>

#include "host/logs/LogArchive.h"
#include "tests/host/logs/LogDisk.h"
#include "tests/support/DiskOffers.h"
#include "tests/support/Shell.h"

namespace tenon::host {

namespace {

constexpr LogPolicy kShortLog{.maxBytes = 2 * kFrontStep, .archives = 3};

}  // namespace

// What the disk can: everything, empty only, nothing (then it rotates when a run starts).
class VersionLogTest : public LogDisk, public testing::WithParamInterface<LimitedFiles::Can> {
 protected:
  void SetUp() override {
    LogDisk::write("x");
    const bool canEmpty = LogDisk::open()->rotatesWhileWritten().value_or(false);
    std::filesystem::remove(log().text());
    if (!canEmpty && GetParam() != LimitedFiles::Can::Nothing) GTEST_SKIP() << "not on this system's disk";
  }
  std::shared_ptr<VersionLog> open() { return LogDisk::open(files_); }
  // As the keeper does, and as a start of the service where the disk can't else.
  void rotate(VersionLog& at, const LogPolicy& policy = kShortLog) {
    for (bool more = true; more;) {
      const auto done = at.rotate(policy, stop_);
      ASSERT_TRUE(done) << done.error().message();
      more = done->more;
      if (!done->cannot) continue;
      ASSERT_TRUE(at.seal(policy));
      ASSERT_TRUE(at.packSealed(policy, stop_));
      more = false;
    }
  }

  LimitedFiles files_{*disk_, GetParam()};
};

TEST_P(VersionLogTest, EveryLineIsThereOnceWhileItIsRotated) {
  const auto at = open();
  std::uint64_t lines = 0;
  const LogPolicy policy{.maxBytes = kShortLog.maxBytes, .archives = 100};
  for (int turn = 0; turn < 20; ++turn, lines += 1777) {
    write(numberedLines(lines, lines + 1777));
    rotate(*at, policy);
  }
  EXPECT_GT(archives(), 5U);
  const std::string expected = numberedLines(0, lines);
  EXPECT_EQ(*at->end(), expected.size());
  EXPECT_TRUE(*readAllOf(*at) == expected);
  EXPECT_TRUE(*readAllOf(*at, 0, 1009) == expected);
  EXPECT_TRUE(*readAllOf(*open()) == expected) << "after a restart of the agent";
}

TEST_P(VersionLogTest, AnyOffsetIsFound) {
  const auto at = open();
  const std::string expected = numberedLines(0, 12'000);
  for (std::size_t from = 0; from < expected.size(); from += 100'000) {
    write(expected.substr(from, 100'000));
    rotate(*at, {.maxBytes = kShortLog.maxBytes, .archives = 100});
  }
  for (std::uint64_t offset = 0; offset < expected.size(); offset += 4999) {
    const auto piece = at->read(offset, 100);
    ASSERT_TRUE(piece);
    EXPECT_EQ(piece->begin, offset);
    ASSERT_FALSE(piece->bytes.empty());
    EXPECT_EQ(piece->bytes, expected.substr(offset, piece->bytes.size()));
    EXPECT_EQ(piece->next, offset + piece->bytes.size());
  }
  EXPECT_TRUE(at->read(expected.size(), 100)->bytes.empty());
}

TEST_P(VersionLogTest, OnlySoManyArchivesAreKeptAndTheGapIsTold) {
  const auto at = open();
  const std::string expected = numberedLines(0, 30'000);
  for (std::size_t from = 0; from < expected.size(); from += 150'000) {
    write(expected.substr(from, 150'000));
    rotate(*at);
  }
  EXPECT_LE(archives(), kShortLog.archives);
  const std::uint64_t begin = at->begin();
  EXPECT_GT(begin, 0U);
  EXPECT_LE(expected.size() - begin, (kShortLog.archives + 2) * std::max<std::uint64_t>(kShortLog.maxBytes, 150'000));
  EXPECT_EQ(at->read(0, 10)->begin, begin);
  EXPECT_TRUE(*readAllOf(*at) == expected.substr(begin));
}

TEST_P(VersionLogTest, WhatIsFarTooLongIsNotPackedFirst) {
  if (GetParam() == LimitedFiles::Can::Nothing) GTEST_SKIP() << "then it is one archive, of any length";
  const std::string expected = numberedLines(0, 40'000);
  write(expected);
  const auto at = open();
  const auto first = at->rotate(kShortLog, stop_);
  ASSERT_TRUE(first);
  EXPECT_GT(first->dropped, 0U);
  EXPECT_TRUE(first->more);
  rotate(*at);
  EXPECT_LE(archives(), kShortLog.archives);
  EXPECT_TRUE(*readAllOf(*at) == expected.substr(at->begin()));
  EXPECT_GE(expected.size() - at->begin(), kShortLog.archives * kShortLog.maxBytes);
}

TEST_P(VersionLogTest, AnArchiveIsWhatZcatReads) {
  TENON_NEEDS_TOOL("zcat");
  write(numberedLines(0, 5000));
  const auto at = open();
  rotate(*at);
  const auto whole = "cd " + folder_.text() + " && { zcat 1.3.0.*.log.gz; [ ! -e 1.3.0.log ] || tail -c +" +
                     std::to_string(files_.exists(log()) ? *files_.firstData(log()) + 1 : 1) + " 1.3.0.log; }";
  EXPECT_TRUE(shell(whole).output == numberedLines(0, 5000));
}

TEST_P(VersionLogTest, AShortLogIsLeftAlone) {
  write(numberedLines(0, 100));
  const auto at = open();
  const auto done = at->rotate(kShortLog, stop_);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->archived, 0U);
  EXPECT_FALSE(done->cannot);
  EXPECT_EQ(archives(), 0U);
}

TEST_P(VersionLogTest, StoppedMeanwhileNothingHasChanged) {
  if (GetParam() == LimitedFiles::Can::Nothing) GTEST_SKIP();
  const std::string expected = numberedLines(0, 5000);
  write(expected);
  const auto at = open();
  stop_ = true;
  EXPECT_EQ(at->rotate(kShortLog, stop_).error().code(), ErrorCode::Cancelled);
  EXPECT_EQ(names().size(), 1U);
  EXPECT_TRUE(*readAllOf(*at) == expected);
}

// A disk that has no room while more than so many archives of a log are there.
class FullFiles final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  Result<void> write(Handle file, std::uint64_t at, std::string_view bytes) override {
    if (archives() > room) return Error(ErrorCode::DiskFull, "no room");
    return ForwardingFiles::write(file, at, bytes);
  }
  std::function<std::size_t()> archives;
  std::size_t room = 1000;
};

TEST_P(VersionLogTest, OnAFullDiskTheOldestArchivesGoAndTheLogIsRotatedAllTheSame) {
  FullFiles full(files_);
  full.archives = [this] { return archives(); };
  const LogPolicy policy{.maxBytes = kShortLog.maxBytes, .archives = 4};
  const std::string expected = numberedLines(0, 40'000);
  auto at = LogDisk::open(full);
  std::size_t written = 0;
  const auto grow = [&] {
    write(expected.substr(written, 150'000));
    written += 150'000;
    rotate(*at, policy);
  };
  while (archives() < 4) grow();
  const std::uint64_t before = at->begin();
  full.room = 2;
  at = LogDisk::open(full);  // as after a restart: that the disk can be rotated on is found out while it is full
  grow();
  EXPECT_EQ(archives(), 3U);
  EXPECT_GT(at->begin(), before);
  EXPECT_TRUE(*readAllOf(*at) == expected.substr(0, written).substr(at->begin()));
  full.room = 0;
  grow();
  EXPECT_EQ(archives(), 1U);
  EXPECT_TRUE(*readAllOf(*open()) == expected.substr(0, written).substr(at->begin()));
}

TEST_P(VersionLogTest, OnAFullDiskWithoutArchivesNothingIsLost) {
  write(numberedLines(0, 10'000));
  FullFiles full(files_);
  full.archives = [] { return 1; };
  full.room = 0;
  const auto at = LogDisk::open(full);
  const auto done = at->rotate(kShortLog, stop_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::DiskFull);
  EXPECT_TRUE(*readAllOf(*at) == numberedLines(0, 10'000));
}

TEST_P(VersionLogTest, ALogThatSomebodyEmptiesGoesOn) {
  write(numberedLines(0, 5000));
  const auto at = open();
  rotate(*at);
  const std::uint64_t archived = *at->end() - (files_.exists(log()) ? files_.inspect(log())->size : 0);
  if (disk_->exists(log())) std::filesystem::resize_file(log().text(), 0);
  write("new\n");
  EXPECT_EQ(at->read(numberedLines(0, 5000).size(), 100)->bytes, "new\n");
  rotate(*at);
  EXPECT_TRUE(readAllOf(*at)->ends_with("new\n"));
  EXPECT_LE(archived, *at->end());
}

TEST_P(VersionLogTest, AnArchiveThatIsMissingIsAGapAndADamagedOneIsNamed) {
  const auto at = open();
  const std::string expected = numberedLines(0, 20'000);
  for (std::size_t from = 0; from < expected.size(); from += 200'000) {
    write(expected.substr(from, 200'000));
    rotate(*at, {.maxBytes = kShortLog.maxBytes, .archives = 100});
  }
  const auto names = archiveNames();
  ASSERT_GE(names.size(), 3U);
  const auto second = at->names().parse(names[1]).value();
  std::string bytes = folder_.read(names[1]);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  folder_.write(names[1], bytes);
  const auto damaged = at->read(second.begin, 100);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), ErrorCode::StateCorrupt);
  EXPECT_NE(damaged.error().message().find(names[1]), std::string::npos);
  ASSERT_TRUE(disk_->removeFile(folder_ / names[1]));
  EXPECT_EQ(at->read(second.begin, 100)->begin, second.end);
  EXPECT_TRUE(*readAllOf(*open()) == expected.substr(0, second.begin) + expected.substr(second.end));
}

// Two thousand archives that the disk has changed: the right bytes, or an error; never others.
TEST(LogArchive, WhatIsReadIsWhatWasPackedOrAnError) {
  MachineFiles disk;
  const TempFolder folder;
  const std::string text = numberedLines(0, 30'000);
  std::string packed;
  for (std::size_t at = 0; at < text.size(); at += 300'000)
    packed += packLogBlock(std::string_view(text).substr(at, 300'000));
  std::minstd_rand random(11);
  const auto roll = [&](std::size_t sides) { return static_cast<std::size_t>(random()) % sides; };
  std::size_t refused = 0;
  for (int turn = 0; turn < 2'000; ++turn) {
    std::string changed = packed;
    switch (turn % 4) {
      case 0:
        break;
      case 1:
        changed[roll(changed.size())] ^= static_cast<char>(1 << roll(8));
        break;
      case 2:
        changed.resize(roll(changed.size()));
        break;
      default: {
        const std::size_t from = roll(changed.size()), to = roll(changed.size());
        changed.replace(to, 64, changed.substr(from, 64));
      }
    }
    folder.write("archive", changed);
    const auto archive = LogArchive::open(*disk, folder / "archive", 5, 5 + text.size());
    ASSERT_TRUE(archive);
    const std::size_t offset = roll(text.size());
    const auto read = archive->readFrom(5 + offset);
    if (read) {
      EXPECT_TRUE(text.compare(offset, read->size(), *read) == 0) << turn;
    } else {
      EXPECT_EQ(read.error().code(), ErrorCode::StateCorrupt) << turn;
    }
    if (turn % 4 == 0) {
      EXPECT_TRUE(read && archive->check()) << turn;
    }
    refused += read ? 0U : 1U;
  }
  EXPECT_GT(refused, 100U);
}

INSTANTIATE_TEST_SUITE_P(Disk, VersionLogTest, everyDisk(), nameOfDisk);

}  // namespace tenon::host
