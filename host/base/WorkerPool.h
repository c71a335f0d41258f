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

}  // namespace tenon::host
