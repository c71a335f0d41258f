#include "platform/linux/process/Group.h"

#include <dirent.h>
#include <unistd.h>

#include <memory>

#include "platform/linux/ProcFs.h"
#include "platform/linux/process/SpawnRequest.h"

namespace tenon::platform {

namespace {

constexpr unsigned kGroupDepth = 64;  // of groups that a service made below its own

// A folder that was read from a record may only be one that this adapter could have made.
bool isOwnFolder(const std::string& folder, const std::string& name) {
  const std::string tail = "/tenon/" + name;
  return folder.size() > tail.size() && folder.front() == '/' &&
         folder.compare(folder.size() - tail.size(), tail.size(), tail) == 0 && folder.find("/../") == std::string::npos;
}

bool isEnded(pid_t pid) {
  const auto stat = readStat(pid);
  return !stat || stat->state == 'Z' || stat->state == 'X';
}

}  // namespace

std::string textOf(const json::Value& object, std::string_view key) {
  const json::Value* value = object.find(key);
  const std::string* text = value ? value->string() : nullptr;
  return text ? *text : std::string();
}

void forEachFolderBelow(const std::string& folder, const std::function<void(const std::string&)>& tell, unsigned depth) {
  const std::unique_ptr<DIR, int (*)(DIR*)> reading(::opendir(folder.c_str()), &::closedir);
  if (!reading) return;
  while (const dirent* entry = ::readdir(reading.get())) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (entry->d_type != DT_DIR || name == "." || name == ".." || depth >= kGroupDepth) continue;
    forEachFolderBelow(folder + "/" + name, tell, depth + 1);
  }
  tell(folder);
}

std::vector<std::string> Group::limitFolders() const {
  std::vector<std::string> folders;
  for (const auto* folder : {&memory, &cpu, &pids}) {
    if (!folder->empty()) folders.push_back(*folder);
  }
  return folders;
}

json::Value Group::identity() const {
  json::Value value;
  value.set("kind", kind).set("name", name);
  if (!primary.empty()) value.set("folder", primary);
  if (!memory.empty()) value.set("memory", memory);
  if (!cpu.empty()) value.set("cpu", cpu);
  if (!pids.empty()) value.set("pids", pids);
  return value;
}

Outcome Group::parse(const json::Value& identity, Group& group) {
  group.kind = textOf(identity, "kind");
  group.name = textOf(identity, "name");
  group.primary = textOf(identity, "folder");
  group.memory = textOf(identity, "memory");
  group.cpu = textOf(identity, "cpu");
  group.pids = textOf(identity, "pids");
  const bool known = group.kind == "cgroup-v2" || group.kind == "cgroup-v1" || group.kind == "process-group";
  bool right = known && isGroupName(group.name) && group.primary.empty() == (group.kind == "process-group");
  for (const auto* folder : {&group.primary, &group.memory, &group.cpu, &group.pids}) {
    right = right && (folder->empty() || isOwnFolder(*folder, group.name));
  }
  if (!right) return invalid("group", "group: not one that this adapter has made");
  return kDone;
}

bool Group::contains(pid_t pid) const {
  if (!isCgroup()) {
    const auto stat = readStat(pid);
    return stat && (stat->session == leader || stat->processGroup == leader);
  }
  const auto groups = readKernelFile("/proc/" + std::to_string(pid) + "/cgroup");
  if (!groups) return false;
  const std::string tail = "/tenon/" + name;
  for (auto line : splitText(*groups, '\n')) {
    const auto at = line.find(tail);
    if (at == std::string_view::npos) continue;
    line.remove_prefix(at + tail.size());
    if (line.empty() || line.front() == '/') return true;
  }
  return false;
}

std::vector<pid_t> Group::processes() const {
  std::vector<pid_t> all;
  forEachFolderBelow(primary, [&](const std::string& folder) {
    const auto text = readKernelFile(folder + "/cgroup.procs").value_or("");
    for (const auto line : splitText(text, '\n')) {
      if (const auto pid = wholeNumber(line); pid && *pid != 0) all.push_back(static_cast<pid_t>(*pid));
    }
  });
  return all;
}

bool Group::populated() const {
  if (const auto events = readKernelFile(primary + "/cgroup.events"))
    return keyedNumber(*events, "populated").value_or(0) != 0;
  for (const pid_t pid : processes()) {  // v1
    if (!isEnded(pid)) return true;
  }
  return false;
}

std::optional<std::uint64_t> Group::memoryKills() const {
  const std::string file = kind == "cgroup-v2" ? primary + "/memory.events"
                           : memory.empty()    ? ""
                                               : memory + "/memory.oom_control";
  if (file.empty()) return std::nullopt;
  const auto text = readKernelFile(file);
  return text ? keyedNumber(*text, "oom_kill") : std::nullopt;
}

void Group::remove() const {
  const auto removeFolder = [](const std::string& folder) { ::rmdir(folder.c_str()); };
  if (isCgroup()) forEachFolderBelow(primary, removeFolder);
  for (const auto& folder : limitFolders()) forEachFolderBelow(folder, removeFolder);
}

}  // namespace tenon::platform
