// One timer of a loop, at most one task under way; gone with its owner. Loop's thread only.
#pragma once

#include <utility>

#include "host/base/Loop.h"

namespace tenon::host {

class LoopTimer {
 public:
  explicit LoopTimer(Loop& loop) : loop_(loop) {}
  ~LoopTimer() { cancel(); }
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;

  // Replaces what was set before.
  void start(Millis delay, Loop::Task task) {
    cancel();
    id_ = loop_.after(delay, [this, task = std::move(task)] {
      id_ = 0;
      task();
    });
  }
  void cancel() {
    if (id_ != 0) loop_.cancel(std::exchange(id_, 0));
  }
  bool running() const { return id_ != 0; }

 private:
  Loop& loop_;
  Loop::TimerId id_ = 0;
};

}  // namespace tenon::host
