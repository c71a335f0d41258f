#include "host/base/WorkerPool.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace tenon::host {

namespace {

// Tasks that several threads take from. Helpers may come to it long after its owner has gone, and then find nothing.
class Batch {
 public:
  explicit Batch(std::vector<WorkerPool::Task> tasks) : tasks_(std::move(tasks)), unfinished_(tasks_.size()) {}

  void work() {
    while (auto task = take()) {
      task();
      task = nullptr;  // what it holds must be gone before its owner goes on
      const std::lock_guard lock(mutex_);
      if (--unfinished_ == 0) done_.notify_all();
    }
  }
  void wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return unfinished_ == 0; });
  }

 private:
  WorkerPool::Task take() {
    const std::lock_guard lock(mutex_);
    return next_ < tasks_.size() ? std::exchange(tasks_[next_++], nullptr) : nullptr;
  }

  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<WorkerPool::Task> tasks_;
  std::size_t next_ = 0;
  std::size_t unfinished_;
};

}  // namespace

WorkerPool::WorkerPool(std::size_t threads) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() {
  std::deque<Task> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(tasks_);
  }
  changed_.notify_all();
  dropped.clear();  // before the wait: what has begun may be waiting for something that these hold
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

// The caller takes tasks like any helper and waits only for those that have begun elsewhere: no thread of the pool need ever
// become free for this to end.
void WorkerPool::runAll(std::vector<Task> tasks) {
  if (tasks.empty()) return;
  const std::size_t helpers = std::min(threads_.size(), tasks.size() - 1);
  const auto batch = std::make_shared<Batch>(std::move(tasks));
  for (std::size_t i = 0; i < helpers; ++i) post([batch] { batch->work(); });
  batch->work();
  batch->wait();
}

void WorkerPool::run() {
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (stopping_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace tenon::host
