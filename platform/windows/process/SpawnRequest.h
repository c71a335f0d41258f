// tenon.spawn/1, read and checked. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/windows/Fault.h"
#include "platform/windows/file/NativePath.h"
#include "platform/windows/process/Environment.h"

namespace tenon::platform {

// What a spawn may ask for and this adapter does not give: a process is the agent's user, with that user's rights.
inline constexpr const char* kNoUser = "on Windows services run as the agent's user";
inline constexpr const char* kNoFiles = "on Windows a service may open whatever the agent may";
inline constexpr const char* kNetworkOpen = "on Windows a process may use the network as the agent may";

struct Limits {
  std::optional<std::uint64_t> memoryBytes, processes, openFiles;
  std::optional<double> cpus;
};

struct SpawnRequest {
  std::string name;               // unique among one agent's: [a-z0-9._-]
  std::vector<std::string> argv;  // [0] is the program's path
  NativePath program, cwd;
  std::optional<NativePath> output;  // none: what it writes is lost
  EnvironmentPairs env;
  Limits limits;
  std::optional<std::uint64_t> into;  // the process whose job it joins, instead of one of its own
  std::vector<std::string> lacks;     // of the isolation that was asked for
};

// What a group may be called: it becomes part of the names of kernel objects.
bool isGroupName(std::string_view name);

Outcome parseSpawnRequest(std::string_view document, SpawnRequest& request);

}  // namespace tenon::platform
