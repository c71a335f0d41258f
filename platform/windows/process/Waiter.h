// Blocks on the ends of many processes at once, far more than the 64 of WaitForMultipleObjects: the system's thread pool
// watches the handles and puts each end into one completion port, from which a single thread takes them.
// wait(): one thread at a time; the rest from any thread. Opens nothing and starts no thread before the first use.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "platform/windows/Fault.h"
#include "platform/windows/Handle.h"
#include "tenon/plugin.h"

namespace tenon::platform {

class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter();

  // `handle` stays open until forget() has returned.
  Outcome watch(tenon_process process, HANDLE handle);
  void forget(tenon_process process);

  struct Turn {
    std::vector<tenon_process> ended;  // each is told once
    bool woken = false;
  };
  // At most `capacity` of them. timeoutMs < 0: no limit.
  Outcome wait(std::int64_t timeoutMs, std::uint32_t capacity, Turn& turn);
  void wake();

 private:
  struct Watch {
    HANDLE port = nullptr;
    tenon_process process = 0;
    HANDLE registration = nullptr;
  };
  static void CALLBACK onEnd(void* watch, BOOLEAN timedOut);
  Outcome ensureOpen();

  std::mutex mutex_;  // guards the opening and the table
  Handle port_;
  std::unordered_map<tenon_process, std::unique_ptr<Watch>> watches_;
  std::atomic<bool> waking_{false};  // a wake is in the port
};

}  // namespace tenon::platform
