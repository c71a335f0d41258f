#include "host/app/Agent.h"

#include <Poco/Environment.h>
#include <Poco/Process.h>
#include <algorithm>
#include <future>
#include <map>
#include <thread>

#include "host/adapter/AtomicFile.h"
#include "host/app/AgentParts.h"
#include "host/app/InstalledPlugins.h"
#include "host/app/StaticAdapter.h"
#include "host/trust/KeyRing.h"

namespace tenon::host {

namespace {

std::string hexOf(std::string_view text) { return sha256(text).hex().substr(0, 16); }

// Where the API is served, and whether a token is asked for there: file permissions guard a unix socket, TCP needs one.
struct Channel {
  std::string address;
  bool needsToken = true;
};

Channel channelOf(const PlatformFacts& facts, const AgentOptions& options) {
  if (!options.listen.empty()) return {options.listen};
  if (facts.socketFolder.empty()) return {"127.0.0.1:0"};
  // A socket's path ends at 107 bytes, roots may be longer: the name is a hash of the root in a short folder.
  return {"unix:" + (facts.socketFolder / (hexOf(options.root.text()) + ".sock")).text(), false};
}

// --trust FILE: a public key, or a root with its signatures beside it.
bool isRoot(std::string_view text) { return text.starts_with('{'); }

// What a node trusts already is enough to keep its services: then a file that does not fit is told, and nothing more.
Result<void> takeTrustFile(Files& files, const PackageLayout& layout, const Path& file, Log& log) {
  TENON_TRY(const auto text, files.readAll(file, limits::kRootBytes));
  auto roots = FollowedRoots::open(files, layout);
  if (!roots) return {};  // NodeTrust says why, and installs nothing
  const bool byRoot = roots->inForce() != nullptr;
  if (!isRoot(text)) {
    if (!byRoot) return trustKey(files, layout.trustedKeys(), text).map([](const auto&) {});
    log.warning("--trust " + file.text() + " is not used: this node trusts by its root, which alone says what keys count");
    return {};
  }
  TENON_TRY(const auto root, readSigned(files, file, limits::kRootBytes));
  const auto taken = roots->take(root);
  if (!taken && !byRoot) return taken.error();
  if (!taken) log.error("--trust " + file.text() + " is not used: " + taken.error().message());
  if (taken && *taken) log.info("this node trusts by root " + std::to_string(roots->inForce()->version) + " from now on");
  return {};
}

Result<KeyRing> trustedKeys(Files& files, const PackageLayout& layout) {
  TENON_TRY(auto ring, KeyRing::load(files, layout.trustedKeys()));
  const std::string variable(kPublicKeysVariable);
  if (!Poco::Environment::has(variable)) return ring;
  TENON_TRY(const auto named, withContext(variable, parsePublicKeyList(Poco::Environment::get(variable))));
  for (const auto& [key, alias] : named) TENON_CHECK(ring.add(key, alias, variable));
  return ring;
}

void beatOn(Loop& loop, Millis interval, const std::function<void()>& task) {
  task();
  loop.after(interval, [&loop, interval, task] { beatOn(loop, interval, task); });
}

}  // namespace

Agent::Agent(PlatformAdapter& adapter, const Clock& clock, Log& log, AgentOptions options, Renewal renewal)
    : adapter_(adapter), clock_(clock), log_(log), options_(std::move(options)), renewal_(std::move(renewal)) {}

Agent::~Agent() {
  if (!parts_) return;
  const Path file = parts_->layout.agentFile();
  parts_.reset();
  (void)adapter_.files().removeFile(file);  // a stale one is told by its silence
}

std::string Agent::address() const { return parts_->server->address(); }

std::string Agent::metricsAddress() const { return parts_->metricsServer ? parts_->metricsServer->address() : ""; }

void Agent::beat(Millis interval, std::function<void()> task) {
  parts_->loop.post([&loop = parts_->loop, interval, task = std::move(task)] { beatOn(loop, interval, task); });
}

Result<void> Agent::start() {
  Files& files = adapter_.files();
  const PackageLayout layout(options_.root);
  TENON_CHECK(makeRootFolder(adapter_, layout.root()));
  // Services may run as other users: they walk through the root and theirs, and enter nothing else.
  TENON_CHECK(files.makeFolders(layout.services()));
  for (const Path& folder : {layout.store(), layout.changes(), layout.cache(), layout.trust(), layout.trustedKeys(),
                             layout.run(), layout.instances(), layout.locks()}) {
    TENON_CHECK(files.makePrivateFolders(folder));
  }
  auto lock = FileLock::acquire(files, layout.agentLock());
  if (!lock && lock.error().code() == ErrorCode::Busy) {
    return Error{ErrorCode::Busy, "another agent runs for " + options_.root.text()}.withHint(
        "talk to it: tenon --root " + options_.root.text() + " status");
  }
  if (!lock) return std::move(lock).error();
  // What an agent that died here was writing; services' folders are looked through with their journals.
  for (const Path& folder : {layout.root(), layout.trust(), layout.trustedKeys(), layout.roots(),
                             layout.agentFile().parent(), layout.instances()}) {
    TENON_CHECK(removeTemporaries(files, folder));
  }
  if (!options_.hub.empty()) {
    PocoHttpClient http(options_.way);
    TENON_CHECK(HubClient::create(http, options_.hub));
  }
  for (const auto& file : options_.trust) {
    TENON_CHECK(withContext("--trust " + file, takeTrustFile(files, layout, Path(file), log_)));
  }
  TENON_TRY(auto keys, trustedKeys(files, layout));
  const bool noKeys = keys.empty();

  parts_ = std::make_unique<Parts>(adapter_, clock_, log_, options_);
  parts_->lock.emplace(std::move(*lock));
  TENON_CHECK(parts_->packages.downloads().recover());
  parts_->trust.open(std::move(keys));
  tellTrust(noKeys);
  TENON_CHECK(parts_->events.open(layout.events()));
  TENON_CHECK(parts_->changeStore.open());
  TENON_CHECK(loadPlugins());
  parts_->logLoop.start();
  parts_->loop.start();
  const Instant began = clock_.now();
  const auto toStart = parts_->serviceLife.recover(parts_->changeWorkers);
  parts_->loop.postAndWait([] {});  // what was taken up is in the registry: nobody is told that it does not run
  tellStart(std::chrono::duration_cast<Millis>(clock_.now() - began));
  TENON_CHECK(serve());
  startWanted(toStart);
  return {};
}

void Agent::tellStart(Millis recovery) {
  const auto rows = parts_->registry.all();
  const auto running = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.observed.pid != 0; });
  const std::string adopted = std::to_string(running), installed = std::to_string(rows.size());
  const std::string ms = std::to_string(recovery.count());
  parts_->events.record({.type = "agent-started",
                         .why = adopted + " of " + installed + " services run already; looked through in " + ms + " ms",
                         .details = {{"version", TENON_VERSION}, {"adopted", adopted}, {"recovery_ms", ms}}});
}

// A few at a time: the loop hears the first answers of these before it makes more. Else a slow machine would spawn for
// longer than a startup grace lasts, and take services for silent that nobody has asked yet.
std::map<ServiceId, InstanceNumber> Agent::launchWanted(const std::vector<ServiceId>& services) {
  constexpr std::size_t kAtOnce = 16;
  std::map<ServiceId, InstanceNumber> launched;
  for (const auto& service : services) {
    const auto row = parts_->registry.find(service);
    if (!row || !row->required.empty()) continue;
    const auto number = parts_->serviceLife.launchWanted(service);
    if (!number) continue;
    launched.emplace(service, *number);
    if (launched.size() % kAtOnce == 0) parts_->loop.postAndWait([] {});
  }
  return launched;
}

// A service waits until those that it requires have been started, or have failed: then it has to cope. The order of the
// queue is theirs, so that nobody waits for one that has no worker.
// Those that require nobody are launched before the first change is written down: that waits for the disk, every time.
void Agent::startWanted(const std::vector<ServiceId>& services) {
  const auto launched = launchWanted(services);
  std::map<ServiceId, std::shared_future<void>> started;
  for (const auto& service : services) {
    std::vector<std::shared_future<void>> before;
    if (const auto row = parts_->registry.find(service)) {
      for (const auto& dependency : row->required) {
        if (const auto found = started.find(dependency.service); found != started.end()) before.push_back(found->second);
      }
    }
    std::optional<InstanceNumber> number;
    if (const auto found = launched.find(service); found != launched.end()) number = found->second;
    auto done = std::make_shared<std::promise<void>>();
    started.emplace(service, done->get_future().share());
    std::shared_ptr<ChangeRecorder> change = parts_->changes.begin("start", service);
    Parts& parts = *parts_;
    parts.startWorkers.post([&parts, change, service, number, before = std::move(before), done] {
      constexpr Millis kAgain{200};
      for (const auto& each : before) each.wait();
      while (!parts.ending && !parts.serviceLife.resume(*change, service, number)) std::this_thread::sleep_for(kAgain);
      done->set_value();
    });
  }
}

void Agent::tellTrust(bool noKeys) {
  const auto status = parts_->trust.status();
  if (status.fault) log_.error(status.fault->message());
  if (!status.byRoot && noKeys) {
    log_.warning("no release key is trusted: every install will be refused; trust one with --trust FILE.pub");
  }
}

Result<void> Agent::loadPlugins() {
  const auto take = [this](const std::vector<Plugin>& plugins) {
    for (const auto& plugin : plugins) {
      parts_->drivers.add(plugin);
      if (plugin.state != PluginState::Ready)
        log_.warning("plugin " + plugin.path + " is " + std::string(name(plugin.state)) + ": " + plugin.why);
    }
  };
  TENON_TRY(const auto own, parts_->plugins.loadFolder(installedPlugins(adapter_.facts()), PluginLoader::Trust::Installed));
  take(own);
  parts_->nodePlugins.open();
  const auto trust = options_.developerPlugins ? PluginLoader::Trust::Developer : PluginLoader::Trust::Signed;
  for (const auto& folder : options_.plugins) {
    TENON_TRY(const auto further, withContext("--plugins " + folder, parts_->plugins.loadFolder(Path(folder), trust)));
    take(further);
  }
  return {};
}

Result<void> Agent::serve() {
  auto& parts = *parts_;
  const Channel channel = channelOf(adapter_.facts(), options_);
  std::string token;
  if (channel.needsToken) {
    const auto random = generateSecretKey();
    token = sha256(std::string_view(reinterpret_cast<const char*>(random.data()), random.size())).hex();
    TENON_CHECK(replaceAtomically(adapter_.files(), parts.layout.token(), token + "\n", true));
  }
  parts.facts = {.version = TENON_VERSION,
                 .hub = options_.hub,
                 .settings = toJson(options_.settings),
                 .platform = adapter_.facts(),
                 .adapters = {describeAdapter(adapter_.facts())},
                 .developerPlugins = options_.developerPlugins,
                 .startedAt = formatTime(clock_.wall()),
                 .renewFault = renewal_.fault};
  parts.api = std::make_unique<AgentApi>(AgentApi::Collaborators{
      parts.life, parts.packageLife, parts.serviceLife, parts.changes, parts.nodePlugins, parts.changeWorkers, parts.facts,
      token, renewal_.begin, [&parts] { return parts.metrics.text(); }, [&parts] { return parts.metrics.targets(); }});
  HttpServer::Config config{.address = channel.address};
  config.answered = [&parts](const HttpAnswered& request) { parts.measured.answered(request); };
  TENON_TRY(parts.server,
            HttpServer::listen(config, {adapter_.files(), parts.httpWorkers, clock_, log_}, parts.api->routes()));
  parts.events.tell([server = parts.server.get()] { server->wakeStreams(); });
  TENON_CHECK(serveMetrics());
  parts.server->start();
  return writeAgentFile(channel.needsToken ? parts.layout.token() : Path());
}

// On a thread of its own: whoever reaches this port shows no token, and must not keep the API waiting.
Result<void> Agent::serveMetrics() {
  auto& parts = *parts_;
  if (options_.metricsListen.empty()) return {};
  HttpServer::Config config{.address = options_.metricsListen};
  config.connections = limits::kMetricsConnections;
  parts.metricsWorkers.emplace(1);
  TENON_TRY(
      parts.metricsServer,
      withContext("--metrics-listen", HttpServer::listen(config, {adapter_.files(), *parts.metricsWorkers, clock_, log_},
                                                         metricsAlone([&parts] { return parts.metrics.text(); }))));
  parts.metricsServer->start();
  log_.info("metrics are served on http://" + metricsAddress() + "/metrics");
  return {};
}

Result<void> Agent::writeAgentFile(const Path& token) {
  JsonObject file;
  file.set("address", address()).set("token_file", token.text());
  if (!metricsAddress().empty()) file.set("metrics_address", metricsAddress());
  file.set("pid", static_cast<std::int64_t>(Poco::Process::id()));
  return replaceAtomically(adapter_.files(), parts_->layout.agentFile(), file.pretty(), true);
}

}  // namespace tenon::host
