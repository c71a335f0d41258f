// A clock that stands still until a test moves it. Any thread.
#pragma once

#include <mutex>

#include "host/base/Clock.h"

namespace tenon::host {

class FakeClock final : public Clock {
 public:
  FakeClock() = default;  // wall time starts at 2026-11-24T07:45:00.123Z
  explicit FakeClock(WallTime wall) : wall_(wall) {}

  Instant now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  WallTime wall() const override {
    const std::lock_guard lock(mutex_);
    return wall_;
  }

  // Both clocks go on together.
  void advance(Micros by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    wall_ +=
        std::chrono::duration_cast<Millis>(now_ - Instant{}) - std::chrono::duration_cast<Millis>(now_ - by - Instant{});
  }
  // Wall time jumps, as when someone sets the machine's clock; the monotonic one does not notice.
  void setWall(WallTime wall) {
    const std::lock_guard lock(mutex_);
    wall_ = wall;
  }

 private:
  mutable std::mutex mutex_;
  Instant now_{std::chrono::hours(1)};  // not zero: code that takes zero for "never" must not pass by luck
  WallTime wall_{Millis(1'795'506'300'123)};
};

}  // namespace tenon::host
