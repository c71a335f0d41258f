#include "platform/linux/process/Freeze.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "platform/linux/ProcFs.h"
#include "platform/linux/process/Escaped.h"
#include "platform/linux/process/Kill.h"

namespace tenon::platform {

namespace {

constexpr std::chrono::milliseconds kPause{2};

// The kernel's own way: v2 since 5.2 in every group, v1 where the group is one of the freezer's.
bool freezesItself(const Group& group) {
  return group.isCgroup() &&
         (readKernelFile(group.primary + "/cgroup.freeze") || readKernelFile(group.primary + "/freezer.state"));
}

bool isFrozen(const Group& group) {
  if (const auto events = readKernelFile(group.primary + "/cgroup.events")) {
    if (const auto frozen = keyedNumber(*events, "frozen")) return *frozen == 1;
  }
  return readKernelFile(group.primary + "/freezer.state").value_or("").starts_with("FROZEN");
}

// Stopped by a signal, or by a tracer.
bool stands(const ProcStat& member) { return member.state == 'T' || member.state == 't'; }

// One at a time, so that whoever is not stopped yet may fork: until a look finds none that runs.
bool stopAll(const Group& group) {
  const auto members = livingMembers(group);
  for (const auto& member : members) {
    if (!stands(member)) sendSignal(member, SIGSTOP);
  }
  return std::all_of(members.begin(), members.end(), stands);
}

}  // namespace

bool writeFrozen(const Group& group, bool frozen) {
  return writeKernelFile(group.primary + "/cgroup.freeze", frozen ? "1" : "0") == 0 ||
         writeKernelFile(group.primary + "/freezer.state", frozen ? "FROZEN" : "THAWED") == 0;
}

Outcome freezeGroup(const Group& group) {
  const bool itself = freezesItself(group);
  if (itself && !writeFrozen(group, true)) return osFault("freeze " + group.name, errno);
  const auto deadline = std::chrono::steady_clock::now() + kKillPatience;
  while (!(itself ? isFrozen(group) : stopAll(group))) {
    if (std::chrono::steady_clock::now() >= deadline) {
      static_cast<void>(thawGroup(group));
      return Fault{TENON_UNAVAILABLE, "freeze " + group.name + ": some of it still runs after 5 s", "timeout",
                   "a process that waits for a disk or a driver cannot be stopped before that answers"};
    }
    std::this_thread::sleep_for(kPause);
  }
  return kDone;
}

Outcome thawGroup(const Group& group) {
  if (freezesItself(group)) return writeFrozen(group, false) ? kDone : Outcome(osFault("thaw " + group.name, errno));
  for (const auto& member : livingMembers(group)) sendSignal(member, SIGCONT);
  return kDone;
}

}  // namespace tenon::platform
