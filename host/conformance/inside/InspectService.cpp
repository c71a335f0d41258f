// An agent's part: a service that is started, or found and stopped, by what runs services in an agent.
#include <future>
#include <optional>

#include "host/conformance/inside/Inspect.h"
#include "host/driver/ServiceFolder.h"
#include "host/runtime/ForegroundRuntime.h"

namespace tenon::host {

namespace {

Result<InstanceSpec> specOf(PlatformAdapter& adapter, const InspectionJob& job) {
  TENON_TRY(auto service, ServiceFolder::read(adapter.files(), job.service, adapter.facts().platforms));
  TENON_TRY(auto plan, LaunchPlan::parse(job.plan));
  const InstalledRelease release{service.manifest.version, service.platform, Digest()};
  return InstanceSpec{.manifest = std::move(service.manifest),
                      .release = release,
                      .plan = std::move(plan),
                      .packageDir = job.service,
                      .dataDir = job.work / "data",
                      .log = job.work / "service.log",
                      .policyEnv = {}};
}

JsonObject describe(const InstanceStatus& status) {
  JsonObject object;
  object.set("state", name(status.state)).set("why", status.why).set("pid", status.pid);
  return object;
}

}  // namespace

Result<void> inspectService(PlatformAdapter& adapter, const Clock& clock, const InspectionJob& job, Speech& speech) {
  TENON_TRY(const auto spec, specOf(adapter, job));
  StderrLog log(LogLevel::Warning);
  std::promise<void> settled;
  bool told = false;  // the loop's thread
  ForegroundRuntime runtime({adapter, clock, log, job.work}, [&](const InstanceStatus& status) {
    speech.say(describe(status));
    const bool over = status.state == SupervisionState::Failed || status.state == SupervisionState::Stopped;
    if ((over || status.state == SupervisionState::Ready) && !std::exchange(told, true)) settled.set_value();
  });
  runtime.start();
  const bool adopts = job.task == InspectionJob::Task::Adopt;
  WorkerPool helpers(1);
  const auto adopted = runtime.services().adoptRecorded(
      [&](const InstanceRecord&) { return adopts ? std::optional(spec) : std::nullopt; }, helpers);
  speech.say(JsonObject().set("adopted", static_cast<std::uint64_t>(adopted.size())));
  if (!adopts) runtime.services().launch(spec, true);
  const Millis patience = job.most * 3 / 4;  // the rest is for stopping it, should nobody kill this process
  if (adopts && !adopted.empty()) settled.get_future().wait_for(patience);
  if (!adopts) std::promise<void>().get_future().wait_for(patience);
  runtime.end(spec.manifest.service);
  return {};
}

}  // namespace tenon::host
