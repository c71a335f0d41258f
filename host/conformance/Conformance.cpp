#include "host/conformance/Conformance.h"

#include "host/conformance/checks/Checks.h"
#include "host/trust/Sha256.h"

namespace tenon::host {

namespace {

using Check = CheckResult (*)(const Bench&);
// In the order of checkPages(), and so of its ids.
constexpr std::array<Check, kChecks> kAll = {&checkTypes,    &checkExports, &checkLoads, &checkRepeatable, &checkHosting,
                                             &checkNonsense, &checkMembers, &checkEnds,  &checkGolden,     &checkLaunch};

Result<void> checkTools(const ConformanceTools& tools, const Path& library) {
  if (!tools.adapter.channels()) {
    return Error(ErrorCode::PlatformUnsupported,
                 "the platform adapter " + tools.adapter.facts().name + " cannot run a plugin in a process of its own");
  }
  TENON_CHECK(withContext("check " + library.text(), tools.adapter.files().inspect(library)));
  return withContext("the plugin host", tools.adapter.files().inspect(tools.pluginHost)).map([](const auto&) {});
}

// Of a plugin that does not load, what can be told of its files alone.
void tellOfFiles(const Bench& bench, const Error& why, ConformanceReport& report) {
  for (const auto& page : checkPages()) {
    if (page.id == check::kManifest) {
      report.checks.push_back(Bench::failed(page.id, why.message()));
    } else if (page.id == check::kExports) {
      report.checks.push_back(checkExports(bench));
    } else {
      report.checks.push_back(Bench::skipped(page.id, "the plugin was not loaded: see manifest-valid"));
    }
  }
}

}  // namespace

Result<ConformanceReport> checkPlugin(const ConformanceTools& tools, const ConformanceOptions& options,
                                      const ConformanceProgress& progress) {
  TENON_CHECK(checkTools(tools, options.pluginFile));
  TENON_TRY(auto work, WorkFolder::make(tools.adapter.files()));
  Bench bench(tools, options, std::move(work));
  if (progress) progress(check::kManifest, 0, kChecks);
  const auto loaded = bench.load();
  ConformanceReport report{.plugin = bench.manifest.name,
                           .version = bench.manifest.version,
                           .content = sha256(bench.pluginBytes),
                           .tenon = tools.version,
                           .at = tools.clock.wall(),
                           .seed = options.seed,
                           .checks = {}};
  if (!loaded) {
    tellOfFiles(bench, loaded.error(), report);
    return report;
  }
  TENON_CHECK(bench.makePackages());
  TENON_CHECK(bench.prepare());
  report.planned = bench.planned();
  for (std::size_t i = 0; i < kChecks; ++i) {
    if (progress) progress(checkPages()[i].id, i, kChecks);
    report.checks.push_back(kAll[i](bench));
  }
  return report;
}

Result<Answer> replayCall(const ConformanceTools& tools, const KeptCall& call) {
  TENON_CHECK(checkTools(tools, call.pluginFile));
  TENON_TRY(auto work, WorkFolder::make(tools.adapter.files()));
  ConformanceOptions options;
  options.pluginFile = call.pluginFile;
  options.golden = call.golden;
  Bench bench(tools, options, std::move(work));
  TENON_CHECK(bench.load());
  TENON_CHECK(bench.makePackages());
  Apart driver = bench.apart();
  return call.plan ? driver.plan(bench.placed(call.request)) : driver.fingerprint(call.request);
}

}  // namespace tenon::host
