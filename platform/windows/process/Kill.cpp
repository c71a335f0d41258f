#include "platform/windows/process/Kill.h"

#include "platform/windows/process/Processes.h"
#include "platform/windows/process/Snapshot.h"

namespace tenon::platform {

namespace {

constexpr DWORD kPauseMillis =
    1;  // between two looks: a job tells nobody that it has become empty without a port of its own

// The number may have gone to another process since it was looked up.
void killMember(const Member& member) {
  constexpr DWORD kAccess = PROCESS_TERMINATE | PROCESS_QUERY_LIMITED_INFORMATION;
  const Handle process = openProcess(member.pid, kAccess);
  if (process && startTimeOf(process.get()) == member.startTime) ::TerminateProcess(process.get(), kKilledExit);
}

// True where nothing was left to kill.
bool killOnce(const Group& group) {
  if (group.isJob()) {
    // Without a look before: what is left out of the count, as the console's host, is to end as well.
    ::TerminateJobObject(group.job.get(), kKilledExit);
    return !group.populated();
  }
  const auto members = findMembers(group);
  for (const auto& member : members) killMember(member);
  return members.empty();
}

}  // namespace

Outcome killGroup(const Group& group) {
  const ULONGLONG begin = ::GetTickCount64();
  while (!killOnce(group)) {
    if (::GetTickCount64() - begin >= kKillPatienceMillis) {
      return Fault{TENON_UNAVAILABLE, "kill " + group.name + ": some of it still runs after 5 s", "timeout",
                   "a process that waits for a driver cannot end before that answers"};
    }
    ::Sleep(kPauseMillis);
  }
  return kDone;
}

}  // namespace tenon::platform
