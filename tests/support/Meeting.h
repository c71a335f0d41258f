// A place where a number of threads wait for each other, as often as they come. In place of std::latch and std::barrier,
// whose waits are not reliable in libstdc++ 12 on systems without futexes: a thread may sleep through the last arrival.
#pragma once

#include <condition_variable>
#include <mutex>

namespace tenon::host {

class Meeting {
 public:
  explicit Meeting(int expected) : expected_(expected), missing_(expected) {}

  void arriveAndWait() {
    std::unique_lock lock(mutex_);
    const int mine = round_;
    if (--missing_ == 0) {
      missing_ = expected_;
      ++round_;
      complete_.notify_all();
    }
    complete_.wait(lock, [&] { return round_ != mine; });
  }

 private:
  const int expected_;
  std::mutex mutex_;
  std::condition_variable complete_;
  int missing_;
  int round_ = 0;
};

}  // namespace tenon::host
