#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>

#include "platform/linux/ProcFs.h"
#include "platform/linux/process/Containment.h"

namespace tenon::platform {

namespace {

constexpr std::string_view kNeeded[] = {"memory", "cpu", "pids"};

bool isThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }
bool isWritable(const std::string& folder) {
  return ::access(folder.c_str(), W_OK | X_OK) == 0 && ::access((folder + "/cgroup.procs").c_str(), W_OK) == 0;
}

bool listsNeeded(const std::string& file) {
  const auto text = readKernelFile(file).value_or("");
  const auto line = text.substr(0, text.find('\n'));
  const auto words = splitText(line, ' ');
  return std::all_of(std::begin(kNeeded), std::end(kNeeded),
                     [&](std::string_view needed) { return std::find(words.begin(), words.end(), needed) != words.end(); });
}

// systemd marks what it has handed over; in a container the whole namespace is ours.
bool isDelegated(const Hierarchy& v2, const std::string& folder) {
  char value[8] = {};
  for (const char* mark : {"trusted.delegate", "user.delegate"}) {
    if (::getxattr(folder.c_str(), mark, value, sizeof value) == 1 && value[0] == '1') return true;
  }
  return folder == v2.mount || ::geteuid() != 0;
}

// The root of the machine's hierarchy is the only group without a type; only it may hold processes and share out
// controllers.
bool isRealRoot(const std::string& folder) { return !isThere(folder + "/cgroup.type"); }

// The group of the unit that holds services beside an agent's of systemd, "" where there is none. In its own group they
// would keep the agent from being started again: the kernel takes no process into a group that shares out controllers.
std::string holderBeside(const Hierarchy& v2) {
  const std::string holder = v2.own.substr(0, v2.own.rfind('/')) + "/tenon-services.service";
  return holder != v2.own && isWritable(holder) && isDelegated(v2, holder) ? holder : "";
}

// In which folder of cgroup v2 ours shall lie.
std::string parentIn(const Hierarchy& v2) {
  constexpr std::string_view kLeaf = "/agent";  // where an agent before us, or systemd's DelegateSubgroup=, has put us
  if (v2.own.size() > kLeaf.size() && v2.own.compare(v2.own.size() - kLeaf.size(), kLeaf.size(), kLeaf) == 0) {
    const std::string above = v2.own.substr(0, v2.own.size() - kLeaf.size());
    if (isDelegated(v2, above) && isWritable(above)) return above;
  }
  return isDelegated(v2, v2.own) ? v2.own : v2.mount;
}

const Hierarchy* findController(const std::vector<Hierarchy>& all, std::string_view controller) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Hierarchy& one) {
    return !one.v2 && isWritable(one.own) &&
           std::find(one.controllers.begin(), one.controllers.end(), controller) != one.controllers.end();
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::vector<ContainmentWay> findContainmentWays(const std::vector<Hierarchy>& hierarchies) {
  std::vector<ContainmentWay> ways;
  std::string why = "cgroup v2 is not mounted here";
  std::string membership;
  const auto v2 = std::find_if(hierarchies.begin(), hierarchies.end(), [](const Hierarchy& one) { return one.v2; });
  if (v2 != hierarchies.end()) {
    const std::string holder = holderBeside(*v2), parent = holder.empty() ? parentIn(*v2) : holder;
    if (!isWritable(parent)) {
      why = "cgroup v2 is not writable at " + parent;
    } else if (!listsNeeded(parent + "/cgroup.controllers")) {
      why = "cgroup v2 has no memory, cpu and pids controllers at " + parent;
      membership = parent;
    } else {
      const bool shares = isRealRoot(parent) || listsNeeded(parent + "/cgroup.subtree_control");
      const bool leave = !shares && holder.empty();
      ways.push_back({"cgroup-v2", "", parent, "", "", "", true, leave});
    }
  }
  const auto folderOf = [&](std::string_view controller) {
    const Hierarchy* found = findController(hierarchies, controller);
    return found ? found->own : std::string();
  };
  ContainmentWay v1{"cgroup-v1",      why + "; limits by cgroup v1", membership, folderOf("memory"), folderOf("cpu"),
                    folderOf("pids"), !membership.empty(),           false};
  // Without v2 some v1 hierarchy has to hold the membership: the freezer kills best.
  for (const char* controller : {"freezer", "pids", "name=systemd", "memory", "cpu"}) {
    if (v1.primary.empty()) v1.primary = folderOf(controller);
  }
  const bool usable = !v1.primary.empty();
  if (usable) ways.push_back(v1);
  const std::string last = why + (usable ? "" : ", and no cgroup v1 is writable") +
                           "; escaped children are found as well as can be, and only open files are limited";
  ways.push_back({"process-group", last, "", "", "", "", false, false});
  return ways;
}

}  // namespace tenon::platform
