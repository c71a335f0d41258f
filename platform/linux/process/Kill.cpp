#include "platform/linux/process/Kill.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/linux/Descriptor.h"
#include "platform/linux/ProcFs.h"
#include "platform/linux/process/Escaped.h"
#include "platform/linux/process/Freeze.h"

namespace tenon::platform {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPauseMillis = 2;  // between two looks, where the kernel does not call

void sendKill(pid_t pid) {
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (process) ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
}

// Freezing keeps a fork bomb from outrunning the list; on v2 before 5.14, or by the v1 freezer. Without either, looping
// does.
void killOnce(const Group& group) {
  if (writeKernelFile(group.primary + "/cgroup.kill", "1") == 0) return;
  writeFrozen(group, true);
  for (const pid_t pid : group.processes()) sendKill(pid);
  writeFrozen(group, false);
}

void pauseUntilChange(const Descriptor& events) {
  constexpr int kMostMillis = 50;
  struct pollfd waiting = {events.get(), POLLPRI, 0};
  ::poll(&waiting, events ? 1 : 0, events ? kMostMillis : kPauseMillis);
}

bool killCgroup(const Group& group, Clock::time_point deadline) {
  const Descriptor events(::open((group.primary + "/cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
  for (;;) {
    // The kernel calls once for each change since the last reading of this very descriptor.
    char seen[256];
    if (events) static_cast<void>(!::pread(events.get(), seen, sizeof seen, 0));
    if (!group.populated()) return true;
    if (Clock::now() >= deadline) return false;
    killOnce(group);
    if (!group.populated()) return true;
    pauseUntilChange(events);
  }
}

bool killProcessGroup(const Group& group, Clock::time_point deadline) {
  for (;;) {
    const auto members = findMembers(group);
    if (members.empty()) return true;
    if (Clock::now() >= deadline) return false;
    for (const auto& member : members) sendSignal(member, SIGKILL);
    pauseUntilChange(Descriptor());
  }
}

}  // namespace

Outcome killGroup(const Group& group) {
  const auto deadline = Clock::now() + kKillPatience;
  if (group.isCgroup() ? killCgroup(group, deadline) : killProcessGroup(group, deadline)) return kDone;
  return Fault{TENON_UNAVAILABLE, "kill " + group.name + ": some of it still runs after 5 s", "timeout",
               "a process that waits for a disk or a driver cannot be killed before that answers"};
}

}  // namespace tenon::platform
