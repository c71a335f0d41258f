// A runtime with scripted processes, scripted health and a clock that the test moves: no thread, no sleep. The disk is real.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/runtime/ServiceRuntimeManager.h"
#include "tests/host/runtime/ScriptedProcesses.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

inline constexpr Millis operator""_ms(unsigned long long value) { return Millis(static_cast<Millis::rep>(value)); }

class ScriptedProber final : public HealthProber {
 public:
  std::function<ProbeAnswer(const ProbeTarget&)> answer = [](const ProbeTarget&) { return ProbeAnswer{true, "200"}; };
  bool hangs = false;  // answers are kept until answerHeld()
  std::vector<Done> held;
  std::vector<ProbeTarget> asked;

  void probe(ProbeTarget target, Done done) override {
    asked.push_back(target);
    if (hangs) return held.push_back(std::move(done));
    done(answer(target));
  }
  void healthy() {
    answer = [](const ProbeTarget&) { return ProbeAnswer{true, "200"}; };
  }
  void unhealthy(const std::string& text) {
    answer = [text](const ProbeTarget&) { return ProbeAnswer{false, text}; };
  }
};

class RecordingLog final : public Log {
 public:
  std::vector<std::string> lines;
  void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }
};

inline ServiceManifest sampleManifest() {
  auto manifest = ServiceManifest::parse(R"({
    "service_id": "lexicon", "version": "1.2.0", "name": "Lexicon",
    "platforms": { "linux-x64": { "entrypoint": "app/run", "exec": { "type": "argv", "program": "app/run" },
      "default_port": 5101, "ports": { "admin_ui": 5201 }, "files": { "requires": ["app/"] } } },
    "health_check": { "type": "http", "endpoint": "/health", "startup_grace_ms": 20000, "interval_ms": 5000,
      "timeout_ms": 3000, "unhealthy_after": 3 },
    "env_schema": {},
    "restart": { "policy": "always", "backoff_ms": 200, "backoff_max_ms": 1600 },
    "stop": { "signal": "TERM", "grace_ms": 10000 } })");
  if (!manifest) throw std::runtime_error(manifest.error().message());
  return *std::move(manifest);
}

// "0123456789abcdef.lexicon.1" → "lexicon.1".
inline std::string withoutMark(const std::string& containment) { return containment.substr(containment.find('.') + 1); }

class RuntimeWorld {
 public:
  using State = SupervisionState;

  RuntimeWorld() : ends(processes), loop(clock, ends), ports([this](std::uint16_t port) { return !taken.contains(port); }) {
    folder.write("package/app/run", "#!");
    restartAgent();
  }
  ~RuntimeWorld() { loop.stop(); }

  // As after a crash of the agent: the manager is new, the processes are the same.
  void restartAgent() {
    if (manager) manager->detach();
    pump();
    manager.reset();
    seen.clear();
    manager = std::make_unique<ServiceRuntimeManager>(
        ServiceRuntimeManager::Collaborators{*files, processes, loop, ends, prober, ports, logs, log, searchPath(),
                                             records(), folder / "run/mark", folder / "run/exec", probed},
        [this](const InstanceStatus& status) {
          seen.push_back(status);
          if (told) told(status);
        });
    pump();
  }

  // What is put into bin/ of the folder is on the node's search path.
  std::string searchPath() const {
    const std::string bin = (folder / "bin").text();
    return bin[1] == ':' ? bin + ";C:/none" : bin + ":/opt/none:/bin";
  }
  Path records() const { return folder / "run/instances"; }
  InstanceSpec spec() {
    InstanceSpec spec{sampleManifest(), release("1.2.0"),       LaunchPlan{}, folder / "package",
                      folder / "data",  folder / "current.log", {},           false};
    spec.plan.program = "app/run";
    spec.plan.exitCodes = {{3, "the model is missing"}};
    return spec;
  }
  static InstalledRelease release(const std::string& version) {
    return {SemVer::parse(version).value(), PlatformId::parse("linux-x64").value(), Digest()};
  }
  static ServiceId id() { return ServiceId::parse("lexicon").value(); }

  InstanceNumber launch(InstanceSpec what, bool serving = true) {
    const InstanceNumber number = manager->launch(std::move(what), serving);
    pump();
    return number;
  }
  InstanceNumber launchReady(InstanceSpec what, bool serving = true) {
    const InstanceNumber number = launch(std::move(what), serving);
    advance(50_ms);
    EXPECT_EQ(state(number), State::Ready) << why(number);
    return number;
  }

  // Whatever is due now, and what follows from it.
  void pump() {
    for (int i = 0; i < 6; ++i) {
      ends.waitAndDispatch(0_ms);
      loop.runDue();
    }
  }
  // Timer by timer, so that everything happens at its own time.
  void advance(Millis by) {
    pump();
    const Instant end = clock.now() + by;
    for (auto next = loop.nextDue(); next && *next <= end; next = loop.nextDue()) {
      if (*next > clock.now()) clock.advance(std::chrono::duration_cast<Micros>(*next - clock.now()));
      pump();
    }
    clock.advance(std::chrono::duration_cast<Micros>(end - clock.now()));
    pump();
  }
  // How long until something becomes of the instance, at most `most`.
  Millis advanceUntil(InstanceNumber number, State wanted, Millis most) {
    const Instant begin = clock.now();
    while (state(number) != wanted && clock.now() - begin < most) advance(1_ms);
    return std::chrono::duration_cast<Millis>(clock.now() - begin);
  }

  std::optional<InstanceStatus> status(InstanceNumber number) {
    for (const InstanceStatus& each : manager->status(id())) {
      if (each.number == number) return each;
    }
    return std::nullopt;
  }
  State state(InstanceNumber number) {
    const auto found = status(number);
    return found ? found->state : State::Stopped;
  }
  std::string why(InstanceNumber number) {
    const auto found = status(number);
    return found ? found->why : "gone";
  }
  std::vector<std::string> statesSeen() const {
    std::vector<std::string> out;
    for (const InstanceStatus& each : seen) {
      const std::string text(name(each.state));
      if (out.empty() || out.back() != text) out.push_back(text);
    }
    return out;
  }
  template <class T>
  static bool resolved(const std::future<T>& future) {
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  TempFolder folder;
  MachineFiles files;
  FakeClock clock;
  ScriptedProcesses processes;
  ScriptedProber prober;
  RecordingLog log;
  std::set<std::uint16_t> taken;  // ports that somebody else listens on
  NoEvents logEvents;
  Loop logLoop{clock, logEvents};
  ServiceLogs logs{*files, logLoop, [](const Path&, const Error&) {}};
  ProcessEventSource ends;
  Loop loop;
  PortAllocator ports;
  std::vector<InstanceStatus> seen;
  std::function<void(const InstanceStatus&)> told;
  ProbeObserver probed;  // from the next start of the agent on
  std::unique_ptr<ServiceRuntimeManager> manager;
  WorkerPool helpers{0};
};

}  // namespace tenon::host
