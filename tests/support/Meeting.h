// A place where a number of threads wait for each other. In place of std::latch, whose wait is not reliable in libstdc++ 12
// on systems without futexes: a thread may sleep through the last arrival.
#pragma once

#include <condition_variable>
#include <mutex>

namespace tenon::host {

class Meeting {
 public:
  explicit Meeting(int expected) : missing_(expected) {}

  void arriveAndWait() {
    std::unique_lock lock(mutex_);
    if (--missing_ == 0) complete_.notify_all();
    complete_.wait(lock, [this] { return missing_ <= 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable complete_;
  int missing_;
};

}  // namespace tenon::host
