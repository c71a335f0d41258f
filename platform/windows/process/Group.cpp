#include "platform/windows/process/Group.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>

#include "platform/windows/Wide.h"
#include "platform/windows/process/JobLimits.h"
#include "platform/windows/process/Processes.h"
#include "platform/windows/process/Snapshot.h"

namespace tenon::platform {

namespace {

constexpr std::size_t kSuffixDigits = 16;

std::string randomSuffix() {
  std::random_device random;
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = "-";
  for (std::size_t digit = 0; digit < kSuffixDigits; ++digit) text += kHex[random() & 15];
  return text;
}

// In this logon session's own space of names.
std::wstring jobName(const std::string& group) { return L"Local\\tenon-job-" + toWide(group).value_or(L""); }

bool isLivingMember(DWORD pid) {
  const Handle process = openProcess(pid, PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE);
  if (!process) return ::GetLastError() == ERROR_ACCESS_DENIED;
  return !hasEnded(process.get()) && !isConsoleHost(process.get());
}

std::vector<DWORD> processesOfJob(HANDLE job) {
  std::size_t room = 64;
  for (;;) {
    std::vector<std::byte> buffer(sizeof(JOBOBJECT_BASIC_PROCESS_ID_LIST) + room * sizeof(ULONG_PTR));
    auto* list = reinterpret_cast<JOBOBJECT_BASIC_PROCESS_ID_LIST*>(buffer.data());
    const auto bytes = static_cast<DWORD>(buffer.size());
    const bool whole = ::QueryInformationJobObject(job, JobObjectBasicProcessIdList, list, bytes, nullptr) != 0;
    if (!whole && ::GetLastError() != ERROR_MORE_DATA) return {};
    if (whole && list->NumberOfProcessIdsInList >= list->NumberOfAssignedProcesses) {
      const ULONG_PTR* first = list->ProcessIdList;
      std::vector<DWORD> pids(list->NumberOfProcessIdsInList);
      std::transform(first, first + pids.size(), pids.begin(), [](ULONG_PTR pid) { return static_cast<DWORD>(pid); });
      return pids;
    }
    room = std::max<std::size_t>(room * 2, list->NumberOfAssignedProcesses);
  }
}

}  // namespace

std::string textOf(const json::Value& object, std::string_view key) {
  const json::Value* value = object.find(key);
  const std::string* text = value ? value->string() : nullptr;
  return text ? *text : std::string();
}

Outcome Group::make(const std::string& name, const Limits& limits, const Warn& warn, Group& group) {
  group.name = name + randomSuffix();
  group.job = Handle(::CreateJobObjectW(nullptr, jobName(group.name).c_str()));
  const DWORD error = ::GetLastError();
  if (!group.job || error == ERROR_ALREADY_EXISTS) return osFault("make job object " + group.name, error);
  return limitJob(group.job.get(), name, limits, warn);
}

json::Value Group::identity() const {
  json::Value value;
  value.set("kind", "job-object").set("name", name);
  return value;
}

Group Group::named(const std::string& name) {
  constexpr DWORD kAccess = JOB_OBJECT_QUERY | JOB_OBJECT_TERMINATE | SYNCHRONIZE;
  Group group;
  group.name = name;
  group.job = Handle(::OpenJobObjectW(kAccess, FALSE, jobName(name).c_str()));
  return group;
}

Outcome Group::parse(const json::Value& identity, Group& group) {
  const std::string name = textOf(identity, "name");
  if (textOf(identity, "kind") != "job-object" || !isGroupName(name)) {
    return invalid("group", "group: not one that this adapter has made");
  }
  group = named(name);
  return kDone;
}

bool Group::contains(HANDLE process) const {
  BOOL inside = FALSE;
  return isJob() && ::IsProcessInJob(process, job.get(), &inside) && inside;
}

std::vector<DWORD> Group::processes() const {
  std::vector<DWORD> pids;
  if (isJob()) {
    pids = processesOfJob(job.get());
    pids.erase(std::remove_if(pids.begin(), pids.end(), [](DWORD pid) { return !isLivingMember(pid); }), pids.end());
    return pids;
  }
  for (const auto& member : findMembers(*this)) pids.push_back(member.pid);
  return pids;
}

bool Group::populated() const {
  if (!isJob()) return !findMembers(*this).empty();
  JOBOBJECT_BASIC_ACCOUNTING_INFORMATION used = {};
  if (!::QueryInformationJobObject(job.get(), JobObjectBasicAccountingInformation, &used, sizeof used, nullptr))
    return false;
  return used.ActiveProcesses > 0 && !processes().empty();
}

}  // namespace tenon::platform
