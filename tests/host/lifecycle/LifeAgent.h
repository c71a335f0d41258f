// An agent without its doors: the rooms below host/lifecycle as host/app wires them, over a hub, a machine and a clock that
// a test holds. Made anew for every start of the agent; the world stays.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/lifecycle/PackageLife.h"
#include "host/lifecycle/ServiceLife.h"
#include "tests/host/lifecycle/Machine.h"
#include "tests/host/lifecycle/ReleaseShop.h"

namespace tenon::host {

// What outlives an agent, but for the disk.
struct LifeWorld {
  ReleaseShop shop;
  TestHub hub;
  Machine machine;
  FakeClock clock;
  bool hasDriver = true;
  IsolationFacts isolation{"no users here", ""};
  Isolation least = Isolation::None;
  ServiceLimits most;
};

// Answers exec type argv by the package's program, as the real driver does; says no where `broken`.
class TestDriver final : public Driver {
 public:
  const PluginManifest& manifest() const override { return manifest_; }
  std::string_view hosting() const override { return "in-process"; }
  Result<Fingerprint> fingerprint() override { return Fingerprint{.health = Fingerprint::Health::Healthy}; }
  Result<LaunchPlan> plan(const PlanRequest& request, const Fingerprint&) override {
    if (request.exec.stringOr("type", "").value() == "broken") return Error(ErrorCode::PlanInvalid, "that cannot be run");
    LaunchPlan plan;
    TENON_TRY(plan.program, request.exec.stringOr("program", ""));
    return plan;
  }

 private:
  PluginManifest manifest_{"argv", "1.0.0", "runtime-driver", {"argv", "broken"}, 1, 0};
};

class LifeAgent {
 public:
  // `dead`: from when on the agent's calls reach nothing any more (its disk has stopped).
  LifeAgent(
      LifeWorld& world, Files& files, const Path& root, std::function<bool()> dead = [] { return false; })
      : files_(files),
        layout_(root),
        http_(world.clock),
        processes_(world.machine, world.clock, std::move(dead)),
        prober_(world.machine),
        downloader_(files, http_, world.clock, [](Millis) {}),
        hub_(HubClient::create(http_, "http://hub", [](Millis) {}).value()),
        ring_(world.shop.ring()),
        verifier_(ring_),
        packages_({files, pool_, verifier_, 0}, layout_, {"linux-x64"}),
        drivers_({"linux-x64"}, "/none", world.clock),
        store_(files, layout_),
        events_(files, world.clock, log_),
        logLoop_(world.clock, logEvents_),
        logs_(files, logLoop_, [](const Path&, const Error&) {}),
        ends_(processes_),
        loop_(world.clock, ends_),
        ports_([&machine = world.machine](std::uint16_t port) { return !machine.listenerOn(port); }),
        runtime_({files, processes_, loop_, ends_, prober_, ports_, logs_, log_, "/none", layout_.instances(),
                  layout_.containmentMark(), layout_.executions()},
                 [this](const InstanceStatus& status) { endpoints_.observe(status); }),
        endpoints_(files, layout_.endpoints(), runtime_, relay(), log_),
        trust_({files, world.clock, verifier_}, layout_, {"linux-x64"}, WallTime{}),
        collector_(files, layout_, &sha256, [](const std::function<void()>& task) { task(); }),
        users_(files, layout_, &sha256, {}),
        isolation_(users_, world.isolation, root, world.least),
        with_{files,        layout_,   &sha256,    packages_,  drivers_,
              runtime_,     logs_,     registry_,  events_,    {"linux-x64"},
              "test 1.0.0", trust_,    collector_, endpoints_, {&hub_, &downloader_},
              isolation_,   world.most},
        book_(store_, events_, world.clock),
        packageLife_(with_),
        serviceLife_(with_) {
    http_.otherwise = [&hub = world.hub](const HttpRequestOptions& request) { return hub.answer(request); };
    if (world.hasDriver) drivers_.add(std::make_unique<TestDriver>(), "/plugins/argv.so");
  }
  // Never run here: no service of these tests has an endpoint.
  static InstanceSpec relay() {
    const PlatformId platform = PlatformId::parse("linux-x64").value();
    ServiceManifest manifest(ServiceId::parse("tenon.relay").value(), SemVer::parse("1.0.0").value());
    const InstalledRelease release{manifest.version, platform, Digest()};
    return {.manifest = std::move(manifest),
            .release = release,
            .plan = {},
            .packageDir = {},
            .dataDir = {},
            .log = {},
            .policyEnv = {}};
  }
  // As when it is killed: every process stays.
  ~LifeAgent() {
    detach();
    loop_.stop();
  }
  LifeAgent(const LifeAgent&) = delete;
  LifeAgent& operator=(const LifeAgent&) = delete;

  // The order of host/app, up to the doors.
  Result<void> begin() {
    for (const Path& folder : {layout_.services(), layout_.changes(), layout_.cache(), layout_.instances(), layout_.locks()})
      TENON_CHECK(files_.makeFolders(folder));
    TENON_CHECK(events_.open(layout_.events()));
    TENON_CHECK(store_.open());
    trust_.open(ring_);
    loop_.start();
    return {};
  }
  // In one order: a sweep over crash points is only as good as it is repeatable.
  std::vector<ServiceId> recover() {
    WorkerPool alone(0);
    return serviceLife_.recover(alone);
  }
  void resume(const std::vector<ServiceId>& services) {
    for (const auto& service : services) static_cast<void>(resume(service, serviceLife_.launchWanted(service)));
  }
  std::optional<InstanceNumber> launchWanted(const ServiceId& service) { return serviceLife_.launchWanted(service); }
  Result<Change> resume(const ServiceId& service, std::optional<InstanceNumber> launched) {
    return change("start", [&](ChangeRecorder& it) { serviceLife_.resume(it, service, launched); });
  }
  Result<void> start() {
    TENON_CHECK(begin());
    resume(recover());
    settle();
    return {};
  }
  // A service that was taken up is asked for its health meanwhile: waits for the answer.
  void settle() {
    loop_.postAndWait([] {});  // what recovery asked of the loop is done
    const auto status = runtime_.serving(asr());
    if (status && status->state == SupervisionState::Starting) runtime_.prove(status->number, asr(), Millis{0}).wait();
  }

  // As when it is asked to end: whoever waits for a service is answered.
  void detach() { runtime_.detach(); }

  // Each answers the change as it ended; the error where even that cannot be read any more.
  Result<Change> install(const std::string& spec, const InstallOptions& options = {}) {
    return change("install",
                  [&](ChangeRecorder& it) { packageLife_.install(it, ReleaseSpec::parse(spec).value(), options); });
  }
  Result<Change> upgrade(const InstallOptions& options = {}) {
    return change("upgrade", [&](ChangeRecorder& it) { packageLife_.upgrade(it, asr(), options); });
  }
  Result<Change> activate(const std::string& spec) {
    return change("activate", [&](ChangeRecorder& it) { packageLife_.activate(it, ReleaseSpec::parse(spec).value()); });
  }
  Result<Change> rollback() {
    return change("rollback", [&](ChangeRecorder& it) { packageLife_.rollback(it, asr()); });
  }
  Result<Change> startService() {
    return change("start", [&](ChangeRecorder& it) { serviceLife_.start(it, asr()); });
  }
  Result<Change> stopService() {
    return change("stop", [&](ChangeRecorder& it) { serviceLife_.stop(it, asr()); });
  }
  Result<Change> restartService() {
    return change("restart", [&](ChangeRecorder& it) { serviceLife_.restart(it, asr()); });
  }
  Result<Change> remove(bool purge = false) {
    return change("remove", [&](ChangeRecorder& it) { serviceLife_.remove(it, asr(), {.purge = purge}); });
  }

  Result<void> set(const EnvironmentChanges& changes) { return serviceLife_.setEnvironment(asr(), changes); }
  Result<NodeEnvironment> environment() { return serviceLife_.environment(asr()); }

  Result<Change> prune() {
    return change("prune", [&](ChangeRecorder& it) { serviceLife_.prune(it, asr()); });
  }

  // Who serves just now: "1.2.0 ready", or "" where nobody does.
  std::string serving() {
    const auto status = runtime_.serving(asr());
    return status ? status->release.version.text() + " " + std::string(name(status->state)) : "";
  }
  std::vector<std::string> eventTypes() const {
    std::vector<std::string> types;
    for (const auto& event : events_.after(0, 1000)) types.push_back(event.type);
    return types;
  }
  // What recovery could not do; "" where it did everything.
  std::string recoveryFault() const {
    for (const auto& event : events_.after(0, 1000)) {
      if (event.type == "recovery-failed") return event.why;
    }
    return "";
  }
  const LifeCollaborators& with() const { return with_; }
  ChangeBook& book() { return book_; }
  ChangeStore& store() { return store_; }
  ServiceRegistry& registry() { return registry_; }

 private:
  Result<Change> change(std::string_view operation, const std::function<void(ChangeRecorder&)>& work) {
    auto recorder = book_.begin(operation, asr());
    const auto number = recorder->number();
    work(*recorder);
    recorder.reset();
    return book_.read(number);
  }

  Files& files_;
  PackageLayout layout_;
  NullLog log_;
  ScriptedHttp http_;
  MachineView processes_;
  MachineProber prober_;
  WorkerPool pool_{1};
  Downloader downloader_;
  HubClient hub_;
  KeyRing ring_;
  SignatureVerifier verifier_;
  ServicePackageManager packages_;
  DriverCatalog drivers_;
  ChangeStore store_;
  EventLog events_;
  ServiceRegistry registry_;
  NoEvents logEvents_;
  Loop logLoop_;  // never started: what a test does not ask for does not happen beside it
  ServiceLogs logs_;
  ProcessEventSource ends_;
  Loop loop_;
  PortAllocator ports_;
  ServiceRuntimeManager runtime_;
  EndpointKeeper endpoints_;
  NodeTrust trust_;
  Collector collector_;
  ServiceUsers users_;
  IsolationPolicy isolation_;
  LifeCollaborators with_;
  ChangeBook book_;
  PackageLife packageLife_;
  ServiceLife serviceLife_;
};

}  // namespace tenon::host
