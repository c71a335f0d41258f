// Time, injected everywhere so that tests never sleep.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/Result.h"

namespace tenon::host {

using Millis = std::chrono::milliseconds;
using Micros = std::chrono::microseconds;
// Monotonic; only differences mean anything, and only within one process.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Micros>;
// UTC. May jump.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Millis>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;    // any thread
  virtual WallTime wall() const = 0;  // any thread
};

// The machine's. Stateless.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
  WallTime wall() const override;
};

// RFC 3339 in UTC with milliseconds: 2026-11-24T07:45:00.123Z.
std::string formatTime(WallTime time);
// Exactly what formatTime writes. Error: format-invalid.
Result<WallTime> parseTime(std::string_view text);

}  // namespace tenon::host
