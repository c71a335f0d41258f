#include "host/app/AgentParts.h"

#include <utility>

#include "host/app/RelaySpec.h"

namespace tenon::host {

namespace {

// Two cores are the smallest node; more unpacking threads gained nothing (docs/adr).
constexpr std::size_t kUnpackWorkers = 1;  // beside the change's own thread
constexpr std::size_t kChangeWorkers = 4;
constexpr std::size_t kHttpWorkers = 4;
constexpr std::size_t kSweepers = 1;  // deleting takes minutes sometimes, and nothing waits for it

// No machine's clock is right that is before the day of this program.
constexpr WallTime kBuiltAt{std::chrono::seconds{TENON_BUILD_TIME}};

std::optional<HubClient> hubOf(HttpClient& http, const std::string& url) {
  if (url.empty()) return std::nullopt;
  auto hub = HubClient::create(http, url);
  if (!hub) return std::nullopt;  // Agent::start() has looked at it before
  return std::move(*hub);
}

// One for all that are not of this program; asked for when the first is loaded.
std::function<Result<std::optional<std::uint32_t>>()> userOfPlugins(const PlatformFacts& facts, ServiceUsers& users) {
  if (!facts.isolation.user()) return {};
  return [&users]() -> Result<std::optional<std::uint32_t>> {
    TENON_TRY(const auto user, users.userOf(ServiceId::parse("tenon.plugins").value()));  // no package may have such an id
    return std::optional(user);
  };
}

}  // namespace

Agent::Parts::Parts(PlatformAdapter& adapter, const Clock& clock, Log& log, const AgentOptions& options)
    : measured(clock),
      layout(options.root),
      changeStore(adapter.files(), layout),
      events(adapter.files(), clock, log),
      verifier(KeyRing{}),
      unpackWorkers(kUnpackWorkers),
      http(options.way),
      measuredHttp(http, measured),
      downloader(adapter.files(), measuredHttp, clock),
      hub(hubOf(measuredHttp, options.hub)),
      packages({adapter.files(), unpackWorkers, verifier}, layout, adapter.facts().platforms),
      trust({adapter.files(), clock, verifier}, layout, adapter.facts().platforms, kBuiltAt),
      users(adapter.files(), layout, &sha256, options.serviceUsers),
      pluginHosts(host::pluginHosts(adapter, log, layout.services(), userOfPlugins(adapter.facts(), users))),
      vendors(adapter.files(), clock, layout.vendorKeys()),
      plugins(adapter.files(), log, pluginHosts.get(), &vendors),
      drivers(adapter.facts().platforms, adapter.facts().searchPath, clock),
      nodePlugins({adapter.files(), log, vendors, plugins, drivers}, layout.plugins()),
      logLoop(clock, logEvents),
      logs(adapter.files(), logLoop, [this](const Path& path, const Error& why) { tellLog(path, why); }),
      processEnds(adapter.processes()),
      loop(clock, processEnds),
      prober(makeSocketProber(clock)),
      ports(PortAllocator::loopbackProbe()),
      runtime({adapter.files(), adapter.processes(), loop, processEnds, *prober, ports, logs, log,
               adapter.facts().searchPath, layout.instances(), layout.containmentMark(), layout.executions(),
               [this](const auto&... probe) { measured.probed(probe...); }},
              [this](const InstanceStatus& status) { observe(status); }),
      endpoints(adapter.files(), layout.endpoints(), runtime, relaySpec(adapter.facts(), layout), log),
      collector(adapter.files(), layout, &sha256, [this](WorkerPool::Task task) { sweepers.post(std::move(task)); }),
      sweepers(kSweepers),
      isolation(users, adapter.facts().isolation, options.root, options.leastIsolation),
      life{adapter.files(),
           layout,
           &sha256,
           packages,
           drivers,
           runtime,
           logs,
           registry,
           events,
           adapter.facts().platforms,
           adapter.facts().name + " " + adapter.facts().version,
           trust,
           collector,
           endpoints,
           {hub ? &*hub : nullptr, &downloader},
           isolation,
           options.serviceLimits},
      changes(changeStore, events, clock, [this](const Change& change) { measured.changed(change); }),
      packageLife(life),
      serviceLife(life),
      metrics({life, measured, clock, TENON_VERSION, [this](WorkerPool::Task task) { httpWorkers.post(std::move(task)); }}),
      changeWorkers(kChangeWorkers),
      startWorkers(kChangeWorkers),
      httpWorkers(kHttpWorkers) {}

// Services run on. The server goes first, so that nobody asks for what is being taken down.
Agent::Parts::~Parts() {
  ending = true;
  events.tell({});
  if (metricsServer) metricsServer->stop();
  if (server) server->stop();
  collector.stop();
  runtime.detach();
  loop.stop();
  logs.stop();
  logLoop.stop();
}

// <root>/services/<id>/logs/<version>.log
void Agent::Parts::tellLog(const Path& path, const Error& why) {
  events.record({.type = "log-not-rotated",
                 .service = path.parent().parent().name(),
                 .why = why.hint().empty() ? why.message() : why.message() + "; " + why.hint(),
                 .details = {{"log", path.name()}}});
}

// On the loop's thread: what supervision sees becomes what status tells.
void Agent::Parts::observe(const InstanceStatus& status) {
  measured.instance(status);
  // A new reason is for status alone; a new state is an event.
  const std::pair instance(status.service, status.number);
  const bool isNews = std::exchange(lastStates_[instance], status.state) != status.state;
  if (status.state == SupervisionState::Stopped) lastStates_.erase(instance);  // where every instance begins, and ends
  if (isNews) {
    events.record({.type = "service-" + std::string(name(status.state)),
                   .service = status.service.text(),
                   .why = status.why,
                   .details = {{"version", status.release.version.text()}, {"pid", std::to_string(status.pid)}}});
  }
  endpoints.observe(status);
  if (!status.serving) return;
  registry.putObserved(status.service, {.state = std::string(name(status.state)),
                                        .why = status.why,
                                        .port = status.port,
                                        .ports = status.ports,
                                        .pid = status.pid,
                                        .startedAt = status.startedAt,
                                        .restarts = status.restarts,
                                        .isolation = status.isolation,
                                        .frozen = status.frozen,
                                        .version = status.release.version.text(),
                                        .endpoint = status.endpoint ? status.endpoint->text() : ""});
}

}  // namespace tenon::host
