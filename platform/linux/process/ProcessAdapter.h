// tenon.platform/1 on Linux: what each call promises stands in sdk/include/tenon/plugin.h. wait(): one thread at a time; the
// rest from any thread. A service is no child that dies with its agent: nothing here ties the two lives together.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "platform/linux/Descriptor.h"
#include "platform/linux/Fault.h"
#include "platform/linux/process/Containment.h"
#include "platform/linux/process/Group.h"
#include "platform/linux/process/OpenFiles.h"
#include "platform/linux/process/Waiter.h"
#include "tenon/json.hpp"

namespace tenon::platform {

// Descriptors that a helper has, and no other process that is spawned; -1: none.
struct HelperEnds {
  int channel = -1, library = -1;
};

class ProcessAdapter {
 public:
  explicit ProcessAdapter(Containment::Warn warn) : containment_(std::move(warn)) {}
  ~ProcessAdapter() { containment_.close(); }
  ProcessAdapter(const ProcessAdapter&) = delete;
  ProcessAdapter& operator=(const ProcessAdapter&) = delete;

  ContainmentWay containmentWay() const { return containment_.way(); }

  Outcome spawn(std::string_view document, tenon_process& process, std::string& identity);
  // It finds its channel by TENON_CHANNEL; wait() tells nothing of it.
  Outcome spawnHelper(HelperEnds ends, std::string_view document, tenon_process& process, std::string& identity);
  // Readable once it has ended; until endHelper().
  int helperDescriptor(tenon_process helper) const;
  // How a helper ended; false where it has not within that time.
  bool helperEnded(tenon_process helper, int millis, tenon_ended& ended);
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
  Outcome become(std::string_view document);
  void openManyFiles() { openFiles_.raise(); }  // before the first thread
  Outcome stats(tenon_process process, tenon_stats& stats);
  Outcome ownsListener(tenon_process process, std::uint16_t port, std::int32_t& owns);

 private:
  struct Tracked {
    pid_t pid = 0;
    std::uint64_t startTime = 0;
    Descriptor pidfd;
    Group group;
    HelperEnds ends;  // of a helper, while it is started
    std::atomic<bool> ended{false};
    std::atomic<bool> killed{false};  // by us, so not by a limit
  };
  using TrackedPtr = std::shared_ptr<Tracked>;

  Outcome spawnWith(HelperEnds ends, std::string_view document, tenon_process& process, std::string& identity);
  // Into `home`, which is its own group or another process's.
  Outcome start(const struct SpawnRequest& request, const Group& home, Tracked& tracked, json::Value& isolation);
  Outcome findHost(const struct SpawnRequest& request, TrackedPtr& host) const;
  Outcome track(TrackedPtr tracked, tenon_process& process);
  Outcome find(tenon_process process, TrackedPtr& tracked) const;
  bool collect(tenon_process process, tenon_ended& ended);
  bool isKnown(pid_t pid) const;
  bool orphansComeHere() const;
  std::string identityOf(const Tracked& tracked, const json::Value& isolation);
  const std::string& boot();

  Containment containment_;
  OpenFiles openFiles_;
  Waiter waiter_;
  std::shared_mutex births_;  // shared: a child may be born that is not yet in the table
  mutable std::mutex mutex_;
  std::unordered_map<tenon_process, TrackedPtr> tracked_;
  tenon_process last_ = 0;
  std::once_flag bootRead_;
  std::string boot_;
};

}  // namespace tenon::platform
