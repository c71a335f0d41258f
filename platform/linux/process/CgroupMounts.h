// Which control group hierarchies this machine has mounted, and where this process stands in each. Stateless; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::platform {

struct Hierarchy {
  bool v2 = false;
  std::vector<std::string> controllers;  // of v1; empty for v2, where a folder's cgroup.controllers tells
  std::string mount;                     // folder of the root
  std::string own;                       // folder of this process's own group
};

// From the texts of /proc/self/mountinfo and /proc/self/cgroup (man 7 cgroups, man 5 proc).
std::vector<Hierarchy> parseHierarchies(std::string_view mountinfo, std::string_view cgroup);
std::vector<Hierarchy> readHierarchies();

}  // namespace tenon::platform
