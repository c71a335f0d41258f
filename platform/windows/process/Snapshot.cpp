#include "platform/windows/process/Snapshot.h"

#include <tlhelp32.h>

#include <map>

#include "platform/windows/Wide.h"
#include "platform/windows/process/Processes.h"
#include "platform/windows/process/StopEvent.h"

namespace tenon::platform {

namespace {

struct Seen {
  DWORD pid = 0, parent = 0;
  std::uint64_t startTime = 0;
};

std::vector<Seen> listProcesses() {
  std::vector<Seen> all;
  const Handle snapshot(::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
  if (!snapshot) return all;
  PROCESSENTRY32W entry = {};
  entry.dwSize = sizeof entry;
  for (BOOL more = ::Process32FirstW(snapshot.get(), &entry); more; more = ::Process32NextW(snapshot.get(), &entry)) {
    const Handle process = openProcess(entry.th32ProcessID, PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE);
    if (!process || hasEnded(process.get()) || entry.th32ProcessID == ::GetCurrentProcessId()) continue;
    // Killed before its clients, it would end them with codes of their own; it ends when they have.
    if (isConsoleHost(process.get())) continue;
    all.push_back({entry.th32ProcessID, entry.th32ParentProcessID, startTimeOf(process.get())});
  }
  return all;
}

}  // namespace

std::vector<Member> findMembers(const Group& group) {
  const std::vector<Seen> all = listProcesses();
  const std::wstring tag = stopEventName(group.name);
  std::map<DWORD, std::uint64_t> found;  // number and start time
  const auto isMember = [&](const Seen& seen) {
    if (seen.startTime < group.leaderStart) return false;
    if (seen.pid == group.leader) return seen.startTime == group.leaderStart;
    // A parent's number may have gone to a stranger since; a child is never older than its parent.
    const auto parent = found.find(seen.parent);
    if (parent != found.end() && seen.startTime >= parent->second) return true;
    return environmentOf(seen.pid, kStopEventVariable) == tag;
  };
  // Children have higher or lower numbers than their parents, so once over the list does not do.
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& seen : all) {
      if (!found.contains(seen.pid) && isMember(seen)) grew = found.emplace(seen.pid, seen.startTime).second || grew;
    }
  }
  std::vector<Member> members;
  for (const auto& [pid, startTime] : found) members.push_back({pid, startTime});
  return members;
}

std::set<std::string> findGroupNames(std::string_view beginning) {
  const std::wstring before = stopEventName("");
  std::set<std::string> names;
  for (const auto& seen : listProcesses()) {
    const auto event = environmentOf(seen.pid, kStopEventVariable);
    if (!event || event->compare(0, before.size(), before) != 0) continue;
    std::string name = toUtf8(event->substr(before.size()));
    if (std::string_view(name).substr(0, beginning.size()) == beginning) names.insert(std::move(name));
  }
  return names;
}

}  // namespace tenon::platform
