// The agent dies, or the power goes, between any two calls of a rotation, while the service writes on.
#include "tests/host/logs/LogDisk.h"
#include "tests/support/FakeFiles.h"

namespace tenon::host {

namespace {

constexpr LogPolicy kVeryShortLog{.maxBytes = kFrontStep, .archives = 100};

}  // namespace

class LogCrash : public LogDisk, public testing::WithParamInterface<LimitedFiles::Can> {
 protected:
  void SetUp() override {
    write("x");
    const bool canEmpty = open()->rotatesWhileWritten().value_or(false);
    ASSERT_TRUE(disk_->removeFile(log()));
    if (!canEmpty && GetParam() != LimitedFiles::Can::Nothing) GTEST_SKIP() << "not on this system's disk";
  }

  // Two rotations of an agent whose disk is `fake`; the service writes to `real` all the while.
  void rotateTwice(Files& fake, const std::string& text) {
    LimitedFiles files(fake, GetParam());
    const auto at = VersionLog::open(files, log());
    if (!at) return;
    for (int turn = 0; turn < 2; ++turn) {
      const auto done = (*at)->rotate(kVeryShortLog, stop_);
      if (GetParam() == LimitedFiles::Can::Nothing) {
        if (!(*at)->seal(kVeryShortLog) || !(*at)->packSealed(kVeryShortLog, stop_)) return;
      } else if (!done) {
        return;
      }
      write(text.substr(text.size() / 2 + static_cast<std::size_t>(turn) * text.size() / 4, text.size() / 4));
    }
  }
};

TEST_P(LogCrash, NoLineIsLostOrDoubledWhereverTheAgentDies) {
  const std::string text = numberedLines(0, 8000).substr(0, 8 * 40'000);
  std::uint64_t stops = 0;
  for (std::uint64_t n = 1;; ++n) {
    empty();
    write(text.substr(0, text.size() / 2));
    FakeFiles fake(*disk_, folder_.path());
    fake.stopBefore(n);
    rotateTwice(fake, text);
    if (!fake.stopped()) break;
    ++stops;
    // What the service had not written when the agent died comes now.
    LimitedFiles files(*disk_, GetParam());
    const auto after = open(files);
    ASSERT_TRUE(after) << n;
    const std::uint64_t end = *after->end();
    ASSERT_TRUE(*readAllOf(*after) == text.substr(0, end)) << "stopped before call " << n;
    write(text.substr(end));
    ASSERT_TRUE(after->rotate(kVeryShortLog, stop_));
    ASSERT_TRUE(*readAllOf(*open(files)) == text) << "stopped before call " << n;
    for (const auto& name : names()) EXPECT_EQ(name.find(".part"), std::string::npos) << n;
  }
  EXPECT_GE(stops, 10U);
}

// The service's last bytes are nobody's promise; but what is there is a beginning of what it wrote, and no archive that was
// finished is lost.
TEST_P(LogCrash, APowerCutDoublesNothingAndLosesNoArchive) {
  const std::string text = numberedLines(0, 8000).substr(0, 8 * 40'000);
  for (std::uint64_t n = 1;; ++n) {
    empty();
    write(text.substr(0, text.size() / 2));
    FakeFiles fake(*disk_, folder_.path());  // takes what is there for durable
    fake.stopBefore(n);
    LimitedFiles files(fake, GetParam());
    std::uint64_t archived = 0;
    if (const auto at = VersionLog::open(files, log())) {
      for (int turn = 0; turn < 2; ++turn) {
        const auto done = (*at)->rotate(kVeryShortLog, stop_);
        if (done) archived += done->archived;
        if (GetParam() != LimitedFiles::Can::Nothing) continue;
        static_cast<void>((*at)->seal(kVeryShortLog));
        static_cast<void>((*at)->packSealed(kVeryShortLog, stop_));
      }
    }
    for (std::uint64_t variant = 0; variant < 8; ++variant) {
      const TempFolder after;
      fake.powerCut(after.path(), variant);
      LimitedFiles real(*disk_, GetParam());
      const auto at = VersionLog::open(real, after / "1.3.0.log");
      ASSERT_TRUE(at) << at.error().message();
      EXPECT_GE(*(*at)->end(), archived);
      ASSERT_TRUE(*readAllOf(**at) == text.substr(0, text.size() / 2)) << "call " << n << ", variant " << variant;
    }
    if (!fake.stopped()) break;
  }
}

// The agent dies first, and the power goes when the next one has taken up what it left.
TEST_P(LogCrash, APowerCutAfterARestartLosesNoArchiveEither) {
  const std::string text = numberedLines(0, 8000).substr(0, 4 * 40'000);
  for (std::uint64_t n = 1;; ++n) {
    empty();
    write(text);
    FakeFiles dying(*disk_, folder_.path());
    dying.stopBefore(n);
    LimitedFiles before(dying, GetParam());
    if (const auto at = VersionLog::open(before, log())) static_cast<void>((*at)->rotate(kVeryShortLog, stop_));
    FakeFiles fake(*disk_, folder_.path());
    LimitedFiles files(fake, GetParam());
    ASSERT_TRUE(VersionLog::open(files, log()));
    for (std::uint64_t variant = 0; variant < 8; ++variant) {
      const TempFolder after;
      fake.powerCut(after.path(), variant);
      LimitedFiles real(*disk_, GetParam());
      const auto at = VersionLog::open(real, after / "1.3.0.log");
      ASSERT_TRUE(at) << at.error().message();
      ASSERT_TRUE(*readAllOf(**at) == text) << "call " << n << ", variant " << variant;
    }
    if (!dying.stopped()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Disk, LogCrash, everyDisk(), nameOfDisk);

}  // namespace tenon::host
