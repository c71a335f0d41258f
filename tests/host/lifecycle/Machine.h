// A machine in a test's mind: which processes run on it, how each release behaves, and who answers on which port. It
// outlives the agents, as a real one does: an agent sees it through a MachineView of its own. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/adapter/Processes.h"
#include "host/runtime/HealthProber.h"
#include "tests/support/FakeClock.h"

namespace tenon::host {

enum class Conduct { Serves, NeverAnswers, ExitsAtOnce };

class Machine {
 public:
  struct Process {
    std::string identity, version, name;  // the name of its containment
    std::string logLevel;                 // of its environment
    std::uint16_t port = 0;
    std::optional<std::uint32_t> user = {};
    std::optional<std::uint64_t> memoryBytes = {}, processes = {};  // its limits
  };

  // While true no time passes, whoever waits for it.
  std::atomic<bool> timeStands{false};

  // How a version behaves from now on; it serves where nothing was said.
  void teach(const std::string& version, Conduct conduct) {
    const std::lock_guard lock(mutex_);
    conducts_[version] = conduct;
  }
  Conduct conductOf(const std::string& version) const {
    const std::lock_guard lock(mutex_);
    const auto found = conducts_.find(version);
    return found == conducts_.end() ? Conduct::Serves : found->second;
  }

  std::vector<Process> running() const {
    const std::lock_guard lock(mutex_);
    return running_;
  }
  std::vector<std::string> versions() const {
    std::vector<std::string> all;
    for (const auto& process : running()) all.push_back(process.version);
    std::sort(all.begin(), all.end());
    return all;
  }
  // How often any process was started.
  std::size_t starts() const {
    const std::lock_guard lock(mutex_);
    return started_;
  }
  // Exactly these processes run; none after a reboot.
  void restore(std::vector<Process> processes) {
    const std::lock_guard lock(mutex_);
    running_ = std::move(processes);
  }

  Process start(const SpawnRequest& request) {
    const std::lock_guard lock(mutex_);
    Process process;
    process.identity = "process " + std::to_string(++started_);
    process.name = request.name;
    process.user = request.isolation.user;
    process.memoryBytes = request.memoryBytes;
    process.processes = request.processes;
    for (const auto& [key, value] : request.env) {
      if (key == "SERVICE_VERSION") process.version = value;
      if (key == "LOG_LEVEL") process.logLevel = value;
      if (key == "SERVICE_PORT") process.port = static_cast<std::uint16_t>(std::stoul(value));
    }
    running_.push_back(process);
    return process;
  }
  void end(const std::string& identity) {
    const std::lock_guard lock(mutex_);
    std::erase_if(running_, [&](const Process& each) { return each.identity == identity; });
  }
  bool runs(const std::string& identity) const {
    const auto all = running();
    return std::any_of(all.begin(), all.end(), [&](const Process& each) { return each.identity == identity; });
  }
  std::optional<Process> listenerOn(std::uint16_t port) const {
    for (auto& each : running()) {
      if (each.port == port) return std::move(each);
    }
    return std::nullopt;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Conduct> conducts_;
  std::vector<Process> running_;
  std::size_t started_ = 0;
};

// What one agent sees and does of the machine. Once `dead` says so, nothing that this agent still does reaches the machine;
// to the agent itself everything seems to end, so that no call of it waits for ever. Where the loop would wait for its next
// timer, that time passes at once; the far timers of a service that is well never come, so that time stands still while
// nobody waits for anything.
class MachineView final : public Processes {
 public:
  MachineView(Machine& machine, FakeClock& clock, std::function<bool()> dead)
      : machine_(machine), clock_(clock), dead_(std::move(dead)) {}

  Result<SpawnedProcess> spawn(const SpawnRequest& request) override {
    if (dead_()) return Error(ErrorCode::SpawnFailed, "the agent has died");
    const auto process = machine_.start(request);
    const auto id = add(process.identity);
    if (machine_.conductOf(process.version) == Conduct::ExitsAtOnce) endAs(id, ProcessEnd::How::Exited, 3);
    return SpawnedProcess{id, kFirstPid + static_cast<std::int64_t>(id), process.identity};
  }
  Result<ProcessId> adopt(std::string_view identity) override {
    if (!machine_.runs(std::string(identity))) return Error(ErrorCode::NotFound, "that process no longer runs");
    return add(std::string(identity));
  }
  Result<void> signal(ProcessId process, std::string_view) override {
    constexpr int kTerm = 15;
    endAs(process, ProcessEnd::How::Signalled, kTerm);
    return {};
  }
  Result<void> killTree(ProcessId process) override {
    constexpr int kKill = 9;
    endAs(process, ProcessEnd::How::Signalled, kKill);
    return {};
  }
  void release(ProcessId) override {}
  Result<void> killUnknown(std::string_view beginning) override {
    if (dead_()) return {};
    for (const auto& process : machine_.running()) {
      if (process.name.starts_with(beginning) && !isKnown(process.identity)) machine_.end(process.identity);
    }
    return {};
  }
  Result<void> freeze(ProcessId, bool) override { return {}; }
  Result<ProcessStats> stats(ProcessId) override { return ProcessStats{.cpuMicros = 1'500'000, .residentBytes = 4096}; }
  Result<std::optional<bool>> ownsListener(ProcessId process, std::uint16_t port) override {
    const auto listener = machine_.listenerOn(port);
    if (!listener) return std::optional<bool>();
    const std::lock_guard lock(mutex_);
    return std::optional(identities_[process].first == listener->identity);
  }

  Result<std::vector<ProcessEnd>> wait(Millis most) override {
    // The dead starts its service in vain, later and later; somebody may wait for it to give up.
    const bool isFar = most > kLongest && !(dead_() && farTimers_++ < kFarTimersOfTheDead);
    std::unique_lock lock(mutex_);
    const auto something = [this] { return woken_ || !ends_.empty(); };
    if (most.count() < 0 || isFar) {
      changed_.wait(lock, something);
    } else if (most.count() > 0 && !changed_.wait_for(lock, kMoment, something)) {
      if (!machine_.timeStands) clock_.advance(most);
      return std::vector<ProcessEnd>();
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
  static constexpr std::int64_t kFirstPid = 1000;
  static constexpr Micros kMoment{100};  // for other threads to want something first
  static constexpr Millis kLongest{5000};
  static constexpr int kFarTimersOfTheDead = 50;

  bool isKnown(const std::string& identity) {
    const std::lock_guard lock(mutex_);
    return std::any_of(identities_.begin(), identities_.end(),
                       [&](const auto& each) { return each.second.first == identity; });
  }
  ProcessId add(const std::string& identity) {
    const std::lock_guard lock(mutex_);
    identities_[++last_] = {identity, true};
    return last_;
  }
  void endAs(ProcessId process, ProcessEnd::How how, int code) {
    const bool dead = dead_();
    {
      const std::lock_guard lock(mutex_);
      auto& [identity, lives] = identities_[process];
      if (!std::exchange(lives, false)) return;
      if (!dead) machine_.end(identity);
      ends_.push_back({process, how, code, false});
    }
    changed_.notify_all();
  }

  Machine& machine_;
  FakeClock& clock_;
  const std::function<bool()> dead_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ProcessId, std::pair<std::string, bool>> identities_;
  std::vector<ProcessEnd> ends_;
  ProcessId last_ = 0;
  bool woken_ = false;
  int farTimers_ = 0;  // of the loop's thread
};

class MachineProber final : public HealthProber {
 public:
  explicit MachineProber(Machine& machine) : machine_(machine) {}
  void probe(ProbeTarget target, Done done) override {
    const auto listener = machine_.listenerOn(target.port);
    if (!listener) return done({false, "connection refused"});
    const bool serves = machine_.conductOf(listener->version) == Conduct::Serves;
    done(serves ? ProbeAnswer{true, "200"} : ProbeAnswer{false, "503 warming up"});
  }

 private:
  Machine& machine_;
};

}  // namespace tenon::host
