#include "host/base/Clock.h"

#include <gtest/gtest.h>

namespace tenon::host {
namespace {

WallTime sinceEpoch(std::int64_t millis) { return WallTime(Millis(millis)); }

TEST(FormatTime, WritesUtcWithMilliseconds) {
  EXPECT_EQ(formatTime(sinceEpoch(1'795'506'300'123)), "2026-11-24T07:45:00.123Z");
  EXPECT_EQ(formatTime(sinceEpoch(0)), "1970-01-01T00:00:00.000Z");
}

TEST(FormatTime, KnowsLeapDaysAndTheEndsOfYears) {
  EXPECT_EQ(formatTime(sinceEpoch(951'782'400'000)), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(formatTime(sinceEpoch(1'709'251'199'999)), "2024-02-29T23:59:59.999Z");
  EXPECT_EQ(formatTime(sinceEpoch(4'107'542'400'000)), "2100-03-01T00:00:00.000Z");
  EXPECT_EQ(formatTime(sinceEpoch(253'402'300'799'999)), "9999-12-31T23:59:59.999Z");
}

TEST(FormatTime, CountsDownBeforeTheEpoch) { EXPECT_EQ(formatTime(sinceEpoch(-1)), "1969-12-31T23:59:59.999Z"); }

TEST(SystemClock, GoesForwardAndKnowsThisCentury) {
  const SystemClock clock;
  const Instant first = clock.now();
  EXPECT_LE(first, clock.now());
  EXPECT_EQ(formatTime(clock.wall()).substr(0, 2), "20");
}

}  // namespace
TEST(Time, IsReadAsItWasWrittenAndInNoOtherForm) {
  for (const std::string text : {"1970-01-01T00:00:00.000Z", "2026-11-24T07:45:00.123Z", "2028-02-29T23:59:59.999Z"}) {
    const auto time = parseTime(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(formatTime(*time), text);
  }
  for (const std::string text : {"", "2026-11-24", "2026-11-24T07:45:00Z", "2026-11-24T07:45:00.123+00:00",
                                 "2026-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-11-24T24:00:00.000Z",
                                 "2026-11-24T07:60:00.000Z", "2026-11-24t07:45:00.123z", "2026-11-24T07:45:00.123Z "}) {
    EXPECT_EQ(parseTime(text).error().code(), ErrorCode::FormatInvalid) << text;
  }
}

}  // namespace tenon::host
