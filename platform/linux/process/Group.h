// One containment group: what a spawn led to, held together so that it can be limited, counted and killed as a whole.
// A value: names of kernel folders, no open descriptors. Any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/linux/Fault.h"
#include "tenon/json.hpp"

namespace tenon::platform {

// The member, where it is there and a string; else empty.
std::string textOf(const json::Value& object, std::string_view key);

struct Group {
  std::string kind;               // "cgroup-v2" "cgroup-v1" "process-group"
  std::string name;               // unique on this machine
  std::string primary;            // folder of the group that holds every process; empty for process-group
  std::string memory, cpu, pids;  // folders of v1 groups that were entered for a limit; empty: none
  bool bornInto = false;          // the kernel can put a child there at its birth; told at making only
  pid_t leader = 0;               // the main process, which leads the session
  std::uint64_t leaderStart = 0;  // its start time, since numbers come back

  bool isCgroup() const { return !primary.empty(); }
  std::vector<std::string> limitFolders() const;  // those of v1

  json::Value identity() const;
  static Outcome parse(const json::Value& identity, Group& group);

  // Is that process inside? It must be alive or unreaped.
  bool contains(pid_t pid) const;
  // Of the cgroup and those below it.
  std::vector<pid_t> processes() const;
  bool populated() const;
  // Times that the limit's killer struck; nothing where the machine does not tell.
  std::optional<std::uint64_t> memoryKills() const;
  // Takes the empty folders away; one that is still used stays.
  void remove() const;
};

// The environment entry by which a child is found again in a process-group, and its value for a group.
inline constexpr std::string_view kGroupTag = "TENON_GROUP=";

// Deepest first, the folder itself last.
void forEachFolderBelow(const std::string& folder, const std::function<void(const std::string&)>& tell, unsigned depth = 0);

}  // namespace tenon::platform
