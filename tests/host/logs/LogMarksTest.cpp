#include "host/logs/LogMarks.h"

#include "tests/host/logs/LogDisk.h"

namespace tenon::host {

namespace {

WallTime at(std::int64_t second) { return WallTime{std::chrono::seconds{1'795'000'000 + second}}; }
LogMark mark(std::int64_t second, std::uint64_t offset, bool start = false) { return {at(second), offset, start}; }

}  // namespace

class LogMarksTest : public LogDisk {
 protected:
  LogMarks marks_{*disk_, folder_ / "1.3.0.log.marks"};
  void add(std::initializer_list<LogMark> all) {
    for (const auto& each : all) ASSERT_TRUE(marks_.add(each));
  }
};

TEST_F(LogMarksTest, WhatIsNotedIsReadAndWhatIsTornIsPassedOver) {
  add({mark(0, 0, true), mark(5, 100)});
  auto file = WriteFile::create(*disk_, 0, (folder_ / "1.3.0.log.marks").text(), {.append = true});
  ASSERT_TRUE(file->append("2026-11-29T01:00:00.000Z 12x\nno mark\n\n2026 7\n"));
  add({mark(9, 200)});
  ASSERT_TRUE(file->append("2026-11-29T01:00:00.000Z 9"));  // torn: without its end
  const auto all = marks_.read();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all[0].start);
  EXPECT_EQ(all[1].offset, 100U);
  EXPECT_EQ(all[2].time, at(9));
}

TEST_F(LogMarksTest, SinceBeginsWhereTheLogWasAtTheTimeOrALittleBefore) {
  add({mark(0, 0, true), mark(5, 100), mark(60, 100), mark(65, 180)});
  const auto all = marks_.read();
  EXPECT_EQ(offsetAt(all, at(-9), 0), 0U);
  EXPECT_EQ(offsetAt(all, at(4), 0), 0U);
  EXPECT_EQ(offsetAt(all, at(30), 0), 100U);
  EXPECT_EQ(offsetAt(all, at(64), 0), 100U);
  EXPECT_EQ(offsetAt(all, at(90), 0), 180U);
  EXPECT_EQ(offsetAt(all, at(4), 70), 70U) << "what is before is rotated away";
  EXPECT_EQ(offsetAt({}, at(4), 70), 70U);
}

TEST_F(LogMarksTest, AClockThatWasSetBackShowsMoreAndNeverLess) {
  add({mark(100, 10), mark(50, 20), mark(110, 30)});
  EXPECT_EQ(offsetAt(marks_.read(), at(60), 0), 0U);
}

TEST_F(LogMarksTest, ThePreviousRunIsTheOneBeforeTheLastStart) {
  EXPECT_FALSE(previousRun({}, 0));
  EXPECT_FALSE(previousRun({mark(0, 0, true)}, 0));
  const std::vector<LogMark> two{mark(0, 0, true), mark(5, 50), mark(7, 80, true), mark(9, 100)};
  EXPECT_EQ(previousRun(two, 0)->begin, 0U);
  EXPECT_EQ(previousRun(two, 0)->end, 80U);
  EXPECT_EQ(previousRun(two, 30)->begin, 30U) << "its beginning is rotated away";
  EXPECT_FALSE(previousRun(two, 90)) << "all of it is";
  const auto unknown = previousRun({mark(7, 80, true)}, 0);
  ASSERT_TRUE(unknown) << "what is before the first start that is known";
  EXPECT_EQ(unknown->end, 80U);
}

TEST_F(LogMarksTest, MarksPastTheEndOfALogThatWasCutShortAreForgotten) {
  add({mark(0, 0, true), mark(5, 500), mark(7, 40)});
  const auto all = marks_.read();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].offset, 40U);
}

TEST_F(LogMarksTest, WhatTellsOfBytesThatAreGoneIsLeftOut) {
  add({mark(0, 0, true), mark(5, 100), mark(9, 200), mark(12, 300)});
  ASSERT_TRUE(marks_.thin(250));
  const auto all = marks_.read();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].offset, 200U) << "still tells when byte 250 was not written yet";
}

TEST_F(LogMarksTest, ALongFileBecomesShorterAndKeepsTheNewestStarts) {
  std::string text;
  std::uint64_t offset = 0;
  for (std::int64_t second = 0; text.size() <= limits::kLogMarksBytes / 2; ++second) {
    text += formatTime(at(second)) + " " + std::to_string(++offset) + (second == 100 || second == 201 ? " start\n" : "\n");
  }
  folder_.write("1.3.0.log.marks", text);
  const std::size_t before = marks_.read().size();
  const auto run = previousRun(marks_.read(), 0);
  ASSERT_TRUE(marks_.thin(0));
  EXPECT_LT(marks_.read().size(), before * 4 / 5);
  EXPECT_GT(marks_.read().size(), before * 3 / 5);
  EXPECT_EQ(previousRun(marks_.read(), 0)->begin, run->begin);
  EXPECT_EQ(previousRun(marks_.read(), 0)->end, run->end);
  EXPECT_EQ(marks_.read().back().offset, offset);
}

TEST(LogNamesTest, NamesAreReadAsTheyWereMade) {
  const LogNames names(Path("/l/1.0.0-rc.1.log"));
  for (const auto kind : {LogPartName::Kind::Archive, LogPartName::Kind::Sealed, LogPartName::Kind::Unfinished}) {
    const LogPartName part{kind, 65536, 5'000'000'000'000, kind == LogPartName::Kind::Unfinished ? 131072U : 0U};
    const auto read = names.parse(names.path(part).name());
    ASSERT_TRUE(read) << names.path(part).name();
    EXPECT_EQ(read->kind, kind);
    EXPECT_EQ(read->begin, part.begin);
    EXPECT_EQ(read->end, part.end);
    EXPECT_EQ(read->emptied, part.emptied);
    EXPECT_EQ(LogNames::versionOf(names.path(part).name()), "1.0.0-rc.1");
  }
  EXPECT_EQ(names.path({LogPartName::Kind::Archive, 0, 65536, 0}).name(), "1.0.0-rc.1.000000000000-000000065536.log.gz");
  EXPECT_EQ(LogNames::versionOf("1.0.0-rc.1.log"), "1.0.0-rc.1");
  EXPECT_EQ(LogNames::versionOf("1.0.0-rc.1.log.marks"), "1.0.0-rc.1");
}

TEST(LogNamesTest, AnotherVersionsNamesAreNotTakenForOnesOwn) {
  const LogNames names(Path("/l/1.0.0.log"));
  for (const char* name :
       {"1.0.0-rc.1.000000000000-000000000001.log.gz", "1.0.0.log", "1.0.0.5-4.log.gz", "1.0.0.1-2.log.gz.tmp",
        "1.0.0.1-2.part", "1.0.0.x-2.log.gz", "1.0.0.18446744073709551616-18446744073709551617.log"}) {
    EXPECT_FALSE(names.parse(name)) << name;
  }
}

// ---- lines from the end ----

class LogSearchTest : public LogDisk {
 protected:
  std::string last(std::string_view text, std::uint64_t lines, std::uint64_t most = 1 << 20) {
    folder_.write("1.3.0.log", std::string(text));
    return lastLines(*open(), lines, most).value();
  }
};

TEST_F(LogSearchTest, GivesTheLastLinesWhole) {
  EXPECT_EQ(last("a\nb\nc\n", 2), "b\nc\n");
  EXPECT_EQ(last("a\nb\nc\n", 3), "a\nb\nc\n");
  EXPECT_EQ(last("a\nb\nc\n", 9), "a\nb\nc\n");
  EXPECT_EQ(last("a\nb\nc", 2), "b\nc") << "the last one has no end yet";
  EXPECT_EQ(last("", 5), "");
  EXPECT_EQ(last("a\n", 0), "");
  EXPECT_EQ(last(std::string_view("\n\n\0\xff\n", 5), 2), std::string_view("\n\0\xff\n", 4)) << "bytes as they are";
}

TEST_F(LogSearchTest, ReadsNoMoreThanItMay) { EXPECT_EQ(last("aaaa\nbbbb\ncccc\n", 3, 7), "b\ncccc\n"); }

TEST_F(LogSearchTest, FindsLinesAcrossArchivesAndBlocks) {
  const std::string text = numberedLines(0, 50'000);
  write(text);
  const auto at = open();
  for (bool more = true; more;) more = at->rotate({.maxBytes = 1'200'000, .archives = 10}, stop_)->more;
  for (const std::uint64_t lines : {1U, 7U, 20'000U, 49'999U, 50'000U, 60'000U}) {
    const std::uint64_t first = 50'000 - std::min<std::uint64_t>(lines, 50'000);
    EXPECT_EQ(beginOfLastLines(*at, {0, text.size()}, lines).value_or(1), numberedLines(0, first).size()) << lines;
  }
}

}  // namespace tenon::host
