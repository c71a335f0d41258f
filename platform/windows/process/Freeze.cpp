#include "platform/windows/process/Freeze.h"

#include <set>

#include "platform/windows/process/Kill.h"
#include "platform/windows/process/Processes.h"
#include "platform/windows/process/Snapshot.h"

namespace tenon::platform {

namespace {

constexpr DWORD kBetweenLooksMillis = 1;

// Every thread of a process at once. In ntdll of every Windows since XP and in no header; debuggers and virus scanners use
// them. They count: what was suspended twice goes on when it was resumed twice.
using ForProcess = LONG(WINAPI*)(HANDLE process);

ForProcess native(const char* name) {
  const HMODULE library = ::GetModuleHandleW(L"ntdll.dll");
  return library ? reinterpret_cast<ForProcess>(reinterpret_cast<void*>(::GetProcAddress(library, name))) : nullptr;
}

std::vector<Member> membersOf(const Group& group) {
  if (!group.isJob()) return findMembers(group);
  std::vector<Member> members;
  for (const DWORD pid : group.processes()) {
    const Handle process = openProcess(pid, PROCESS_QUERY_LIMITED_INFORMATION);
    if (process && !hasEnded(process.get())) members.push_back({pid, startTimeOf(process.get())});
  }
  return members;
}

bool applyTo(const Member& member, ForProcess change) {
  const Handle process = openProcess(member.pid, PROCESS_SUSPEND_RESUME | PROCESS_QUERY_LIMITED_INFORMATION);
  return process && startTimeOf(process.get()) == member.startTime && change(process.get()) >= 0;
}

}  // namespace

// Whoever is not suspended yet may start others: until a look finds none that is new.
Outcome freezeGroup(const Group& group) {
  const ForProcess suspend = native("NtSuspendProcess");
  if (!suspend) return Fault{TENON_UNSUPPORTED, "freeze: this Windows cannot suspend processes", "platform-unsupported", ""};
  const ULONGLONG begin = ::GetTickCount64();
  std::set<DWORD> standing;
  for (bool all = false; !all;) {
    all = true;
    for (const Member& member : membersOf(group)) {
      if (standing.contains(member.pid)) continue;
      all = false;
      if (applyTo(member, suspend)) standing.insert(member.pid);
    }
    if (all) return kDone;
    if (::GetTickCount64() - begin >= kKillPatienceMillis) break;
    ::Sleep(kBetweenLooksMillis);
  }
  static_cast<void>(thawGroup(group));
  return Fault{TENON_UNAVAILABLE, "freeze " + group.name + ": some of it still runs after 5 s", "timeout",
               "is it protected from this user?"};
}

Outcome thawGroup(const Group& group) {
  const ForProcess resume = native("NtResumeProcess");
  if (!resume) return Fault{TENON_UNSUPPORTED, "thaw: this Windows cannot resume processes", "platform-unsupported", ""};
  for (const Member& member : membersOf(group)) applyTo(member, resume);
  return kDone;
}

}  // namespace tenon::platform
