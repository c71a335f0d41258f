#include "host/runtime/process/ServiceProcess.h"

#include <algorithm>
#include <utility>

#include "host/runtime/supervision/Why.h"

namespace tenon::host {

namespace {

std::string describeIsolation(const InstanceIsolation& wanted, const SpawnedProcess& spawned) {
  std::string text(name(wanted.level));
  if (wanted.level == Isolation::None) return text;
  if (spawned.user) text += ", user " + std::to_string(*spawned.user);
  std::vector<std::string> lacks = spawned.lacks;
  if (!wanted.noUser.empty()) lacks.insert(lacks.begin(), wanted.noUser);
  for (const std::string& each : lacks) text += (&each == &lacks.front() ? ", but " : "; ") + each;
  return text;
}

}  // namespace

ServiceProcess::ServiceProcess(SupervisionTools& tools, const InstanceSpec& spec, InstanceNumber number, Told told)
    : tools_(tools), spec_(spec), number_(number), told_(std::move(told)), gpu_(tools), step_(tools) {}

void ServiceProcess::spawn() {
  if (auto allocated = allocatePorts(); !allocated) return told_.spawned(std::move(allocated));
  if (auto known = told_.portsKnown(); !known) return told_.spawned(std::move(known));
  writes_ = true;
  tools_.logs.runStarts(spec_.log, spec_.manifest.logs);
  checkGpu();
}

void ServiceProcess::checkGpu() {
  lacksGpu_ = false;
  const Path answer = spec_.log.parent() / ("gpu." + std::to_string(number_) + ".log");
  auto query = tools_.launcher.gpuQuery(spec_, number_, answer);
  if (!query) return notSpawned(std::move(query).error());
  if (!*query) return prepare();
  gpu_.run(**std::move(query), [this](Result<void> enough) {
    lacksGpu_ = !enough;
    enough ? prepare() : notSpawned(std::move(enough).error());
  });
}

void ServiceProcess::prepare() {
  if (prepared_) return spawnMain();
  auto steps = tools_.launcher.prepareSteps(spec_, number_, ports_);
  if (!steps) return notSpawned(std::move(steps).error());
  steps_ = *std::move(steps);
  stepsDone_ = 0;
  prepareNext();
}

void ServiceProcess::spawnElsewhere() {
  releasePorts();
  spawn();
}

Result<void> ServiceProcess::allocatePorts() {
  if (hasPorts_) return {};
  TENON_TRY(const PlatformVariant* variant, spec_.manifest.variant(spec_.release.platform));
  hasPorts_ = true;  // from here on releasePorts() gives back what there is
  const auto allocate = [&]() -> Result<void> {
    const auto wanted = variant->defaultPort;
    TENON_TRY(ports_.main, variant->fixedPort ? tools_.ports.allocateFixed(*wanted) : tools_.ports.allocate(wanted));
    for (const auto& [name, other] : variant->ports) {
      TENON_TRY(ports_.named[name], withContext("port \"" + name + "\"", tools_.ports.allocate(other)));
    }
    return {};
  };
  auto allocated = allocate();
  if (!allocated) releasePorts();
  return allocated;
}

void ServiceProcess::releasePorts() {
  if (!std::exchange(hasPorts_, false)) return;
  if (ports_.main != 0) tools_.ports.release(ports_.main);
  for (const auto& [name, port] : ports_.named) {
    if (port != 0) tools_.ports.release(port);
  }
  ports_ = {};
  request_.reset();
}

bool ServiceProcess::portLost() const {
  const auto lost = [this](std::uint16_t port) { return !tools_.ports.usable(port); };
  return hasPorts_ && (lost(ports_.main) || std::any_of(ports_.named.begin(), ports_.named.end(),
                                                        [&](const auto& named) { return lost(named.second); }));
}

void ServiceProcess::prepareNext() {
  if (stepsDone_ == steps_.size()) {
    prepared_ = true;
    steps_.clear();
    return spawnMain();
  }
  step_.run(steps_[stepsDone_], limits::kPrepareDeadline, [this](const OneShot::Outcome& outcome) { prepared(outcome); });
}

void ServiceProcess::prepared(const OneShot::Outcome& outcome) {
  if (outcome.succeeded()) {
    ++stepsDone_;
    return prepareNext();
  }
  const SpawnRequest& step = steps_[stepsDone_];
  std::string what = "prepare step " + std::to_string(stepsDone_ + 1) + " of " + std::to_string(steps_.size()) + " (" +
                     Path(step.argv.front()).name() + "): ";
  if (outcome.notStarted) {
    what += outcome.notStarted->message();
  } else {
    what += outcome.timedOut ? "not done after " + seconds(limits::kPrepareDeadline)
                             : describeEnd(outcome.end, {.meanings = {}, .memoryMb = {}, .life = {}});
    if (const std::string said = lastLine(tools_.files, step.output); !said.empty()) what += ": " + said;
  }
  notSpawned(Error(ErrorCode::SpawnFailed, std::move(what)).withHint("the whole output is in the service's log"));
}

void ServiceProcess::notSpawned(Error error) {
  runEnds();
  told_.spawned(std::move(error));
}

void ServiceProcess::runEnds() {
  if (std::exchange(writes_, false)) tools_.logs.runEnds(spec_.log);
}

bool ServiceProcess::cancelPreparation() {
  if (!gpu_.running() && !step_.running()) return false;
  gpu_.cancel();
  step_.cancel();
  runEnds();
  return true;
}

void ServiceProcess::spawnMain() {
  auto spawned = trySpawnMain();
  if (!spawned) return notSpawned(std::move(spawned).error());
  told_.spawned({});
}

Result<void> ServiceProcess::trySpawnMain() {
  if (!request_) {
    TENON_TRY(request_, tools_.launcher.service(spec_, number_, ports_));
  }
  TENON_TRY(auto spawned, tools_.processes.spawn(*request_));
  pid_ = spawned.pid;
  isolation_ = describeIsolation(spec_.isolation, spawned);
  identity_ = std::move(spawned.identity);
  watchFor(spawned.process);
  return {};
}

void ServiceProcess::adopt(const InstanceRecord& record, ProcessId process) {
  ports_ = {.main = record.port, .named = record.ports};
  hasPorts_ = prepared_ = true;
  tools_.ports.reserve(ports_.main);
  for (const auto& [name, port] : ports_.named) tools_.ports.reserve(port);
  pid_ = record.pid;
  identity_ = record.identity;
  isolation_ = record.isolation;
  process_ = process;
  writes_ = true;
  tools_.logs.watch(spec_.log, spec_.manifest.logs);
}

void ServiceProcess::watchFor(ProcessId process) {
  process_ = process;
  tools_.ends.expect(process, [this](const ProcessEnd& end) { ended(end); });
}

// Whatever the reason of the end: children that live on would keep the port and answer for a service that is gone.
void ServiceProcess::ended(const ProcessEnd& end) {
  killTree();
  tools_.processes.release(std::exchange(process_, 0));
  pid_ = 0;
  identity_.clear();
  runEnds();
  told_.ended(end);
}

void ServiceProcess::signal(const std::string& name) {
  if (auto sent = tools_.processes.signal(process_, name); !sent) {
    tools_.log.warning(spec_.manifest.service.text() + ": signal " + name + ": " + sent.error().message());
  }
}

void ServiceProcess::killTree() {
  if (auto killed = tools_.processes.killTree(process_); !killed) {
    tools_.log.warning(spec_.manifest.service.text() + ": " + killed.error().message());
  }
}

}  // namespace tenon::host
