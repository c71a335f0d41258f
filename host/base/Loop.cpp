#include "host/base/Loop.h"

#include <algorithm>
#include <cstdlib>
#include <future>

namespace tenon::host {

Loop::~Loop() { stop(); }

void Loop::start() {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable() || stopping_) std::abort();
  thread_ = std::thread([this] { run(); });
}

void Loop::stop() {
  if (owner_ == std::this_thread::get_id()) std::abort();
  std::thread thread;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    thread.swap(thread_);
  }
  if (!thread.joinable()) return;
  source_.wake();
  thread.join();
}

// What waits already has woken the loop, and is taken together with this.
void Loop::post(Task task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (first) source_.wake();
}

bool Loop::postAndWait(const Task& task) {
  if (owner_ == std::this_thread::get_id()) std::abort();
  // A message that is dropped takes the promise with it, which also ends the wait.
  auto done = std::make_shared<std::promise<void>>();
  std::future<void> ended = done->get_future();
  post([&task, done = std::move(done)] {
    task();
    done->set_value();
  });
  try {
    ended.get();
    return true;
  } catch (const std::future_error&) {
    return false;
  }
}

Loop::TimerId Loop::at(Instant when, Task task) {
  const TimerId id = ++lastTimer_;
  timerById_[id] = timers_.emplace(when, Timer{id, std::move(task)});
  return id;
}

void Loop::cancel(TimerId timer) {
  const auto found = timerById_.find(timer);
  if (found == timerById_.end()) return;
  timers_.erase(found->second);
  timerById_.erase(found);
}

void Loop::run() {
  owner_ = std::this_thread::get_id();
  for (bool stopping = false;;) {
    for (const Task& task : takePosted(stopping)) task();
    if (stopping) break;
    runTimers();
    source_.waitAndDispatch(untilNext());
  }
  owner_ = std::thread::id();
}

std::vector<Loop::Task> Loop::takePosted(bool& stopping) {
  std::vector<Task> tasks;
  const std::lock_guard lock(mutex_);
  tasks.swap(posted_);
  stopping = stopping_;
  return tasks;
}

// What is due now, each timer once; one that an earlier one cancels does not run, one that it sets waits for the next round.
void Loop::runTimers() {
  std::vector<TimerId> due;
  const auto end = timers_.upper_bound(clock_.now());
  for (auto timer = timers_.begin(); timer != end; ++timer) due.push_back(timer->second.id);
  for (const TimerId id : due) {
    const auto found = timerById_.find(id);
    if (found == timerById_.end()) continue;
    const Task task = std::move(found->second->second.task);
    cancel(id);
    task();
  }
}

void Loop::runDue() {
  const auto runMessages = [this] {
    bool stopping = false;
    for (auto tasks = takePosted(stopping); !tasks.empty(); tasks = takePosted(stopping)) {
      for (const Task& task : tasks) task();
    }
  };
  runMessages();
  runTimers();
  runMessages();
}

std::optional<Instant> Loop::nextDue() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

// Rounded up: a wait that ends a little too early would only be followed by another.
Millis Loop::untilNext() const {
  const auto next = nextDue();
  if (!next) return Millis(-1);
  return std::max(Millis(0), std::chrono::ceil<Millis>(*next - clock_.now()));
}

}  // namespace tenon::host
