#include "host/cli/logs/LogLines.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "host/base/Limits.h"
#include "host/base/Log.h"
#include "host/cli/logs/LogTime.h"

namespace tenon::host {

namespace {

struct Seen {
  std::uint64_t offset;
  std::string text;
  bool ends;
  bool operator==(const Seen&) const = default;
};

class LogLinesTest : public testing::Test {
 protected:
  std::vector<Seen> seen_;
  LogLines lines_{[this](const LogLine& line) -> Result<void> {
    seen_.push_back({line.offset, std::string(line.text), line.ends});
    return {};
  }};
};

WallTime timeOf(std::string_view text) { return parseTime(text).value(); }

}  // namespace

TEST_F(LogLinesTest, LinesAreWholeWhereverThePiecesEnd) {
  const std::string text(
      "a\n\nb\0\xff"
      "b\r\n\x1b[2Jc\nopen",
      18);
  std::minstd_rand random(7);
  for (int turn = 0; turn < 200; ++turn) {
    seen_.clear();
    LogLines lines([this](const LogLine& line) -> Result<void> {
      seen_.push_back({line.offset, std::string(line.text), line.ends});
      return {};
    });
    for (std::size_t at = 0, count = 0; at < text.size(); at += count) {
      count = std::min<std::size_t>(1 + random() % 5, text.size() - at);
      ASSERT_TRUE(lines.add(100 + at, std::string_view(text).substr(at, count)));
    }
    ASSERT_TRUE(lines.flush());
    const std::vector<Seen> expected = {{100, "a", true},
                                        {102, "", true},
                                        {103,
                                         std::string("b\0\xff"
                                                     "b\r",
                                                     5),
                                         true},
                                        {109, "\x1b[2Jc", true},
                                        {115, "ope", false}};
    ASSERT_EQ(seen_.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(seen_[i].offset, expected[i].offset) << i;
      EXPECT_EQ(seen_[i].text, expected[i].text) << i;
      EXPECT_EQ(seen_[i].ends, expected[i].ends) << i;
    }
  }
}

TEST_F(LogLinesTest, ALineWithoutEndComesInPiecesAndNothingOfItIsLost) {
  const std::string line(3 * limits::kLogLineBytes + 10, 'x');
  for (std::size_t at = 0; at < line.size(); at += 10'007) {
    ASSERT_TRUE(lines_.add(at, std::string_view(line).substr(at, 10'007)));
  }
  ASSERT_TRUE(lines_.add(line.size(), "\nnext\n"));
  ASSERT_EQ(seen_.size(), 5U);
  std::string together;
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(seen_[i].offset, together.size());
    EXPECT_LE(seen_[i].text.size(), limits::kLogLineBytes);
    EXPECT_EQ(seen_[i].ends, i == 3);
    together += seen_[i].text;
  }
  EXPECT_TRUE(together == line);
  EXPECT_EQ(seen_[4], (Seen{line.size() + 1, "next", true}));
}

TEST_F(LogLinesTest, AGapEndsTheLineThatWasOpen) {
  ASSERT_TRUE(lines_.add(0, "one\ntw"));
  ASSERT_TRUE(lines_.add(100, "hundred\n"));
  EXPECT_EQ(seen_, (std::vector<Seen>{{0, "one", true}, {4, "tw", false}, {100, "hundred", true}}));
}

TEST(LogsOnATerminal, Case86NothingReachesItThatItWouldActOn) {
  EXPECT_EQ(escapeControls("a\x1b[31mb\n\x7f"), "a\\x1b[31mb\\n\\x7f");
  EXPECT_EQ(shownLine("语言\tok\r"), "语言\tok");
  EXPECT_EQ(shownLine("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
  EXPECT_EQ(shownLine("over\rwritten"), "over\\rwritten");
  EXPECT_EQ(shownLine("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m")
      << "CSI in one character";
  EXPECT_EQ(shownLine("\xe2\x80\xae"
                      "txt.exe"),
            "\\xe2\\x80\\xaetxt.exe")
      << "turns the direction";
  EXPECT_EQ(shownLine(std::string_view("\0\xff", 2)), "\\x00\\xff");
}

TEST(LogPattern, FindsTextAndPatternsInBytes) {
  const auto matches = [](const std::string& pattern, std::string_view line) {
    return LogPattern::compile(pattern).value().matches(line).value();
  };
  EXPECT_TRUE(matches("timeout", "a timeout happened"));
  EXPECT_FALSE(matches("timeout", "a Timeout happened"));
  EXPECT_TRUE(matches("(?i)timeout", "a Timeout happened"));
  EXPECT_TRUE(matches("^5\\d\\d |error", "503 GET /"));
  EXPECT_FALSE(matches("^5\\d\\d |error", "200 503"));
  EXPECT_TRUE(matches("a|b", std::string_view("\0\xff"
                                              "b",
                                              3)));
  EXPECT_TRUE(matches("语", "语言"));
}

TEST(LogPattern, OneThatIsNoneIsAUsageError) {
  const auto compiled = LogPattern::compile("(");
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code(), ErrorCode::Usage);
}

TEST(LogPattern, OneThatTakesForEverIsAnError) {
  const auto pattern = LogPattern::compile("^(a+)+$");
  ASSERT_TRUE(pattern);
  const auto matched = pattern->matches(std::string(5000, 'a') + "b");
  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().code(), ErrorCode::LimitExceeded);
  const auto deep = LogPattern::compile("^(?:a|b)*c$");
  EXPECT_FALSE(deep->matches(std::string(limits::kLogLineBytes, 'a')).value_or(false)) << "and no stack overflows";
}

TEST(LogTime, DurationsAndTimes) {
  const WallTime now = timeOf("2026-11-29T12:00:00.000Z");
  EXPECT_EQ(parseSince("90s", now).value(), timeOf("2026-11-29T11:58:30.000Z"));
  EXPECT_EQ(parseSince("1h30m", now).value(), timeOf("2026-11-29T10:30:00.000Z"));
  EXPECT_EQ(parseSince("3d", now).value(), timeOf("2026-11-26T12:00:00.000Z"));
  EXPECT_EQ(parseSince("2026-11-29", now).value(), timeOf("2026-11-29T00:00:00.000Z"));
  EXPECT_EQ(parseSince("2026-11-29T01:30", now).value(), timeOf("2026-11-29T01:30:00.000Z"));
  EXPECT_EQ(parseSince("2026-11-29T01:30:05Z", now).value(), timeOf("2026-11-29T01:30:05.000Z"));
  EXPECT_EQ(parseSince("2026-11-29T01:30:05.250Z", now).value(), timeOf("2026-11-29T01:30:05.250Z"));
  for (const char* wrong : {"", "5", "m", "-5m", "5w", "1h30", "99999999999999999999h", "9999999999d", "2026-13-01",
                            "yesterday", "2026-11-29T01:30:05+02:00"}) {
    const auto parsed = parseSince(wrong, now);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code(), ErrorCode::Usage) << wrong;
  }
}

}  // namespace tenon::host
