#include "host/base/Log.h"

#include <gtest/gtest.h>

#include <vector>

#include "host/base/WorkerPool.h"

namespace tenon::host {
namespace {

constexpr WallTime kTime{Millis(1'795'506'300'123)};

TEST(Log, LineIsTimeLevelText) {
  EXPECT_EQ(logLine(kTime, LogLevel::Info, "agent up"), "2026-11-24T07:45:00.123Z info agent up");
  EXPECT_EQ(logLine(kTime, LogLevel::Debug, ""), "2026-11-24T07:45:00.123Z debug ");
  EXPECT_EQ(logLine(kTime, LogLevel::Warning, "x"), "2026-11-24T07:45:00.123Z warning x");
  EXPECT_EQ(logLine(kTime, LogLevel::Error, "x"), "2026-11-24T07:45:00.123Z error x");
}

// Case 86 of the faults: escapes in what others say are shown as text.
TEST(Log, ControlCharactersAreShownNotObeyed) {
  EXPECT_EQ(escapeControls("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(escapeControls("a\nerror forged\r\tb"), "a\\nerror forged\\r\\tb");
  EXPECT_EQ(escapeControls(std::string_view("\0\x01\x7f", 3)), "\\x00\\x01\\x7f");
  EXPECT_EQ(escapeControls("\xC2\x9B"
                           "31m"),
            "\\xc2\\x9b31m");
}

TEST(Log, Utf8StaysAndBrokenUtf8IsShown) {
  EXPECT_EQ(escapeControls("模型 ü 😀 “…”"), "模型 ü 😀 “…”");
  EXPECT_EQ(escapeControls("a\xE2\x80\xAE\xE2\x80\xA8\xE2\x81\xA9"), "a\\xe2\\x80\\xae\\xe2\\x80\\xa8\\xe2\\x81\\xa9");
  EXPECT_EQ(escapeControls("a\xFFz\xE4\xBD"), "a\\xffz\\xe4\\xbd");
}

TEST(StderrLog, WritesOneLineAndNothingBelowItsLevel) {
  StderrLog log(LogLevel::Warning);
  testing::internal::CaptureStderr();
  log.info("not this");
  log.warning("this\nand that");
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(written.ends_with("Z warning this\\nand that\n")) << written;
  EXPECT_EQ(written.find("not this"), std::string::npos);
}

TEST(StderrLog, LinesOfManyThreadsStayWhole) {
  StderrLog log(LogLevel::Debug);
  const std::string text(3000, 'x');
  testing::internal::CaptureStderr();
  {
    WorkerPool pool(4);
    std::vector<WorkerPool::Task> tasks(64, [&] { log.info(text); });
    pool.runAll(std::move(tasks));
  }
  const std::string written = testing::internal::GetCapturedStderr();
  std::size_t lines = 0;
  for (std::size_t at = 0; at < written.size(); ++lines) {
    const std::size_t end = written.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(written.substr(at + 24, end - at - 24), " info " + text);
    at = end + 1;
  }
  EXPECT_EQ(lines, 64U);
}

}  // namespace
}  // namespace tenon::host
