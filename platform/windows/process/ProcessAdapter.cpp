#include "platform/windows/process/ProcessAdapter.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "platform/windows/process/Freeze.h"
#include "platform/windows/process/Kill.h"
#include "platform/windows/process/Listener.h"
#include "platform/windows/process/Processes.h"
#include "platform/windows/process/Snapshot.h"
#include "platform/windows/process/Stats.h"
#include "platform/windows/process/StopEvent.h"

namespace tenon::platform {

namespace {

enum class Means { Stop, Kill, Nothing };

// The numbers are those of POSIX, which the ABI speaks.
struct SignalName {
  std::string_view name;
  int number;
  Means means;
};
constexpr SignalName kSignals[] = {{"TERM", 15, Means::Stop}, {"INT", 2, Means::Stop},      {"HUP", 1, Means::Stop},
                                   {"QUIT", 3, Means::Stop},  {"USR1", 10, Means::Nothing}, {"USR2", 12, Means::Nothing},
                                   {"KILL", 9, Means::Kill}};

// STATUS_CONTROL_C_EXIT: what a process ends with that does not handle CTRL_BREAK.
constexpr DWORD kControlExit = 0xC000013A;

// How long a wait may still block: -1 for ever.
class WaitPatience {
 public:
  explicit WaitPatience(std::int64_t millis) : millis_(millis), begin_(::GetTickCount64()) {}
  std::int64_t left() const {
    if (millis_ < 0) return -1;
    return std::max<std::int64_t>(millis_ - static_cast<std::int64_t>(::GetTickCount64() - begin_), 0);
  }

 private:
  std::int64_t millis_;
  ULONGLONG begin_;
};

}  // namespace

Outcome ProcessAdapter::track(TrackedPtr tracked, tenon_process& process) {
  const HANDLE handle = tracked->process.get();
  const bool helper = tracked->channel != nullptr;
  {
    const std::lock_guard lock(mutex_);
    process = ++last_;
    tracked_.emplace(process, std::move(tracked));
  }
  if (helper) return kDone;
  Outcome fault = waiter_.watch(process, handle);
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

bool ProcessAdapter::collect(tenon_process process, tenon_ended& ended) {
  TrackedPtr tracked;
  DWORD code = 0;
  if (find(process, tracked) || tracked->ended) return false;  // released meanwhile
  ended = {};
  ended.process = process;
  if (!::GetExitCodeProcess(tracked->process.get(), &code)) {
    ended.how = TENON_ENDED_UNKNOWN;
  } else if (tracked->killed && code == kKilledExit) {
    ended.how = TENON_ENDED_SIGNAL;
    ended.code = 9;
  } else if (tracked->asked != 0 && code == kControlExit) {
    ended.how = TENON_ENDED_SIGNAL;
    ended.code = tracked->asked;
  } else {
    ended.how = TENON_ENDED_EXIT;
    ended.code = static_cast<std::int32_t>(code);
  }
  tracked->ended = true;
  waiter_.forget(process);
  return true;
}

Outcome ProcessAdapter::wait(std::int64_t timeoutMs, tenon_ended* ended, std::uint32_t capacity, std::uint32_t& count) {
  count = 0;
  if (capacity == 0) return invalid("capacity", "capacity: room for one at least");
  const WaitPatience patience(timeoutMs);
  for (;;) {
    Waiter::Turn turn;
    if (auto fault = waiter_.wait(patience.left(), capacity, turn)) return fault;
    for (const tenon_process process : turn.ended) {
      if (collect(process, ended[count])) ++count;
    }
    if (count > 0 || turn.woken || patience.left() == 0) return kDone;
  }
}

Outcome ProcessAdapter::askToEnd(Tracked& tracked, int number) {
  tracked.asked = number;
  if (!tracked.stopEvent) tracked.stopEvent = openStopEvent(tracked.group.name);
  const bool told = tracked.stopEvent && ::SetEvent(tracked.stopEvent.get());
  const DWORD error = told ? ERROR_SUCCESS : ::GetLastError();
  const bool broken = sendBreak(tracked.pid);  // for programs that know nothing of the event
  if (told || broken || hasEnded(tracked.process.get())) return kDone;
  return osFault("ask process " + std::to_string(tracked.pid) + " to end", error);
}

Outcome ProcessAdapter::signal(tenon_process process, std::string_view name) {
  const auto* known =
      std::find_if(std::begin(kSignals), std::end(kSignals), [&](const SignalName& one) { return one.name == name; });
  if (known == std::end(kSignals)) {
    return invalid("name", "signal \"" + std::string(name) + "\": expected TERM, INT, HUP, QUIT, USR1, USR2 or KILL");
  }
  TrackedPtr tracked;
  if (auto fault = find(process, tracked)) return fault;
  if (known->means == Means::Nothing) {
    return Fault{TENON_UNSUPPORTED, "signal " + std::string(name) + ": Windows has none like it", "platform-unsupported",
                 "use TERM, or ask the service over its own port"};
  }
  if (tracked->ended || hasEnded(tracked->process.get())) return kDone;
  if (known->means == Means::Stop) return askToEnd(*tracked, known->number);
  tracked->killed = true;
  if (::TerminateProcess(tracked->process.get(), kKilledExit)) return kDone;
  const DWORD error = ::GetLastError();
  return hasEnded(tracked->process.get()) ? kDone : Outcome(osFault("kill process " + std::to_string(tracked->pid), error));
}

Outcome ProcessAdapter::killTree(tenon_process process) {
  TrackedPtr tracked;
  if (auto fault = find(process, tracked)) return fault;
  tracked->killed = true;
  return killGroup(tracked->group);
}

HANDLE ProcessAdapter::helperHandle(tenon_process helper) const {
  TrackedPtr tracked;
  return find(helper, tracked) ? nullptr : tracked->process.get();
}

bool ProcessAdapter::helperEnded(tenon_process helper, DWORD millis, tenon_ended& ended) {
  TrackedPtr tracked;
  if (find(helper, tracked)) return false;
  return ::WaitForSingleObject(tracked->process.get(), millis) == WAIT_OBJECT_0 && collect(helper, ended);
}

void ProcessAdapter::endHelper(tenon_process helper) {
  killTree(helper);
  release(helper);
}

void ProcessAdapter::release(tenon_process process) {
  waiter_.forget(process);
  const std::lock_guard lock(mutex_);
  tracked_.erase(process);
}

Outcome ProcessAdapter::killUnknown(std::string_view beginning) {
  if (!isGroupName(beginning)) return invalid("beginning", "beginning: not made of a-z 0-9 . _ -");
  std::set<std::string> names = findGroupNames(beginning);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [process, tracked] : tracked_) names.erase(tracked->group.name);
  }
  Outcome first;
  for (const auto& name : names) {
    Outcome fault = killGroup(Group::named(name));
    if (fault && !first) first = std::move(fault);
  }
  return first;
}

Outcome ProcessAdapter::freeze(tenon_process process, bool on) {
  TrackedPtr tracked;
  if (auto fault = find(process, tracked)) return fault;
  // Windows counts, and what is so already must change nothing. What an earlier agent froze is thawed all the same.
  if (on && tracked->frozen) return kDone;
  auto fault = on ? freezeGroup(tracked->group) : thawGroup(tracked->group);
  if (!fault) tracked->frozen = on;
  return fault;
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
