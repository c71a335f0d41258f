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

struct SpawnRequest {
  std::string name;               // unique among one agent's: [a-z0-9._-]
  std::vector<std::string> argv;  // [0] is an absolute path
  std::vector<std::string> env;   // "KEY=VALUE"
  std::string cwd, output;
  Limits limits;
};

// What a group may be called: it becomes the name of a folder.
bool isGroupName(std::string_view name);

Outcome parseSpawnRequest(std::string_view document, SpawnRequest& request);

}  // namespace tenon::platform
