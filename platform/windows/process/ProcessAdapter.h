// tenon.platform/1 on Windows: what each call promises stands in sdk/include/tenon/plugin.h. wait(): one thread at a time;
// the rest from any thread. A service is no child that dies with its agent: nothing here ties the two lives together.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/windows/Fault.h"
#include "platform/windows/Handle.h"
#include "platform/windows/process/Group.h"
#include "platform/windows/process/Waiter.h"

namespace tenon::platform {

class ProcessAdapter {
 public:
  explicit ProcessAdapter(Warn warn) : warn_(std::move(warn)) {}
  ProcessAdapter(const ProcessAdapter&) = delete;
  ProcessAdapter& operator=(const ProcessAdapter&) = delete;

  Outcome spawn(std::string_view document, tenon_process& process, std::string& identity);
  // With a handle that it finds by TENON_CHANNEL; it ends with this process, and wait() tells nothing of it.
  Outcome spawnHelper(HANDLE channel, std::string_view document, tenon_process& process, std::string& identity);
  // Of its process; until endHelper().
  HANDLE helperHandle(tenon_process helper) const;
  // How a helper ended; false where it has not within that time.
  bool helperEnded(tenon_process helper, DWORD millis, tenon_ended& ended);
  // Killed with all that it led to, and forgotten.
  void endHelper(tenon_process helper);
  // What is left in the group of a main process that has ended is killed before the answer "not-found".
  Outcome adopt(std::string_view identity, tenon_process& process);
  Outcome wait(std::int64_t timeoutMs, tenon_ended* ended, std::uint32_t capacity, std::uint32_t& count);
  void wake() { waiter_.wake(); }
  Outcome signal(tenon_process process, std::string_view name);
  Outcome killTree(tenon_process process);
  void release(tenon_process process);
  Outcome killUnknown(std::string_view beginning);
  Outcome freeze(tenon_process process, bool on);
  Outcome stats(tenon_process process, tenon_stats& stats);
  Outcome ownsListener(tenon_process process, std::uint16_t port, std::int32_t& owns);

 private:
  struct Tracked {
    DWORD pid = 0;
    std::uint64_t startTime = 0;
    Handle process, stopEvent;
    HANDLE channel = nullptr;  // of a helper, while it is started; else null
    Group group;
    std::atomic<bool> ended{false};
    std::atomic<bool> killed{false};  // by us
    std::atomic<bool> frozen{false};  // likewise
    std::atomic<int> asked{0};        // the number of the signal that asked it to end
  };
  using TrackedPtr = std::shared_ptr<Tracked>;

  // Spawning.cpp
  Outcome spawnWith(HANDLE channel, std::string_view document, tenon_process& process, std::string& identity);
  // Into a job, which is its own or another process's.
  Outcome start(const SpawnRequest& request, HANDLE job, Tracked& tracked);
  Outcome findHost(const SpawnRequest& request, TrackedPtr& host) const;
  bool mayLeaveOurJob();
  static std::string identityOf(const Tracked& tracked, const std::vector<std::string>& lacks);
  // ProcessAdapter.cpp
  Outcome track(TrackedPtr tracked, tenon_process& process);
  Outcome find(tenon_process process, TrackedPtr& tracked) const;
  bool collect(tenon_process process, tenon_ended& ended);
  static Outcome askToEnd(Tracked& tracked, int number);

  Warn warn_;
  mutable std::mutex mutex_;
  std::unordered_map<tenon_process, TrackedPtr> tracked_;
  tenon_process last_ = 0;
  std::once_flag ownJobSeen_;
  bool mayLeave_ = false;
  Waiter waiter_;  // the last: it must be gone before the handles that it watches
};

}  // namespace tenon::platform
