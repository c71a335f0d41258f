#include "platform/linux/process/ProcessAdapter.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "platform/linux/ProcFs.h"
#include "platform/linux/process/Ending.h"
#include "platform/linux/process/Escaped.h"
#include "platform/linux/process/Freeze.h"
#include "platform/linux/process/Kill.h"
#include "platform/linux/process/Listener.h"
#include "platform/linux/process/SpawnRequest.h"
#include "platform/linux/process/Stats.h"
#include "platform/linux/process/Unknown.h"

namespace tenon::platform {

namespace {

constexpr std::int64_t kOrphanMillis = 1000;  // between two looks for ended orphans, where they come to us

struct SignalName {
  std::string_view name;
  int number;
};
constexpr SignalName kSignals[] = {{"TERM", SIGTERM}, {"INT", SIGINT},   {"HUP", SIGHUP},  {"QUIT", SIGQUIT},
                                   {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"KILL", SIGKILL}};

// How long a wait may still block: -1 for ever.
class Patience {
 public:
  explicit Patience(std::int64_t millis) : millis_(millis), begin_(Clock::now()) {}
  std::int64_t left() const {
    if (millis_ < 0) return -1;
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin_).count();
    return std::max<std::int64_t>(millis_ - passed, 0);
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::int64_t millis_;
  Clock::time_point begin_;
};

}  // namespace

const std::string& ProcessAdapter::boot() {
  std::call_once(bootRead_, [this] { boot_ = bootId(); });
  return boot_;
}

Outcome ProcessAdapter::track(TrackedPtr tracked, tenon_process& process) {
  const int pidfd = tracked->pidfd.get();
  const bool helper = tracked->ends.channel >= 0;
  {
    const std::lock_guard lock(mutex_);
    process = ++last_;
    tracked_.emplace(process, std::move(tracked));
  }
  if (helper) return kDone;
  Outcome fault = waiter_.watch(process, pidfd);
  if (!fault) return kDone;
  const std::lock_guard lock(mutex_);
  tracked_.erase(process);
  return fault;
}

Outcome ProcessAdapter::find(tenon_process process, TrackedPtr& tracked) const {
  const std::lock_guard lock(mutex_);
  const auto found = tracked_.find(process);
  if (found == tracked_.end()) return invalid("process", "no process is known by handle " + std::to_string(process));
  tracked = found->second;
  return kDone;
}

bool ProcessAdapter::isKnown(pid_t pid) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(tracked_.begin(), tracked_.end(),
                     [pid](const auto& one) { return one.second->pid == pid && !one.second->ended; });
}

// Where control groups hold a tree together, orphans are init's; only without them does this process ask for them.
bool ProcessAdapter::orphansComeHere() const { return ::getpid() == 1 || containment_.way().primary.empty(); }

bool ProcessAdapter::collect(tenon_process process, tenon_ended& ended) {
  TrackedPtr tracked;
  if (find(process, tracked) || tracked->ended) return false;  // released meanwhile
  ended = {};
  if (!readEnding(tracked->pidfd.get(), ended)) return false;
  ended.process = process;
  const bool byLimit = ended.how == TENON_ENDED_UNKNOWN || (ended.how == TENON_ENDED_SIGNAL && ended.code == SIGKILL);
  if (byLimit && !tracked->killed) ended.out_of_memory = tracked->group.memoryKills().value_or(0) > 0 ? 1 : 0;
  tracked->ended = true;
  waiter_.forget(tracked->pidfd.get());
  return true;
}

Outcome ProcessAdapter::wait(std::int64_t timeoutMs, tenon_ended* ended, std::uint32_t capacity, std::uint32_t& count) {
  count = 0;
  const Patience patience(timeoutMs);
  for (;;) {
    const bool orphans = orphansComeHere();
    std::int64_t slice = patience.left();
    if (orphans) slice = slice < 0 ? kOrphanMillis : std::min(slice, kOrphanMillis);
    Waiter::Turn turn;
    if (auto fault = waiter_.wait(slice, capacity, turn)) return fault;
    for (const tenon_process process : turn.ended) {
      if (collect(process, ended[count])) ++count;
    }
    if (orphans) {
      const std::unique_lock lock(births_);
      reapOrphans([this](pid_t pid) { return isKnown(pid); });
    }
    if (count > 0 || turn.woken || patience.left() == 0) return kDone;
  }
}

Outcome ProcessAdapter::signal(tenon_process process, std::string_view name) {
  const auto* known =
      std::find_if(std::begin(kSignals), std::end(kSignals), [&](const SignalName& one) { return one.name == name; });
  if (known == std::end(kSignals)) {
    return invalid("name", "signal \"" + std::string(name) + "\": expected TERM, INT, HUP, QUIT, USR1, USR2 or KILL");
  }
  TrackedPtr tracked;
  if (auto fault = find(process, tracked)) return fault;
  if (tracked->ended) return kDone;
  if (known->number == SIGKILL) tracked->killed = true;
  if (::syscall(SYS_pidfd_send_signal, tracked->pidfd.get(), known->number, nullptr, 0) == 0 || errno == ESRCH) return kDone;
  return osFault("send " + std::string(name) + " to process " + std::to_string(tracked->pid), errno);
}

Outcome ProcessAdapter::killTree(tenon_process process) {
  TrackedPtr tracked;
  if (auto fault = find(process, tracked)) return fault;
  tracked->killed = true;
  return killGroup(tracked->group);
}

void ProcessAdapter::release(tenon_process process) {
  TrackedPtr tracked;
  {
    const std::lock_guard lock(mutex_);
    const auto found = tracked_.find(process);
    if (found == tracked_.end()) return;
    tracked = std::move(found->second);
    tracked_.erase(found);
  }
  waiter_.forget(tracked->pidfd.get());
  if (tracked->group.isCgroup() && !tracked->group.populated()) tracked->group.remove();
}

int ProcessAdapter::helperDescriptor(tenon_process helper) const {
  TrackedPtr tracked;
  return find(helper, tracked) ? -1 : tracked->pidfd.get();
}

bool ProcessAdapter::helperEnded(tenon_process helper, int millis, tenon_ended& ended) {
  TrackedPtr tracked;
  if (find(helper, tracked)) return false;
  pollfd ending = {tracked->pidfd.get(), POLLIN, 0};
  return ::poll(&ending, 1, millis) == 1 && collect(helper, ended);
}

void ProcessAdapter::endHelper(tenon_process helper) {
  killTree(helper);
  tenon_ended ended;
  helperEnded(helper, static_cast<int>(std::chrono::milliseconds(kKillPatience).count()), ended);  // else it stays a zombie
  release(helper);
}

Outcome ProcessAdapter::killUnknown(std::string_view beginning) {
  if (!isGroupName(beginning)) return invalid("beginning", "beginning: not made of a-z 0-9 . _ -");
  std::set<std::string> known;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [process, tracked] : tracked_) known.insert(tracked->group.name);
  }
  Outcome first;
  for (const Group& group : findUnknownGroups(beginning, [&](const std::string& name) { return known.contains(name); })) {
    Outcome fault = killGroup(group);
    if (!fault) group.remove();
    if (fault && !first) first = std::move(fault);
  }
  // Of a program that this process was before, some were its children.
  const std::unique_lock lock(births_);
  reapOrphans([this](pid_t pid) { return isKnown(pid); });
  return first;
}

Outcome ProcessAdapter::freeze(tenon_process process, bool on) {
  TrackedPtr tracked;
  if (auto fault = find(process, tracked)) return fault;
  return on ? freezeGroup(tracked->group) : thawGroup(tracked->group);
}

Outcome ProcessAdapter::stats(tenon_process process, tenon_stats& stats) {
  TrackedPtr tracked;
  if (auto fault = find(process, tracked)) return fault;
  readStats(tracked->group, stats);
  return kDone;
}

Outcome ProcessAdapter::ownsListener(tenon_process process, std::uint16_t port, std::int32_t& owns) {
  TrackedPtr tracked;
  if (auto fault = find(process, tracked)) return fault;
  owns = platform::ownsListener(tracked->group, port);
  return kDone;
}

}  // namespace tenon::platform
