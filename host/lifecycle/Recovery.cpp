#include "host/lifecycle/Recovery.h"

#include <algorithm>

#include "host/lifecycle/Requirements.h"
#include "host/lifecycle/ServiceLife.h"

namespace tenon::host {
namespace {

bool isRemoval(const JournalRecord& journal) { return journal.operation == "remove" || journal.operation == "purge"; }

}  // namespace

Result<void> finishUnfinished(const LifeCollaborators& with, ServiceDisk& disk) {
  TENON_TRY(const auto unfinished, disk.store.journal());
  if (!unfinished) return {};
  const JournalRecord& journal = *unfinished;
  if (isRemoval(journal)) {
    with.runtime.stopAll(disk.service()).wait();
    return removeFiles(with, disk, journal.operation == "purge");
  }
  TENON_TRY(const auto current, disk.current.read());
  const bool committed = current && journal.to && current->release == *journal.to;
  const bool kept = committed || (current && current->previous == journal.to);
  // Not committed: what was being installed goes. A release that had been installed before is named by the operation.
  if (!kept && journal.operation == "install" && journal.to) TENON_CHECK(removeReleases(with, disk, {*journal.to}));
  TENON_TRY(const auto releases, disk.releases());
  TENON_CHECK(disk.store.write(releases));
  if (committed && current->state == CurrentRelease::State::Good) TENON_CHECK(rememberGood(with, disk, current->release));
  return disk.store.dropJournal();
}

// The commit point goes first: from then on the service is not installed, and the rest is clearing up. The journal goes
// last, once what it speaks of is gone for good: else half a release might be taken for a whole one after a power cut.
Result<void> removeFiles(const LifeCollaborators& with, ServiceDisk& disk, bool purge) {
  const auto& layout = disk.store.layout();
  TENON_CHECK(disk.current.clear());
  const Path downloads = with.layout.cache(disk.service());
  TENON_CHECK(disk.store.moveAside(layout.versions()));
  for (const Path& tree : {layout.staging(), layout.plans(), downloads}) TENON_CHECK(with.files.removeTree(tree));
  for (const Path& file : {layout.installed(), layout.wanted(), layout.refused(), layout.policy()}) {
    TENON_CHECK(with.files.removeFile(file));
  }
  if (purge) {
    TENON_CHECK(with.logs.removeOld(layout.logs(), {}, 0));
    for (const Path& tree : {layout.data(), layout.logs()}) TENON_CHECK(with.files.removeTree(tree));
    TENON_CHECK(with.isolation.forget(disk.service()));
  }
  TENON_CHECK(with.files.syncFolder(layout.folder()));
  TENON_CHECK(disk.store.dropJournal());
  if (!purge) return {};
  TENON_CHECK(with.files.removeTree(layout.folder()));
  return with.files.syncFolder(layout.folder().parent());
}

// ---- ServiceLife's part for a starting agent ----

std::vector<ServiceId> ServiceLife::recover(WorkerPool& helpers) {
  const auto found = listServices(with_.files, with_.layout);
  if (!found) tellFailed("", found.error());
  const auto services = found.value_or(std::vector<ServiceId>{});
  std::vector<char> leaving(services.size());  // each service's own, whichever thread looks through it
  std::vector<WorkerPool::Task> each;
  for (std::size_t at = 0; at < services.size(); ++at) {
    each.emplace_back([this, &service = services[at], &leaves = leaving[at]] { leaves = !recoverService(service); });
  }
  helpers.runAll(std::move(each));
  with_.endpoints.load([this](const ServiceId& service) { return with_.registry.find(service).has_value(); });
  const auto adopted = with_.runtime.adoptRecorded([this](const InstanceRecord& record) { return specOf(record); }, helpers);
  for (const auto& status : adopted) {
    // Its release is current and good, so it serves and is no trial, whatever an agent that died at its commit had noted.
    if (!status.serving) with_.runtime.promote(status.service, status.number);
    with_.runtime.confirm(status.service, status.number);
    with_.events.record(
        {.type = "service-adopted", .service = status.service.text(), .why = "pid " + std::to_string(status.pid)});
    // The last agent died while it stopped: as gently as it had begun.
    const auto row = with_.registry.find(status.service);
    if (row && !row->wantedRunning) static_cast<void>(with_.runtime.stopAll(status.service));
  }

  // Nothing of them is left running by now that would write where its files go.
  for (std::size_t at = 0; at < services.size(); ++at) {
    if (leaving[at]) finishRemoval(services[at]);
  }
  if (with_.collector.hasTrash()) collectStore(with_);

  with_.endpoints.open();
  std::vector<ServiceId> toStart;
  for (const auto& row : with_.registry.all()) {
    const bool runs =
        std::any_of(adopted.begin(), adopted.end(), [&](const auto& status) { return status.service == row.service; });
    const bool onTrial = row.current && row.current->state == CurrentRelease::State::Trial;
    // An adopted trial has nobody left who waits for its proof: it begins anew.
    if (row.current && row.wantedRunning && (!runs || onTrial)) toStart.push_back(row.service);
  }
  return inOrderOfNeed(with_.registry, toStart);
}

std::optional<InstanceNumber> ServiceLife::launchWanted(const ServiceId& service) {
  const auto lock = lockService(with_, service);
  if (!lock || with_.runtime.serving(service)) return std::nullopt;
  auto spec = standingSpec(service);
  if (!spec) return std::nullopt;
  with_.endpoints.prepare(spec->manifest);
  return with_.runtime.launch(std::move(*spec), true);
}

bool ServiceLife::resume(ChangeRecorder& change, const ServiceId& service, std::optional<InstanceNumber> launched) {
  auto lock = lockService(with_, service);
  if (!lock && lock.error().code() == ErrorCode::Busy) return false;
  const auto resumed = !lock      ? Result<void>(lock.error())
                       : launched ? followLaunched(change, service, *launched, *std::move(lock))
                                  : startStillWanted(change, service, *std::move(lock));
  if (!resumed) change.failed(resumed.error(), "");
  return true;
}

// Operators' changes go before those that wait here.
Result<void> ServiceLife::startStillWanted(ChangeRecorder& change, const ServiceId& service, FileLock lock) {
  ServiceDisk disk(with_, service);
  TENON_TRY(const auto wanted, disk.store.wanted());
  TENON_TRY(const auto current, disk.current.read());
  if (!wanted.running || !current) {
    change.done("another change came first");
    return {};
  }
  return startInstalled(change, disk, *current, std::move(lock));
}

Result<void> ServiceLife::followLaunched(ChangeRecorder& change, const ServiceId& service, InstanceNumber number,
                                         FileLock lock) {
  const auto serving = with_.runtime.serving(service);
  if (!serving || serving->number != number) {
    change.done("another change came first");
    return {};
  }
  ServiceDisk disk(with_, service);
  TENON_TRY(const auto current, installed(disk));
  const std::string version = current.release.version.text();
  change.versions("", version);
  change.step("start", version);
  // It waited its turn and may have proven itself long since.
  if (serving->state != SupervisionState::Ready) return awaitServing(change, disk, current, number, std::move(lock));
  refreshRegistry(with_, disk);
  change.done(version + " serves" + (serving->port ? " on :" + std::to_string(serving->port) : ""));
  return {};
}

bool ServiceLife::recoverService(const ServiceId& service) {
  ServiceDisk disk(with_, service);
  bool leaves = false;
  std::optional<ServiceFound> found;
  const auto recover = [&]() -> Result<void> {
    // First, since a removal is finished whatever else of the service cannot be mended.
    const auto journal = disk.store.journal();
    leaves = journal && *journal && isRemoval(**journal);
    TENON_TRY(auto standing, repairCurrent(disk));
    TENON_CHECK(disk.store.clearStaging());
    TENON_CHECK(journal);
    if (*journal && !leaves) return finishUnfinished(with_, disk);
    found = std::move(standing);
    return {};
  };
  if (const auto recovered = recover(); !recovered) tellFailed(service.text(), recovered.error());
  found ? refreshRegistry(with_, disk, *found) : refreshRegistry(with_, disk);
  return !leaves;
}

void ServiceLife::finishRemoval(const ServiceId& service) {
  ServiceDisk disk(with_, service);
  if (const auto finished = finishUnfinished(with_, disk); !finished) return tellFailed(service.text(), finished.error());
  refreshRegistry(with_, disk);
}

void ServiceLife::tellFailed(const std::string& service, const Error& why) {
  with_.events.record({.type = "recovery-failed", .service = service, .why = why.message()});
}

namespace {

bool isRevoked(const NodeTrust& trust, const ServiceId& service, const InstalledRelease& release) {
  const auto passes = trust.checkNotRevoked(service, release.version);
  return !passes && passes.error().code() == ErrorCode::ReleaseRevoked;
}

}  // namespace

// A current.json that cannot be believed: the newest release that lies here and was not refused takes its place; a revoked
// one, which may run on but is not gone back to, only where there is no other.
Result<std::optional<ServiceFound>> ServiceLife::repairCurrent(ServiceDisk& disk) {
  const auto current = disk.current.read();
  if (!current && current.error().code() != ErrorCode::StateCorrupt) return current.error();
  TENON_TRY(auto releases, disk.releases());
  const auto stands = [&] { return current && (!*current || releases.holds((*current)->release)); };
  if (stands()) return std::optional<ServiceFound>({std::move(releases), *current});
  // installed.json only remembers what the trees say, and may be wrong.
  TENON_CHECK(disk.store.forgetHashes());
  TENON_TRY(releases, disk.releases());
  if (stands()) return std::optional<ServiceFound>({std::move(releases), *current});

  TENON_TRY(const auto refused, disk.store.refused());
  const InstalledRelease* best = nullptr;
  bool bestIsRevoked = false;
  for (const auto& [key, release] : releases.releases) {
    if (refused.contains(release.manifestSha256)) continue;
    const bool revoked = isRevoked(with_.trust, disk.service(), release);
    const bool newer = best == nullptr || release.version.precedence(best->version) > 0;
    if (best != nullptr && (revoked == bestIsRevoked ? !newer : revoked)) continue;
    best = &release;
    bestIsRevoked = revoked;
  }
  const std::string why = current ? "current.json names a release that is not there" : current.error().message();
  with_.events.record({.type = "current-repaired",
                       .service = disk.service().text(),
                       .why = why + (best ? "; took " + best->version.text() : "; no good release is left")});
  if (best == nullptr) {
    TENON_CHECK(disk.current.clear());
    return std::optional<ServiceFound>();
  }
  TENON_CHECK(disk.current.write({.service = disk.service(), .release = *best, .state = CurrentRelease::State::Good}));
  return std::optional<ServiceFound>();
}

std::optional<InstanceSpec> ServiceLife::specOf(const InstanceRecord& record) {
  const InstanceSpec& relay = with_.endpoints.relay();
  if (record.service == relay.manifest.service) return relay;
  ServiceDisk disk(with_, record.service);
  const auto row = with_.registry.find(record.service);
  auto current = row ? row->current : std::nullopt;
  if (!current) {
    const auto read = disk.current.read();
    if (!read) return whatRuns(record, read.error());
    current = *read;
  }
  // A candidate whose release was not committed, a trial, or a release that is no longer current: not taken up.
  const bool stands = current && current->state == CurrentRelease::State::Good;
  if (!stands || current->release != record.release) return std::nullopt;
  auto spec = readSpec(with_, disk, record.release);
  return spec ? *std::move(spec) : whatRuns(record, spec.error());
}

// A process whose files cannot be read, wholly or in part, is nobody's to end: it runs on, looked after as far as is known
// how, and a new start fails with what is wrong.
InstanceSpec ServiceLife::whatRuns(const InstanceRecord& record, const Error& why) {
  tellFailed(record.service.text(), why);
  auto manifest = with_.packages.manifestOf(record.service, record.release);
  if (!manifest) {
    manifest = ServiceManifest(record.service, record.release.version);
    manifest->health.type = HealthCheck::Type::None;
  }
  const auto layout = with_.layout.service(record.service);
  return InstanceSpec{.manifest = *manifest,
                      .release = record.release,
                      .packageDir = layout.release(record.release),
                      .dataDir = layout.data(),
                      .log = layout.log(record.release.version),
                      .isolation = with_.isolation.of(*manifest),
                      .fault = why};
}

// By the registry, which recovery and every change have filled from disk.
std::optional<InstanceSpec> ServiceLife::standingSpec(const ServiceId& service) const {
  const auto row = with_.registry.find(service);
  if (!row || !row->current || row->current->state == CurrentRelease::State::Trial || !row->wantedRunning)
    return std::nullopt;
  auto spec = readSpec(with_, ServiceDisk(with_, service), row->current->release);
  if (!spec) return std::nullopt;
  return std::move(*spec);
}

}  // namespace tenon::host
