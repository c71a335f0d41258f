#include "platform/linux/process/CgroupMounts.h"

#include <algorithm>

#include "platform/linux/ProcFs.h"

namespace tenon::platform {

namespace {

struct OwnGroup {
  std::vector<std::string_view> controllers;
  std::string_view path;
};

// Lines "4:memory:/a/b", "1:name=systemd:/", "0::/a".
std::vector<OwnGroup> parseOwn(std::string_view text) {
  std::vector<OwnGroup> all;
  for (const auto line : splitText(text, '\n')) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    all.push_back({splitText(line.substr(first + 1, second - first - 1), ','), line.substr(second + 1)});
  }
  return all;
}

// The group's folder below a mount that shows the hierarchy from `root` down.
std::string folderBelow(std::string_view mount, std::string_view root, std::string_view path) {
  if (root != "/" && path.substr(0, root.size()) == root) path.remove_prefix(root.size());
  if (path.substr(0, 3) == "/..") path = "";  // outside of this namespace
  if (path == "/") path = "";
  return std::string(mount) + std::string(path);
}

}  // namespace

std::vector<Hierarchy> parseHierarchies(std::string_view mountinfo, std::string_view cgroup) {
  constexpr std::size_t kRoot = 3, kMount = 4;
  const auto own = parseOwn(cgroup);
  std::vector<Hierarchy> all;
  for (const auto line : splitText(mountinfo, '\n')) {
    const auto dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const auto left = splitText(line.substr(0, dash), ' ');
    const auto right = splitText(line.substr(dash + 3), ' ');  // type, source, options of the hierarchy
    if (left.size() <= kMount || right.size() < 3 || (right[0] != "cgroup" && right[0] != "cgroup2")) continue;
    const bool v2 = right[0] == "cgroup2";
    const auto options = splitText(right[2], ',');
    const auto mine = std::find_if(own.begin(), own.end(), [&](const OwnGroup& group) {
      if (v2 || group.controllers.empty()) return v2 && group.controllers.empty();
      return std::find(options.begin(), options.end(), group.controllers.front()) != options.end();
    });
    if (mine == own.end()) continue;
    Hierarchy hierarchy;
    hierarchy.v2 = v2;
    hierarchy.controllers.assign(mine->controllers.begin(), mine->controllers.end());
    hierarchy.mount = left[kMount];
    hierarchy.own = folderBelow(left[kMount], left[kRoot], mine->path);
    all.push_back(std::move(hierarchy));
  }
  return all;
}

std::vector<Hierarchy> readHierarchies() {
  return parseHierarchies(readKernelFile("/proc/self/mountinfo").value_or(""),
                          readKernelFile("/proc/self/cgroup").value_or(""));
}

}  // namespace tenon::platform
