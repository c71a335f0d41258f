#include "platform/linux/process/Escaped.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <set>
#include <string>

namespace tenon::platform {

namespace {

bool isTagged(pid_t pid, const std::string& tag) {
  const auto environment = readKernelFile("/proc/" + std::to_string(pid) + "/environ");
  if (!environment) return false;
  for (const auto entry : splitText(*environment, '\0')) {
    if (entry == tag) return true;
  }
  return false;
}

// Of our children. One call, where looking for them reads a file for each process of the machine.
bool anyHasEnded() {
  siginfo_t seen{};
  return ::waitid(P_ALL, 0, &seen, WEXITED | WNOHANG | WNOWAIT) == 0 && seen.si_pid != 0;
}

}  // namespace

std::vector<ProcStat> findMembers(const Group& group) {
  std::vector<ProcStat> all, members;
  bool leaderIsOurs = group.leader > 0;  // false: its number has gone to a stranger, and with it the session's
  forEachProcess([&](const ProcStat& stat) {
    if (stat.pid == group.leader && stat.startTime != group.leaderStart) leaderIsOurs = false;
    if (stat.state != 'Z' && stat.state != 'X' && stat.pid != ::getpid()) all.push_back(stat);
  });
  const std::string tag = std::string(kGroupTag) + group.name;
  const auto isYounger = [&](const ProcStat& stat) { return stat.startTime >= group.leaderStart; };
  std::set<pid_t> found;
  // Children have higher or lower numbers than their parents, so once over the list does not do.
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& stat : all) {
      if (found.contains(stat.pid)) continue;
      const bool follows =
          leaderIsOurs && (stat.session == group.leader || stat.processGroup == group.leader || stat.parent == group.leader);
      const bool member = follows || found.contains(stat.parent) || (isYounger(stat) && isTagged(stat.pid, tag));
      if (!member) continue;
      grew = found.insert(stat.pid).second;
      members.push_back(stat);
    }
  }
  return members;
}

std::vector<ProcStat> livingMembers(const Group& group) {
  if (!group.isCgroup()) return findMembers(group);
  std::vector<ProcStat> members;
  for (const pid_t pid : group.processes()) {
    if (const auto stat = readStat(pid); stat && stat->state != 'Z' && stat->state != 'X') members.push_back(*stat);
  }
  return members;
}

void becomeSubreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

void reapOrphans(const std::function<bool(pid_t)>& isKnown) {
  if (!anyHasEnded()) return;
  const pid_t self = ::getpid();
  const pid_t session = ::getsid(0);
  forEachProcess([&](const ProcStat& stat) {
    if (stat.parent != self || stat.state != 'Z' || stat.session == session || isKnown(stat.pid)) return;
    siginfo_t ignored;
    ::waitid(P_PID, static_cast<id_t>(stat.pid), &ignored, WEXITED | WNOHANG);
  });
}

}  // namespace tenon::platform
