// Processes that a test ends itself: spawn gives numbers, signals and kills are written down, ends are told when the test
// says so. Threads as in Processes; the test's own calls from any thread.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/adapter/Processes.h"

namespace tenon::host {

class FakeProcesses final : public Processes {
 public:
  struct Started {
    ProcessId id = 0;
    SpawnRequest request;  // empty for an adopted one
    std::string identity;
    bool adopted = false, alive = true, treeKilled = false, released = false, frozen = false;
    std::vector<std::string> signals;
  };

  // ---- what a test does ----

  // The next spawn fails so.
  void failNextSpawn(Error error) {
    const std::lock_guard lock(mutex_);
    nextFailure_ = std::move(error);
  }
  // That process ends; wait() tells it. Nothing happens to one that has ended.
  void end(ProcessId process, ProcessEnd::How how, int code, bool outOfMemory = false) {
    {
      const std::lock_guard lock(mutex_);
      endLocked(process, {process, how, code, outOfMemory});
    }
    changed_.notify_all();
  }
  void exit(ProcessId process, int code) { end(process, ProcessEnd::How::Exited, code); }
  // Processes started from now on end by this signal when they get it ("TERM", 15).
  void obey(const std::string& signal, int number) {
    const std::lock_guard lock(mutex_);
    obeyed_[signal] = number;
  }
  // Makes an identity that adopt() knows as running, as if an agent before had spawned it.
  void runAlready(const std::string& identity) {
    const std::lock_guard lock(mutex_);
    adoptable_[identity] = true;
  }
  void listenOn(ProcessId process, std::uint16_t port) {
    const std::lock_guard lock(mutex_);
    listeners_[port] = process;
  }
  void setStats(const ProcessStats& stats) {
    const std::lock_guard lock(mutex_);
    stats_ = stats;
  }

  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return started_.size();
  }
  // A copy; of the n-th that was spawned or adopted, from 0.
  Started nth(std::size_t n) const {
    const std::lock_guard lock(mutex_);
    return started_.at(n);
  }
  Started last() const {
    const std::lock_guard lock(mutex_);
    return started_.at(started_.size() - 1);
  }

  // ---- Processes ----

  Result<SpawnedProcess> spawn(const SpawnRequest& request) override {
    const std::lock_guard lock(mutex_);
    if (nextFailure_) return *std::exchange(nextFailure_, std::nullopt);
    Started& started = add();
    started.request = request;
    started.identity = R"({"schema":"tenon.process/1","fake":)" + std::to_string(started.id) + "}";
    adoptable_[started.identity] = true;
    return SpawnedProcess{started.id, pidOf(started.id), started.identity};
  }

  Result<ProcessId> adopt(std::string_view identity) override {
    const std::lock_guard lock(mutex_);
    const auto found = adoptable_.find(std::string(identity));
    if (found == adoptable_.end() || !found->second) return Error(ErrorCode::NotFound, "that process no longer runs");
    Started& started = add();
    started.adopted = true;
    started.identity = identity;
    return started.id;
  }

  Result<void> signal(ProcessId process, std::string_view name) override {
    {
      const std::lock_guard lock(mutex_);
      Started* started = find(process);
      if (!started) return unknown();
      started->signals.emplace_back(name);
      const auto number = obeyed_.find(std::string(name));
      if (number != obeyed_.end()) endLocked(process, {process, ProcessEnd::How::Signalled, number->second, false});
    }
    changed_.notify_all();
    return {};
  }

  // Ends it by KILL, as the real one does.
  Result<void> killTree(ProcessId process) override {
    {
      const std::lock_guard lock(mutex_);
      Started* started = find(process);
      if (!started) return unknown();
      started->treeKilled = true;
      constexpr int kKill = 9;
      endLocked(process, {process, ProcessEnd::How::Signalled, kKill, false});
    }
    changed_.notify_all();
    return {};
  }

  void release(ProcessId process) override {
    const std::lock_guard lock(mutex_);
    if (Started* started = find(process)) started->released = true;
  }

  // What a handle of an earlier agent names, as this one object plays all agents of its machine, has been released or
  // adopted.
  Result<void> killUnknown(std::string_view beginning) override {
    {
      const std::lock_guard lock(mutex_);
      for (const Started& each : started_) {
        if (each.released && each.alive && each.request.name.starts_with(beginning) && !isAdopted(each.identity)) {
          constexpr int kKill = 9;
          endLocked(each.id, {each.id, ProcessEnd::How::Signalled, kKill, false});
        }
      }
    }
    changed_.notify_all();
    return {};
  }

  Result<void> freeze(ProcessId process, bool on) override {
    const std::lock_guard lock(mutex_);
    Started* started = find(process);
    if (!started) return unknown();
    started->frozen = on;
    return {};
  }

  Result<ProcessStats> stats(ProcessId process) override {
    const std::lock_guard lock(mutex_);
    if (!find(process)) return unknown();
    return stats_;
  }

  Result<std::optional<bool>> ownsListener(ProcessId process, std::uint16_t port) override {
    const std::lock_guard lock(mutex_);
    const auto owner = listeners_.find(port);
    if (owner == listeners_.end()) return std::optional<bool>();
    return std::optional<bool>(owner->second == process);
  }

  Result<std::vector<ProcessEnd>> wait(Millis most) override {
    std::unique_lock lock(mutex_);
    const auto something = [this] { return woken_ || !ends_.empty(); };
    if (most.count() < 0) {
      changed_.wait(lock, something);
    } else {
      changed_.wait_for(lock, most, something);
    }
    woken_ = false;
    return std::exchange(ends_, {});
  }

  void wake() override {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    changed_.notify_all();
  }

 private:
  static std::int64_t pidOf(ProcessId process) { return 1000 + static_cast<std::int64_t>(process); }
  static Error unknown() { return Error(ErrorCode::Usage, "no process is known by that handle"); }

  bool isAdopted(const std::string& identity) const {
    return std::any_of(started_.begin(), started_.end(),
                       [&](const Started& each) { return each.adopted && !each.released && each.identity == identity; });
  }

  Started& add() {
    started_.emplace_back();
    started_.back().id = started_.size();
    return started_.back();
  }
  Started* find(ProcessId process) {
    if (process == 0 || process > started_.size() || started_[process - 1].released) return nullptr;
    return &started_[process - 1];
  }
  void endLocked(ProcessId process, const ProcessEnd& how) {
    if (process == 0 || process > started_.size()) throw std::out_of_range("no such process");
    Started& started = started_[process - 1];
    if (!std::exchange(started.alive, false)) return;
    adoptable_[started.identity] = false;
    if (!started.released) ends_.push_back(how);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Started> started_;
  std::map<std::string, bool> adoptable_;
  std::map<std::string, int> obeyed_;
  std::map<std::uint16_t, ProcessId> listeners_;
  std::vector<ProcessEnd> ends_;
  std::optional<Error> nextFailure_;
  ProcessStats stats_;
  bool woken_ = false;
};

}  // namespace tenon::host
