// One plan call of the argv driver: its library in this process or in one of its own, request and answer as documents,
// through host/driver.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/Bench.h"
#include "host/base/Log.h"
#include "host/driver/DriverCatalog.h"
#include "host/driver/PluginDriver.h"
#include "host/driver/PluginHosts.h"

namespace tenon::host {
namespace {

// As small as service.json's block can be, and as it usually is.
constexpr const char* kShort = R"({"type":"argv","program":"bin/server"})";
constexpr const char* kUsual =
    R"({"type":"argv","program":"bin/server","args":["--port","${SERVICE_PORT}","--data","${DATA_DIR}"],"cwd":"app"})";

class ArgvDriver {
 public:
  Plugin plugin() {
    for (auto& plugin : need(loader_.loadFolder(Path(TENON_PLUGINS), PluginLoader::Trust::Installed))) {
      if (plugin.manifest.name == "argv") return plugin;
    }
    fail(Error(ErrorCode::DriverMissing, std::string("no argv driver in ") + TENON_PLUGINS));
  }
  // In a plugin host.
  Plugin apart() {
    PluginLoader loader(machine_.files(), log_, &hosts_);
    return loader.load(Path(TENON_PLUGINS) / "argv.so", PluginLoader::Trust::Developer);
  }
  const PluginHosts& hosts() const { return hosts_; }
  PlanRequest request(const char* exec) const {
    return {{need(ServiceId::parse("bench")), need(SemVer::parse("1.2.3")), need(PlatformId::parse("linux-x64"))},
            Path("/var/lib/tenon/services/bench/versions/1.2.3/linux-x64"),
            need(Json::parse(exec)),
            "",
            std::nullopt,
            {"linux-x64"}};
  }

 private:
  Machine machine_;
  NullLog log_;
  PluginLoader loader_{machine_.files(), log_};
  PluginHosts hosts_{machine_.channels(), log_, {Path(TENON_PLUGIN_HOST), {}, {}}};
};

void planOf(benchmark::State& state, const char* exec) {
  ArgvDriver argv;
  const Plugin plugin = argv.plugin();
  PluginDriver driver(plugin.manifest, need(callsInProcess(plugin)), {"linux-x64"}, "/usr/bin:/bin");
  const auto fingerprint = need(driver.fingerprint());
  const auto request = argv.request(exec);
  for (auto _ : state) benchmark::DoNotOptimize(need(driver.plan(request, fingerprint)));
}

void BM_PlanApart(benchmark::State& state) {
  ArgvDriver argv;
  const SystemClock clock;
  const Plugin plugin = argv.apart();
  PluginDriver driver(plugin.manifest, callsIsolated(plugin, clock), {"linux-x64"}, "/usr/bin:/bin");
  const auto fingerprint = need(driver.fingerprint());
  const auto request = argv.request(kUsual);
  for (auto _ : state) benchmark::DoNotOptimize(need(driver.plan(request, fingerprint)));
}
BENCHMARK(BM_PlanApart)->Unit(benchmark::kMicrosecond)->UseRealTime()->Repetitions(9)->ReportAggregatesOnly();

// Of a plugin host: spawned, its library loaded, its numbers told; and its end, which a driver's first call does not wait
// for.
void BM_StartApart(benchmark::State& state) {
  ArgvDriver argv;
  const Path library = Path(TENON_PLUGINS) / "argv.so";
  for (auto _ : state) {
    auto host = need(PluginHost::start(argv.hosts(), library, nullptr));
    state.PauseTiming();
    { const auto ended = std::move(host); }
    state.ResumeTiming();
  }
}
BENCHMARK(BM_StartApart)->Unit(benchmark::kMicrosecond)->UseRealTime()->Repetitions(9)->ReportAggregatesOnly();

void BM_PlanShort(benchmark::State& state) { planOf(state, kShort); }
void BM_PlanUsual(benchmark::State& state) { planOf(state, kUsual); }
BENCHMARK(BM_PlanShort)->Unit(benchmark::kMicrosecond)->Repetitions(9)->ReportAggregatesOnly();
BENCHMARK(BM_PlanUsual)->Unit(benchmark::kMicrosecond)->Repetitions(9)->ReportAggregatesOnly();

// With the choice of the driver and its kept fingerprint, as a change asks for it.
void BM_ChooseAndPlan(benchmark::State& state) {
  ArgvDriver argv;
  const SystemClock clock;
  DriverCatalog catalog({"linux-x64"}, "/usr/bin:/bin", clock);
  catalog.add(argv.plugin());
  const auto request = argv.request(kUsual);
  for (auto _ : state) benchmark::DoNotOptimize(need(catalog.plan("argv", std::nullopt, request)));
}
BENCHMARK(BM_ChooseAndPlan)->Unit(benchmark::kMicrosecond)->Repetitions(9)->ReportAggregatesOnly();

}  // namespace
}  // namespace tenon::host

BENCHMARK_MAIN();
