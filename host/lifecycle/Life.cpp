#include "host/lifecycle/Life.h"

#include <set>

namespace tenon::host {

Result<FileLock> lockService(const LifeCollaborators& with, const ServiceId& service) {
  TENON_CHECK(with.files.makeFolders(with.layout.locks()));
  auto lock = FileLock::acquire(with.files, with.layout.serviceLock(service));
  if (!lock && lock.error().code() == ErrorCode::Busy) {
    return Error{ErrorCode::Busy, "another change of " + service.text() + " is under way"}.withHint(
        "see it with: tenon changes; then try again");
  }
  return lock;
}

Environment environmentOf(const ServicePolicy& policy) { return {policy.env.begin(), policy.env.end()}; }

Result<LaunchPlan> makePlan(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release,
                            const ServiceManifest& manifest, const ServicePolicy& policy) {
  TENON_TRY(const auto* variant, manifest.variant(release.platform));
  auto request = PlanRequest::of({disk.service(), release.version, release.platform}, *variant,
                                 disk.store.layout().release(release), with.platforms);
  request.env = manifest.environmentForDrivers(environmentOf(policy));
  request.isolation = with.isolation.levelOf(manifest);
  return withContext("plan " + request.release.text(), with.drivers.plan(variant->execType, variant->driverPin, request));
}

Result<LaunchPlan> planRelease(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release,
                               const ServiceManifest& manifest, const ServicePolicy& policy) {
  TENON_TRY(auto plan, makePlan(with, disk, release, manifest, policy));
  TENON_CHECK(disk.store.write(release, plan));
  return plan;
}

namespace {

// A driver is needed only where no plan is stored: a restart must work without it.
Result<LaunchPlan> storedOrNewPlan(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release,
                                   const ServiceManifest& manifest, const ServicePolicy& policy) {
  auto stored = disk.store.plan(release);
  if (stored || stored.error().code() != ErrorCode::NotFound) return stored;
  return planRelease(with, disk, release, manifest, policy);
}

}  // namespace

Result<InstanceSpec> readSpec(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release) {
  TENON_TRY(auto manifest, with.packages.manifestOf(disk.service(), release));
  TENON_TRY(const auto policy, disk.store.policy());
  TENON_TRY(auto plan, storedOrNewPlan(with, disk, release, manifest, policy));
  const auto& layout = disk.store.layout();
  auto isolation = with.isolation.of(manifest);
  std::optional<Error> fault;  // where the node's owner has set less since it came
  if (const auto fits = with.most.check(manifest, release.platform); !fits) fault = fits.error();
  if (const auto here = manifest.platforms.find(release.platform.text()); here != manifest.platforms.end()) {
    here->second.resources = with.most.apply(here->second.resources);
  }
  return InstanceSpec{.manifest = std::move(manifest),
                      .release = release,
                      .plan = std::move(plan),
                      .packageDir = layout.release(release),
                      .dataDir = layout.data(),
                      .log = layout.log(release.version),
                      .policyEnv = environmentOf(policy),
                      .isolation = std::move(isolation),
                      .fault = std::move(fault)};
}

namespace {

// By their folders alone: a hash that installed.json has wrong must not cost a release.
Result<void> tryCollect(const LifeCollaborators& with, ServiceDisk& disk) {
  TENON_TRY(const auto current, disk.current.read());
  TENON_TRY(const auto installed, disk.releases());
  InstalledIndex needed, kept;
  std::vector<InstalledRelease> gone;
  if (current) needed.releases.emplace(InstalledIndex::key(current->release), current->release);
  if (current && current->previous) needed.releases.emplace(InstalledIndex::key(*current->previous), *current->previous);
  for (const auto& [key, release] : installed.releases) {
    if (const auto found = needed.releases.find(key); found != needed.releases.end()) {
      kept.releases.insert(*found);
    } else {
      gone.push_back(release);
    }
  }
  TENON_CHECK(removeReleases(with, disk, gone));
  return disk.store.write(kept);
}

}  // namespace

void collectReleases(const LifeCollaborators& with, ServiceDisk& disk) {
  const auto collected = tryCollect(with, disk);
  if (collected) return collectLogs(with, disk, limits::kOldLogs);
  with.events.record({.type = "collect-failed", .service = disk.service().text(), .why = collected.error().message()});
}

void collectLogs(const LifeCollaborators& with, const ServiceDisk& disk, std::size_t spare) {
  const auto tryCollectLogs = [&]() -> Result<void> {
    TENON_TRY(const auto installed, disk.releases());
    std::set<std::string> kept;
    for (const auto& [key, release] : installed.releases) kept.insert(release.version.text());
    return with.logs.removeOld(with.layout.service(disk.service()).logs(), kept, spare);
  };
  if (const auto done = tryCollectLogs(); !done) {
    with.events.record({.type = "collect-failed", .service = disk.service().text(), .why = done.error().message()});
  }
}

Result<Candidate> candidateOf(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release) {
  Candidate candidate{{disk.service(), release.version, release.platform}, release.manifestSha256, std::nullopt};
  const auto text = with.files.readAll(disk.store.layout().release(release) / kManifestName, limits::kManifestBytes);
  if (!text && text.error().code() == ErrorCode::NotFound) return candidate;  // [origin]
  if (!text) return text.error();
  TENON_TRY(const auto manifest, PackageManifest::parse(*text));
  candidate.sequence = manifest.sequence;
  return candidate;
}

Result<void> acceptCandidate(const LifeCollaborators& with, const ServiceDisk& disk, const Candidate& candidate,
                             const Offer& offer, const InstallOptions& options) {
  const SemVer& version = candidate.release.version;
  TENON_TRY(const auto refused, disk.store.refused());
  if (refused.contains(candidate.identity) && !options.force) {
    return Error{ErrorCode::ReleaseRefused, disk.service().text() + " " + version.text() + " failed here before"}.withHint(
        "publish a fixed version, or try this one again with --force");
  }
  TENON_CHECK(with.trust.admit(offer, candidate, options.allowDowngrade));
  if (offer.index) return {};  // the floors have said what is too old
  TENON_TRY(const auto current, disk.current.read());
  if (!current || options.allowDowngrade) return {};
  if (version.precedence(current->release.version) < 0) {
    return Error{ErrorCode::DowngradeRefused,
                 version.text() + " is older than " + current->release.version.text() + ", which is current"}
        .withHint("tenon rollback " + disk.service().text() +
                  " goes back to the release before; --allow-downgrade installs this one");
  }
  return {};
}

namespace {

Result<void> tryRemember(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release,
                         const std::optional<IndexFloor>& index) {
  TENON_TRY(const auto candidate, candidateOf(with, disk, release));
  std::optional<ReleaseFloor> floor;
  if (candidate.sequence) floor = ReleaseFloor{disk.service(), release.platform, *candidate.sequence, release.version};
  return with.trust.remember(floor, index);
}

}  // namespace

Result<void> rememberGood(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release) {
  const auto index = disk.store.index(release);
  const auto tell = [&](const Error& why) {
    with.events.record({.type = "floors-not-raised", .service = disk.service().text(), .why = why.message()});
  };
  if (!index) tell(index.error());
  // A note that nobody can make sense of goes; one that could not be read just now stays for the next time.
  if (!index && index.error().code() != ErrorCode::StateCorrupt) return index.error();
  auto remembered = tryRemember(with, disk, release, index ? *index : std::nullopt);
  if (remembered) remembered = disk.store.dropIndex(release);
  if (!remembered) tell(remembered.error());
  return remembered;
}

void collectStore(const LifeCollaborators& with) {
  with.collector.collectLater([&events = with.events](const Result<DiskUse>& removed) {
    if (!removed) {
      events.record({.type = "collect-failed", .service = "", .why = removed.error().message()});
    } else if (removed->files > 0) {
      events.record({.type = "store-collected",
                     .service = "",
                     .why = "",
                     .details = {{"files", std::to_string(removed->files)}, {"bytes", std::to_string(removed->bytes)}}});
    }
  });
}

Result<void> removeReleases(const LifeCollaborators& with, const ServiceDisk& disk,
                            const std::vector<InstalledRelease>& releases) {
  if (releases.empty()) return {};
  Result<void> removed;
  for (std::size_t at = 0; removed && at < releases.size(); ++at) removed = disk.store.removeRelease(releases[at]);
  collectStore(with);
  return removed;
}

Result<void> wantRunning(ServiceDisk& disk, bool running) {
  const auto wanted = disk.store.wanted();
  if (wanted && wanted->running == running) return {};
  return disk.store.write(WantedState{.running = running});
}

void refreshRegistry(const LifeCollaborators& with, const ServiceDisk& disk) {
  auto current = disk.current.read();
  auto installed = disk.releases();
  refreshRegistry(with, disk,
                  {installed ? std::optional(*std::move(installed)) : std::nullopt, current ? *current : std::nullopt});
}

void refreshRegistry(const LifeCollaborators& with, const ServiceDisk& disk, const ServiceFound& found) {
  if (found.installed && found.installed->releases.empty() && !found.current) {
    with.endpoints.forget(disk.service());
    return with.registry.erase(disk.service());
  }

  RegisteredService row{.service = disk.service(), .current = found.current};
  if (found.installed) {
    for (const auto& [key, release] : found.installed->releases) row.installed.push_back(release);
  }
  if (const auto wanted = disk.store.wanted()) row.wantedRunning = wanted->running;
  if (row.current) {
    if (const auto manifest = with.packages.manifestOf(disk.service(), row.current->release)) {
      row.name = manifest->name;
      row.required = manifest->requires_;
    }
  }
  with.registry.putInstalled(std::move(row));
  with.endpoints.settle(disk.service());
}

TrialReport awaitProof(ServiceRuntimeManager& runtime, const ServiceId& service, InstanceNumber number, Millis probation,
                       const std::atomic<bool>& cancelled) {
  constexpr Millis kLookAtCancelled{100};
  auto proof = runtime.prove(number, service, probation);
  bool stopping = false;
  while (proof.wait_for(kLookAtCancelled) != std::future_status::ready) {
    if (!cancelled || stopping) continue;
    stopping = true;
    runtime.stop(service, number).wait();
  }
  return proof.get();
}

}  // namespace tenon::host
