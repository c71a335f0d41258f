// Blocks on the ends of many processes at once: one epoll over their pidfds, and an eventfd to end the wait.
// wait(): one thread at a time; the rest from any thread. Opens nothing before the first use.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "platform/linux/Descriptor.h"
#include "platform/linux/Fault.h"

namespace tenon::platform {

class Waiter {
 public:
  Outcome watch(tenon_process process, int pidfd);
  void forget(int pidfd);

  struct Turn {
    std::vector<tenon_process> ended;  // each is told again at every turn until it is forgotten
    bool woken = false;
  };
  // At most `capacity` of them. timeoutMs < 0: no limit.
  Outcome wait(std::int64_t timeoutMs, std::uint32_t capacity, Turn& turn);
  void wake();

 private:
  Outcome ensureOpen();

  std::mutex mutex_;  // guards the opening alone
  Descriptor epoll_, wake_;
};

}  // namespace tenon::platform
