// Processes that exist only in a test's mind: it says which spawn is refused, who ends and how, and who listens where.
// One thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/adapter/Processes.h"

namespace tenon::host {

class ScriptedProcesses final : public Processes {
 public:
  struct Process {
    SpawnRequest request;
    ProcessId process = 0;
    std::int64_t pid = 0;
    bool alive = true;      // the main process
    bool treeAlive = true;  // anything of it
    bool released = false;
    bool adopted = false;
    bool frozen = false;
    std::vector<std::string> signals;
  };

  // Script.
  std::function<std::optional<Error>(const SpawnRequest&)> refuse = [](const SpawnRequest&) { return std::nullopt; };
  std::map<std::uint16_t, bool> listenerIsOurs;  // absent: not told
  std::optional<Error> unkillable;               // of what is not known
  std::optional<Error> unfreezable;
  bool obedient = true;  // ends when it is asked to
  std::function<void(Process&)> onSpawn = [](Process&) {};

  // What happened.
  std::vector<Process> all;
  int listenerLookUps = 0;

  Process& last() { return all.back(); }
  std::size_t aliveCount() const {
    std::size_t count = 0;
    for (const Process& each : all) count += each.alive ? 1 : 0;
    return count;
  }
  // The main process; its children live on.
  void exit(std::size_t index, int code) { end(all.at(index), ProcessEnd::How::Exited, code); }
  void die(std::size_t index, int signal) { end(all.at(index), ProcessEnd::How::Signalled, signal); }
  void end(Process& process, ProcessEnd::How how, int code, bool outOfMemory = false) {
    if (!std::exchange(process.alive, false)) return;
    ends_.push_back({process.process, how, code, outOfMemory});
  }

  Result<SpawnedProcess> spawn(const SpawnRequest& request) override {
    if (auto error = refuse(request)) return *error;
    Process process;
    process.request = request;
    process.process = ++lastProcess_;
    process.pid = ++lastPid_;
    all.push_back(process);
    onSpawn(all.back());
    return SpawnedProcess{process.process, process.pid, "identity of " + std::to_string(process.pid)};
  }
  Result<ProcessId> adopt(std::string_view identity) override {
    for (Process& each : all) {
      if (identity != "identity of " + std::to_string(each.pid) || !each.alive) continue;
      each.adopted = true;
      return each.process = ++lastProcess_;
    }
    return Error(ErrorCode::NotFound, "the process no longer runs");
  }
  Result<void> signal(ProcessId process, std::string_view name) override {
    Process& target = find(process);
    target.signals.emplace_back(name);
    if (obedient) end(target, ProcessEnd::How::Signalled, name == "INT" ? 2 : 15);
    return {};
  }
  Result<void> killTree(ProcessId process) override {
    Process& target = find(process);
    target.treeAlive = false;
    end(target, ProcessEnd::How::Signalled, 9);
    return {};
  }
  void release(ProcessId process) override { find(process).released = true; }
  // As adoption gives a new handle, what bears its first one is not known to the agent of now.
  Result<void> killUnknown(std::string_view beginning) override {
    if (unkillable) return *unkillable;
    for (Process& each : all) {
      if (each.adopted || !each.treeAlive || !each.request.name.starts_with(beginning)) continue;
      each.treeAlive = each.alive = false;
    }
    return {};
  }
  Result<void> freeze(ProcessId process, bool on) override {
    if (unfreezable) return *unfreezable;
    find(process).frozen = on;
    return {};
  }
  Result<ProcessStats> stats(ProcessId) override { return ProcessStats{}; }
  Result<std::optional<bool>> ownsListener(ProcessId, std::uint16_t port) override {
    ++listenerLookUps;
    const auto found = listenerIsOurs.find(port);
    return found == listenerIsOurs.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::vector<ProcessEnd>> wait(Millis) override { return std::exchange(ends_, {}); }
  void wake() override {}

 private:
  Process& find(ProcessId process) {
    for (Process& each : all) {
      if (each.process == process) return each;
    }
    static Process none;
    return none;
  }

  std::vector<ProcessEnd> ends_;
  ProcessId lastProcess_ = 0;
  std::int64_t lastPid_ = 4000;
};

}  // namespace tenon::host
