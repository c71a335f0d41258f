#include "platform/linux/process/Unknown.h"

#include <filesystem>
#include <map>
#include <system_error>

#include "platform/linux/ProcFs.h"
#include "platform/linux/process/CgroupMounts.h"
#include "platform/linux/process/Containment.h"

namespace tenon::platform {

namespace {

constexpr std::string_view kOurFolder = "/tenon/";

class UnknownGroups {
 public:
  UnknownGroups(std::string_view beginning, const std::function<bool(const std::string&)>& isKnown)
      : beginning_(beginning), isKnown_(isKnown) {}

  // The agent before may have stood elsewhere, or found less to contain with: every process tells where it is. One in a
  // group that is known, as nearly all are when an agent starts again, is asked nothing more.
  void findProcesses() {
    const std::string mounts = readKernelFile("/proc/self/mountinfo").value_or("");
    forEachPid([&](pid_t pid) {
      const std::string process = "/proc/" + std::to_string(pid);
      const auto groups = readKernelFile(process + "/cgroup").value_or("");
      if (const auto name = ourGroup(groups); !name.empty()) {
        if (isKnown_(std::string(name))) return;
        for (const auto& hierarchy : parseHierarchies(mounts, groups)) addFolder(hierarchy.own);
      }
      const auto environment = readKernelFile(process + "/environ").value_or("");
      for (const auto entry : splitText(environment, '\0')) {
        if (entry.substr(0, kGroupTag.size()) == kGroupTag) add(entry.substr(kGroupTag.size()), "");
      }
    });
  }

  // Groups that were made and never entered, or that have become empty since.
  void findFolders() {
    for (const auto& way : findContainmentWays(readHierarchies())) {
      for (const auto* parent : {&way.primary, &way.memory, &way.cpu, &way.pids}) {
        std::error_code none;
        std::filesystem::directory_iterator entry(*parent + "/tenon", none), end;
        for (; !parent->empty() && !none && entry != end; entry.increment(none)) addFolder(entry->path().string());
      }
    }
  }

  std::vector<Group> take() {
    std::vector<Group> all;
    for (auto& [place, group] : groups_) all.push_back(std::move(group));
    return all;
  }

 private:
  // The name of ours that /proc/<pid>/cgroup has; empty where it has none.
  std::string_view ourGroup(std::string_view groups) const {
    const auto at = groups.find(std::string(kOurFolder) + std::string(beginning_));
    if (at == std::string_view::npos) return {};
    const auto name = groups.substr(at + kOurFolder.size());
    return name.substr(0, name.find_first_of("/\n"));
  }

  // ".../tenon/<name>", or what a service has made below it.
  void addFolder(const std::string& folder) {
    const auto at = folder.find(std::string(kOurFolder) + std::string(beginning_));
    if (at == std::string::npos) return;
    const auto end = folder.find('/', at + kOurFolder.size());
    const std::string own = folder.substr(0, end);
    add(std::string_view(own).substr(at + kOurFolder.size()), own);
  }

  void add(std::string_view name, const std::string& folder) {
    if (name.substr(0, beginning_.size()) != beginning_ || isKnown_(std::string(name))) return;
    Group group;
    group.kind = folder.empty() ? "process-group" : "cgroup-v1";
    group.name = name;
    group.primary = folder;
    groups_.emplace(folder.empty() ? group.name : folder, std::move(group));
  }

  std::string_view beginning_;
  const std::function<bool(const std::string&)>& isKnown_;
  std::map<std::string, Group> groups_;
};

}  // namespace

std::vector<Group> findUnknownGroups(std::string_view beginning, const std::function<bool(const std::string&)>& isKnown) {
  UnknownGroups groups(beginning, isKnown);
  groups.findProcesses();
  groups.findFolders();
  return groups.take();
}

}  // namespace tenon::platform
