// A fixed number of threads for work that blocks: HTTP requests, changes, hashing.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tenon::host {

class WorkerPool {
 public:
  using Task = std::function<void()>;

  explicit WorkerPool(std::size_t threads);
  ~WorkerPool();  // finishes what has begun, drops what waits
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Any thread. Tasks begin in the order of posting.
  void post(Task task);
  std::size_t waiting() const;

  // Runs every task on the pool and on the calling thread, and returns when all are done. Safe on a pool of any size, on one
  // whose threads are all busy, and from within a task.
  void runAll(std::vector<Task> tasks);

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// A place where a number of threads wait for each other, as often as they come. In place of std::latch and std::barrier,
// whose waits are not reliable in libstdc++ 12 on systems without futexes: a thread may sleep through the last arrival.
class Meeting {
 public:
  explicit Meeting(std::size_t expected) : expected_(expected), missing_(expected) {}

  void arriveAndWait() {
    std::unique_lock lock(mutex_);
    const std::size_t mine = round_;
    if (--missing_ == 0) {
      missing_ = expected_;
      ++round_;
      complete_.notify_all();
    }
    complete_.wait(lock, [&] { return round_ != mine; });
  }

 private:
  const std::size_t expected_;
  std::mutex mutex_;
  std::condition_variable complete_;
  std::size_t missing_;
  std::size_t round_ = 0;
};

}  // namespace tenon::host
