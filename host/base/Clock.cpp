#include "host/base/Clock.h"

#include <cstdio>

namespace tenon::host {

Instant SystemClock::now() const { return std::chrono::time_point_cast<Micros>(std::chrono::steady_clock::now()); }

WallTime SystemClock::wall() const { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

std::string formatTime(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

}  // namespace tenon::host
