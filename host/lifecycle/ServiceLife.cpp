#include "host/lifecycle/ServiceLife.h"

#include "host/lifecycle/Recovery.h"
#include "host/lifecycle/Requirements.h"

namespace tenon::host {

namespace {

void endFailed(ChangeRecorder& change, const Result<void>& result) {
  if (!result) change.failed(result.error(), "");
}

}  // namespace

void ServiceLife::start(ChangeRecorder& change, const ServiceId& service) { endFailed(change, tryStart(change, service)); }
void ServiceLife::stop(ChangeRecorder& change, const ServiceId& service) { endFailed(change, tryStop(change, service)); }
void ServiceLife::restart(ChangeRecorder& change, const ServiceId& service) {
  endFailed(change, tryRestart(change, service));
}
void ServiceLife::remove(ChangeRecorder& change, const ServiceId& service, const RemoveOptions& options) {
  endFailed(change, tryRemove(change, service, options));
}

Result<void> ServiceLife::signal(const ServiceId& service, const std::string& name) {
  TENON_CHECK(with_.runtime.signal(service, name));
  with_.events.record({.type = "service-signalled", .service = service.text(), .why = name});
  return {};
}

Result<void> ServiceLife::freeze(const ServiceId& service, bool on) {
  TENON_CHECK(with_.runtime.freeze(service, on).get());
  with_.events.record({.type = on ? "service-frozen" : "service-thawed", .service = service.text()});
  return {};
}

Result<std::uint64_t> ServiceLife::execute(const ServiceId& service, std::vector<std::string> argv) {
  const std::string program = argv.empty() ? "" : argv.front();
  TENON_TRY(const std::uint64_t number, with_.runtime.execute(service, std::move(argv)).get());
  with_.events.record({.type = "service-executed", .service = service.text(), .why = program});
  return number;
}

Result<CurrentRelease> ServiceLife::installed(const ServiceDisk& disk) const {
  TENON_TRY(auto current, disk.current.read());
  if (current) return std::move(*current);
  return Error{ErrorCode::NotFound, disk.service().text() + " is not installed"}.withHint("tenon install " +
                                                                                          disk.service().text());
}

Result<void> ServiceLife::tryStart(ChangeRecorder& change, const ServiceId& service) {
  TENON_TRY(auto lock, lockService(with_, service));
  ServiceDisk disk(with_, service);
  TENON_TRY(const auto current, installed(disk));
  TENON_CHECK(wantRunning(disk, true));
  return startInstalled(change, disk, current, std::move(lock));
}

Result<void> ServiceLife::startInstalled(ChangeRecorder& change, ServiceDisk& disk, const CurrentRelease& current,
                                         FileLock lock) {
  const ServiceId& service = disk.service();
  change.versions("", current.release.version.text());
  if (const auto serving = with_.runtime.serving(service)) {
    if (serving->state == SupervisionState::Ready || serving->state == SupervisionState::Unready) {
      refreshRegistry(with_, disk);
      change.done(current.release.version.text() + " runs already; nothing to do");
      return {};
    }
    if (serving->state == SupervisionState::Starting && current.state == CurrentRelease::State::Good) {
      change.step("start", current.release.version.text());
      return awaitServing(change, disk, current, serving->number, std::move(lock));
    }
    // Failed, or between two attempts: the operator's start is a fresh one.
    with_.runtime.stopAll(service).wait();
  }
  TENON_TRY(auto spec, readSpec(with_, disk, current.release));
  return startCurrent(change, disk, current, std::move(spec), std::move(lock));
}

Result<void> ServiceLife::startCurrent(ChangeRecorder& change, ServiceDisk& disk, const CurrentRelease& current,
                                       InstanceSpec spec, FileLock lock) {
  if (current.state == CurrentRelease::State::Trial) {
    return startTrial(change, disk, std::move(spec), current);
  }
  change.step("start", current.release.version.text());
  with_.endpoints.prepare(spec.manifest);
  const InstanceNumber number = with_.runtime.launch(std::move(spec), true);
  return awaitServing(change, disk, current, number, std::move(lock));
}

// Only looked at from here on: who stops or removes the service meanwhile need not wait for a start that may take long.
Result<void> ServiceLife::awaitServing(ChangeRecorder& change, const ServiceDisk& disk, const CurrentRelease& current,
                                       InstanceNumber number, FileLock lock) {
  { const FileLock released = std::move(lock); }
  const TrialReport report = awaitProof(with_.runtime, disk.service(), number, Millis{0}, change.cancelled());
  // Where it is another change's by now, that one tells the registry what it has made of it.
  if (const auto again = lockService(with_, disk.service())) refreshRegistry(with_, disk);
  if (!report.proven) return report.error;
  change.done(current.release.version.text() + " serves" + (report.port ? " on :" + std::to_string(report.port) : ""));
  return {};
}

// The release was made current while the service was stopped, or the agent died in its trial.
Result<void> ServiceLife::startTrial(ChangeRecorder& change, ServiceDisk& disk, InstanceSpec spec,
                                     const CurrentRelease& current) {
  // Else an agent that dies between proof and memory would never raise the floor.
  TENON_CHECK(disk.store.write(JournalRecord{.change = change.number(), .operation = "activate", .to = current.release}));
  TENON_TRY(const auto report, ReleaseSwitch(with_, disk, change).prove(std::move(spec), current));
  const bool proven = report.outcome == ReleaseSwitch::Outcome::Switched;
  const bool remembered = !proven || rememberGood(with_, disk, current.release).has_value();
  if (proven) collectReleases(with_, disk);
  if (remembered) (void)disk.store.dropJournal();
  refreshRegistry(with_, disk);
  if (proven) {
    change.done(current.release.version.text() + " serves");
  } else if (report.outcome == ReleaseSwitch::Outcome::WentBack) {
    change.rolledBack(*report.error, "back to " + current.previous->version.text());
  } else {
    return *report.error;
  }
  return {};
}

Result<void> ServiceLife::tryStop(ChangeRecorder& change, const ServiceId& service) {
  TENON_TRY(const auto lock, lockService(with_, service));
  ServiceDisk disk(with_, service);
  TENON_TRY(const auto current, installed(disk));
  TENON_CHECK(wantRunning(disk, false));
  change.step("stop", current.release.version.text());
  with_.runtime.stopAll(service).wait();
  refreshRegistry(with_, disk);
  change.done("stopped");
  return {};
}

Result<void> ServiceLife::tryRestart(ChangeRecorder& change, const ServiceId& service) {
  TENON_TRY(auto lock, lockService(with_, service));
  ServiceDisk disk(with_, service);
  TENON_TRY(const auto current, installed(disk));
  // Asked while it runs: what could not start again runs on.
  TENON_TRY(auto spec, readSpec(with_, disk, current.release));
  if (spec.fault) return *spec.fault;
  if (spec.isolation.fault) return *spec.isolation.fault;
  TENON_CHECK(checkEnvironment(spec));
  TENON_CHECK(wantRunning(disk, true));
  change.step("stop", current.release.version.text());
  with_.runtime.stopAll(service).wait();
  return startCurrent(change, disk, current, std::move(spec), std::move(lock));
}

Result<void> ServiceLife::tryRemove(ChangeRecorder& change, const ServiceId& service, const RemoveOptions& options) {
  TENON_TRY(const auto lock, lockService(with_, service));
  ServiceDisk disk(with_, service);
  TENON_TRY(const auto releases, disk.releases());
  TENON_TRY(const auto current, disk.current.read());
  if (releases.releases.empty() && !current) {
    if (!options.purge || !with_.files.exists(disk.store.layout().folder())) {
      return Error{ErrorCode::NotFound, service.text() + " is not installed"};
    }
  }
  change.versions(current ? current->release.version.text() : "", "");
  TENON_CHECK(checkRequiring(with_.registry, service, std::nullopt));
  change.step("stop", "");
  with_.runtime.stopAll(service).wait();
  change.step("remove", std::to_string(releases.releases.size()) + " releases");
  TENON_CHECK(disk.store.write(JournalRecord{.change = change.number(), .operation = options.purge ? "purge" : "remove"}));
  TENON_CHECK(removeFiles(with_, disk, options.purge));
  with_.registry.erase(service);
  with_.endpoints.forget(service);
  collectStore(with_);
  change.done(options.purge ? "removed, with its data"
                            : "removed; its data stays until: tenon remove --purge " + service.text());
  return {};
}

}  // namespace tenon::host
