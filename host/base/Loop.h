// One thread that runs messages and timers and waits on one source of outside events. Policy lives in what is posted.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "host/base/Clock.h"

namespace tenon::host {

// What a loop blocks on between its messages: process ends, sockets.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // Loop's thread. Blocks until something happened and was dispatched, wake() was called, or `most` passed; < 0: no limit.
  virtual void waitAndDispatch(Millis most) = 0;
  // Any thread. Ends the wait that runs, or the next one.
  virtual void wake() = 0;
};

class Loop {
 public:
  using Task = std::function<void()>;
  using TimerId = std::uint64_t;  // 0 is none

  // Both outlive the loop.
  Loop(const Clock& clock, EventSource& source) : clock_(clock), source_(source) {}
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void start();  // makes the thread; once
  void stop();   // any thread but the loop's own; what is posted before it still runs, timers do not

  // Any thread. Messages run in the order of posting; what is posted after stop() is dropped.
  void post(Task task);
  // Runs `task` on the loop and waits for it. Never from the loop's own thread. False: the loop has stopped, `task` did not
  // run.
  bool postAndWait(const Task& task);

  // Loop's thread only.
  TimerId at(Instant when, Task task);
  TimerId after(Millis delay, Task task) { return at(clock_.now() + delay, std::move(task)); }
  void cancel(TimerId timer);
  const Clock& clock() const { return clock_; }

  // For tests, in place of start(): runs all messages and all timers that are due, once, without waiting on the source. A
  // message that those post still runs, a timer that they set does not, even where it is due at once.
  void runDue();
  // For tests: when the next timer is due, if there is one.
  std::optional<Instant> nextDue() const;

 private:
  struct Timer {
    TimerId id;
    Task task;
  };
  using Timers = std::multimap<Instant, Timer>;  // equal instants stay in the order in which they were set

  void run();
  std::vector<Task> takePosted(bool& stopping);
  void runTimers();
  Millis untilNext() const;

  const Clock& clock_;
  EventSource& source_;

  std::mutex mutex_;  // of the three below
  std::vector<Task> posted_;
  bool stopping_ = false;
  std::thread thread_;

  std::atomic<std::thread::id> owner_;
  Timers timers_;
  std::unordered_map<TimerId, Timers::iterator> timerById_;
  TimerId lastTimer_ = 0;
};

// One timer of a loop, at most one task under way; gone with its owner. Loop's thread only.
class LoopTimer {
 public:
  explicit LoopTimer(Loop& loop) : loop_(loop) {}
  ~LoopTimer() { cancel(); }
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;

  // Replaces what was set before.
  void start(Millis delay, Loop::Task task) { startAt(loop_.clock().now() + delay, std::move(task)); }
  void startAt(Instant when, Loop::Task task) {
    cancel();
    id_ = loop_.at(when, [this, task = std::move(task)] {
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
