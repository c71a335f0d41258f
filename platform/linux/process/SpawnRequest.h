// tenon.spawn/1, read and checked. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/linux/Fault.h"

namespace tenon::platform {

struct Limits {
  std::optional<std::uint64_t> memoryBytes, processes, openFiles;
  std::optional<double> cpus;
};

// What the process may reach by name, whatever the permissions say.
struct FileRules {
  // Of the machine, beside what follows: as permissions say; what programs of the system need, and devices; the same, to
  // read alone, and the devices that hold nothing.
  enum class Rest { Open, System, ReadOnly };
  std::string hidden;  // nothing in this folder but what follows; empty: no such folder
  Rest rest = Rest::Open;
  std::vector<std::string> read;   // and execute
  std::vector<std::string> write;  // and read, and execute; files too
};

struct IsolationRequest {
  bool required = false;              // what cannot be had is an error; else it is told
  std::optional<std::uint32_t> user;  // of the process, and its only group
  std::vector<std::string> owned;     // folders that belong to whom it runs as, with all in them
  std::optional<FileRules> files;
  bool network = true;     // false: it can make no socket, and what it starts neither
  bool privileges = true;  // false: it has none, and neither has what it starts, whoever it is
  bool wanted() const { return user || files || !owned.empty() || !network || !privileges; }
};

struct SpawnRequest {
  std::string name;               // unique among one agent's: [a-z0-9._-]
  std::vector<std::string> argv;  // [0] is an absolute path
  std::vector<std::string> env;   // "KEY=VALUE"
  std::string cwd;
  std::string output;  // empty: what it writes is lost
  Limits limits;
  IsolationRequest isolation;
  std::optional<std::uint64_t> into;  // the process whose containment it joins, instead of one of its own
};

// What a group may be called: it becomes the name of a folder.
bool isGroupName(std::string_view name);

// tenon.become/1: the program and its arguments.
Outcome parseBecomeRequest(std::string_view document, std::vector<std::string>& argv);

Outcome parseSpawnRequest(std::string_view document, SpawnRequest& request);

}  // namespace tenon::platform
