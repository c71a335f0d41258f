// One containment group: what a spawn led to, held together by a Job Object so that it can be limited, counted and killed as
// a whole. Nothing happens to it when the last handle closes (no kill-on-close), but its name goes then: so the main process
// is given a handle of its own, by which the name lives as long as that process, whatever becomes of the agent.
// Where the job can no longer be named, the tree is found from a list of all processes (Snapshot.h) and isJob() is false.
// Owned by who tracks the process; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/windows/Fault.h"
#include "platform/windows/Handle.h"
#include "platform/windows/process/SpawnRequest.h"
#include "tenon/json.hpp"

namespace tenon::platform {

using Warn = std::function<void(const std::string&)>;

// The member, where it is there and a string; else empty.
std::string textOf(const json::Value& object, std::string_view key);

struct Group {
  std::string name;               // unique on this machine
  Handle job;                     // none: its name is gone
  DWORD leader = 0;               // the main process
  std::uint64_t leaderStart = 0;  // its start time

  bool isJob() const { return static_cast<bool>(job); }

  // A new empty job with its limits; one that cannot be held is warned of.
  static Outcome make(const std::string& name, const Limits& limits, const Warn& warn, Group& group);
  json::Value identity() const;
  // Opens the job where it still has its name.
  static Group named(const std::string& name);
  static Outcome parse(const json::Value& identity, Group& group);

  // Is that process inside? Asked with a handle that may query.
  bool contains(HANDLE process) const;
  // Those that run, without the host of the hidden console: it ends by itself when its clients have.
  std::vector<DWORD> processes() const;
  bool populated() const;
};

}  // namespace tenon::platform
