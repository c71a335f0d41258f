// Which way this machine offers to hold a service's processes together, and groups made that way.
//
// Best first: cgroup v2 with its controllers; cgroup v2 for membership and kill (or one v1 hierarchy where there is no v2)
// with v1 groups entered for the limits that a service has; a session and process group, found again by a subreaper and a
// tag. Looking changes nothing; the folder "tenon" is made with the first group and goes with the last. Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "platform/linux/Fault.h"
#include "platform/linux/process/CgroupMounts.h"
#include "platform/linux/process/Group.h"
#include "platform/linux/process/SpawnRequest.h"

namespace tenon::platform {

// One way to contain. The folders are those in which "tenon" lies or will lie.
struct ContainmentWay {
  std::string kind;               // as in Group
  std::string why;                // it is no better one; empty for the best
  std::string primary;            // empty for process-group
  std::string memory, cpu, pids;  // v1; empty: that limit can't be held
  bool bornInto = false;          // `primary` is of v2, so the kernel can put a child there at its birth
  bool leave = false;             // v2: this process must leave `primary` for a group below, so that it can have controllers
};

// From what is mounted; best first, process-group always last.
std::vector<ContainmentWay> findContainmentWays(const std::vector<Hierarchy>& hierarchies);

class Containment {
 public:
  using Warn = std::function<void(const std::string&)>;
  explicit Containment(Warn warn);

  ContainmentWay way() const;
  // A new empty group with its limits; tries the next way, and says so, where one turns out not to work.
  Outcome make(const std::string& name, const Limits& limits, Group& group);
  // Takes the folders "tenon" away where they are empty. The last call.
  void close();

 private:
  ContainmentWay preparedWay();
  Outcome makeIn(const ContainmentWay& way, const Limits& limits, Group& group);
  void warnOfMissing(const ContainmentWay& way, const Limits& limits, const std::string& name) const;

  Warn warn_;
  mutable std::mutex mutex_;
  std::vector<ContainmentWay> ways_;  // the first is the one in use
  bool prepared_ = false;             // the way's folders are made
};

}  // namespace tenon::platform
