#include "host/logs/ServiceLogs.h"

#include "tests/host/logs/LogDisk.h"
#include "tests/support/FakeClock.h"

namespace tenon::host {

namespace {

constexpr LogPolicy kTwoArchives{.maxBytes = 2 * kFrontStep, .archives = 2};

class CountingFiles final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  Result<FileInfo> inspect(const Path& path) override { return ++looks, ForwardingFiles::inspect(path); }
  int looks = 0;
};

}  // namespace

class ServiceLogsTest : public LogDisk {
 protected:
  void runDue() { loop_.runDue(), loop_.runDue(); }
  void after(Millis time) {
    clock_.advance(time);
    runDue();
  }

  FakeClock clock_;
  NoEvents none_;
  CountingFiles files_{*disk_};
  Loop loop_{clock_, none_};
  std::vector<std::string> told_;
  ServiceLogs logs_{files_, loop_, [this](const Path& log, const Error& why) {
                      told_.push_back(log.name() + ": " + std::string(name(why.code())));
                    }};
};

TEST_F(ServiceLogsTest, NotesWhenTheLogWasHowLongAndWhereRunsBegan) {
  logs_.expect(log(), kTwoArchives);
  logs_.runStarts(log(), kTwoArchives);
  runDue();
  write("one\n");
  after(Millis{5000});
  const WallTime one = clock_.wall();
  for (int i = 0; i < 5; ++i) after(Millis{10'000});
  const WallTime stillOne = clock_.wall();
  write("two\n");
  after(Millis{60'000});
  logs_.runEnds(log());
  logs_.runStarts(log(), kTwoArchives);
  runDue();
  write("three\n");
  after(Millis{60'000});
  const auto at = *logs_.open(log());
  const auto marks = at->marks().read();
  EXPECT_EQ(previousRun(marks, 0)->begin, 0U);
  EXPECT_EQ(previousRun(marks, 0)->end, 8U);
  EXPECT_EQ(at->read(offsetAt(marks, one, 0), 100)->bytes, "two\nthree\n");
  EXPECT_EQ(at->read(offsetAt(marks, stillOne, 0), 100)->bytes, "two\nthree\n");
}

TEST_F(ServiceLogsTest, OfALogThatWasNeverWrittenNothingIsKept) {
  folder_.write("1.0.0.log", "one\n");
  EXPECT_EQ((*logs_.find(folder_ / "1.0.0.log"))->read(0, 10)->bytes, "one\n");
  folder_.write("1.1.0.000000000000-000000000009.log.gz", "");
  EXPECT_TRUE(*logs_.find(folder_ / "1.1.0.log")) << "archives alone are a log";
  const std::size_t before = logs_.known();
  for (int invented = 0; invented < 100; ++invented) {
    EXPECT_FALSE(*logs_.find(folder_ / ("9.9." + std::to_string(invented) + ".log")));
    EXPECT_FALSE(*logs_.find(folder_ / "none" / ("9.9." + std::to_string(invented) + ".log")));
  }
  EXPECT_EQ(logs_.known(), before);
}

TEST_F(ServiceLogsTest, ALogThatStandsStillIsLookedAtOnceAMinute) {
  write("x\n");
  logs_.watch(log(), kTwoArchives);
  runDue();
  for (int i = 0; i < 60; ++i) after(Millis{5000});
  files_.looks = 0;
  for (int i = 0; i < 120; ++i) after(Millis{5000});
  EXPECT_LE(files_.looks, 11 * 2);
  EXPECT_GE(files_.looks, 9);
}

TEST_F(ServiceLogsTest, RotatesAsItGrowsAndKeepsSoManyArchives) {
  if (!open()->rotatesWhileWritten().value_or(false)) GTEST_SKIP() << "not on this system's disk";
  logs_.runStarts(log(), kTwoArchives);
  runDue();
  std::uint64_t lines = 0;
  for (int turn = 0; turn < 20; ++turn, lines += 2000) {
    write(numberedLines(lines, lines + 2000));
    after(Millis{5000});
  }
  EXPECT_EQ(archives(), 2U);
  const auto at = *logs_.open(log());
  EXPECT_TRUE(*readAllOf(*at) == numberedLines(0, lines).substr(at->begin()));
  EXPECT_LE(disk_->inspect(log())->size, kTwoArchives.maxBytes + 200'000);
  EXPECT_TRUE(told_.empty()) << told_.front();
}

TEST_F(ServiceLogsTest, WhereTheDiskCannotItIsToldOnceAndDoneAtTheNextStart) {
  LimitedFiles files(*disk_, LimitedFiles::Can::Nothing);
  ServiceLogs logs(files, loop_, [this](const Path& each, const Error& why) {
    told_.push_back(each.name() + ": " + std::string(name(why.code())));
  });
  logs.runStarts(log(), kTwoArchives);
  loop_.runDue();
  const std::string text = numberedLines(0, 6000);
  for (int turn = 0; turn < 3; ++turn) {
    write(text.substr(static_cast<std::size_t>(turn) * text.size() / 3, text.size() / 3));
    after(Millis{5000});
  }
  write(text.substr(text.size() / 3 * 3));
  EXPECT_EQ(told_, std::vector<std::string>{"1.3.0.log: platform-unsupported"});
  EXPECT_EQ(archives(), 0U);
  logs.runEnds(log());
  logs.runStarts(log(), kTwoArchives);
  runDue();
  EXPECT_EQ(archives(), 1U);
  EXPECT_FALSE(disk_->exists(log()));
  EXPECT_TRUE(*readAllOf(**logs.open(log())) == text);
  EXPECT_EQ(told_.size(), 1U);
}

TEST_F(ServiceLogsTest, OfVersionsThatAreGoneOnlyTheLastStay) {
  for (const char* version : {"1.0.0", "1.1.0", "1.2.0", "1.2.0-rc.1", "1.3.0"}) {
    folder_.write(std::string(version) + ".log", "x");
    folder_.write(std::string(version) + ".000000000000-000000000009.log.gz", "x");
  }
  const auto marked = [&](const char* version, int hour) {
    LogMarks marks(*disk_, folder_ / (std::string(version) + ".log.marks"));
    ASSERT_TRUE(marks.add({WallTime{std::chrono::hours{480'000 + hour}}, 1, false}));
  };
  marked("1.0.0", 3), marked("1.1.0", 1), marked("1.2.0", 2);
  folder_.write("health.3.log", "not a service's");
  ASSERT_TRUE(logs_.removeOld(folder_.path(), {"1.3.0"}, 2));
  for (const char* kept : {"1.3.0.log", "1.0.0.log", "1.0.0.log.marks", "1.2.0.log", "health.3.log",
                           "1.2.0.000000000000-000000000009.log.gz"}) {
    EXPECT_TRUE(folder_.exists(kept)) << kept;
  }
  for (const char* gone : {"1.1.0.log", "1.1.0.log.marks", "1.2.0-rc.1.log", "1.1.0.000000000000-000000000009.log.gz"}) {
    EXPECT_FALSE(folder_.exists(gone)) << gone;
  }
  EXPECT_TRUE(logs_.removeOld(folder_ / "none", {}, 0));
}

}  // namespace tenon::host
