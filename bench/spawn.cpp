// Starting services: 1,000 times `sleep` through platform/linux, each in a containment of its own, beside a bare
// posix_spawn loop in the same round; and isolated beside not. Which containment is the machine's; for process groups run it
// where there are no control groups: tests/platform/linux/without /sys/fs/cgroup bench_spawn. TENON_BENCH_SERVICES (1000)
// sizes a round.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "bench/Bench.h"
#include "host/base/Clock.h"
#include "tests/support/TempFolder.h"

extern char** environ;

namespace tenon::host {
namespace {

// Ends by itself, should this program be killed.
constexpr const char* kSleep[] = {"/bin/sleep", "120"};

std::size_t services() {
  const char* text = std::getenv("TENON_BENCH_SERVICES");
  return text ? static_cast<std::size_t>(std::atol(text)) : 1000;
}

double secondsSince(Instant start) { return std::chrono::duration<double>(SystemClock().now() - start).count(); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

// Whatever it started is gone when it goes.
class ByAdapter {
 public:
  ByAdapter(Machine& machine, const TempFolder& folder) : processes_(machine.processes()), folder_(folder) {}
  ~ByAdapter() {
    for (const auto process : started_) need(processes_.killTree(process));
    for (std::size_t ended = 0; ended < started_.size();) ended += need(processes_.wait(Millis(-1))).size();
    for (const auto process : started_) processes_.release(process);
  }
  ByAdapter(const ByAdapter&) = delete;
  ByAdapter& operator=(const ByAdapter&) = delete;

  double start(std::size_t count, const ProcessIsolation& isolation = {}) {
    const auto begin = SystemClock().now();
    for (std::size_t i = 0; i < count; ++i) {
      SpawnRequest request;
      request.isolation = isolation;
      request.name = "bench-" + std::to_string(i);
      request.argv = {kSleep[0], kSleep[1]};
      request.env = {{"PATH", "/usr/bin:/bin"}};
      request.cwd = folder_.path();
      request.output = folder_ / "output.log";
      started_.push_back(need(processes_.spawn(request)).process);
    }
    return secondsSince(begin);
  }

 private:
  Processes& processes_;
  const TempFolder& folder_;
  std::vector<ProcessId> started_;
};

class ByPosixSpawn {
 public:
  ByPosixSpawn() = default;
  ~ByPosixSpawn() {
    for (const auto pid : started_) ::kill(pid, SIGKILL);
    for (const auto pid : started_) ::waitpid(pid, nullptr, 0);
  }
  ByPosixSpawn(const ByPosixSpawn&) = delete;
  ByPosixSpawn& operator=(const ByPosixSpawn&) = delete;

  double start(std::size_t count) {
    std::string program(kSleep[0]), seconds(kSleep[1]);
    char* const argv[] = {program.data(), seconds.data(), nullptr};
    const auto begin = SystemClock().now();
    for (std::size_t i = 0; i < count; ++i) {
      pid_t pid = 0;
      if (::posix_spawn(&pid, kSleep[0], nullptr, nullptr, argv, environ) != 0) {
        fail(Error(ErrorCode::SpawnFailed, "posix_spawn failed"));
      }
      started_.push_back(pid);
    }
    return secondsSince(begin);
  }

 private:
  std::vector<pid_t> started_;
};

void BM_Start(benchmark::State& state) {
  Machine machine;
  const TempFolder folder;
  std::vector<double> ours, theirs, ratios;
  const auto count = services();
  ByAdapter(machine, folder).start(count / 10 + 1);  // memory touched for the first time costs more
  for (auto _ : state) {
    theirs.push_back(ByPosixSpawn().start(count));
    ours.push_back(ByAdapter(machine, folder).start(count));
    ratios.push_back(ours.back() / theirs.back());
    state.SetIterationTime(ours.back());
  }
  state.SetLabel(machine.facts().containment);
  state.counters["each_us"] = median(ours) / static_cast<double>(count) * 1e6;
  state.counters["posix_spawn_us"] = median(theirs) / static_cast<double>(count) * 1e6;
  state.counters["vs_posix_spawn"] = median(ratios);
}
BENCHMARK(BM_Start)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(5);

// What isolation standard asks for, beside the same without; which half of it the machine gives is the label.
void BM_StartIsolated(benchmark::State& state) {
  Machine machine;
  const TempFolder folder;
  folder.write("node/data/file", "");
  ProcessIsolation isolation;
  isolation.user = 70123;
  isolation.owned = {folder / "node/data"};
  isolation.files = FileAccess{.hidden = folder / "node", .write = {folder / "node/data", folder / "output.log"}};
  std::vector<double> with, without, ratios;
  const auto count = services();
  ByAdapter(machine, folder).start(count / 10 + 1);
  for (auto _ : state) {
    without.push_back(ByAdapter(machine, folder).start(count));
    with.push_back(ByAdapter(machine, folder).start(count, isolation));
    ratios.push_back(with.back() / without.back());
    state.SetIterationTime(with.back());
  }
  const auto& can = machine.facts().isolation;
  state.SetLabel(std::string(can.user() ? "user" : "") + (can.files() ? " files" : ""));
  state.counters["each_us"] = median(with) / static_cast<double>(count) * 1e6;
  state.counters["without_us"] = median(without) / static_cast<double>(count) * 1e6;
  state.counters["vs_without"] = median(ratios);
}
BENCHMARK(BM_StartIsolated)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(5);

}  // namespace
}  // namespace tenon::host

BENCHMARK_MAIN();
