#include "host/lifecycle/PackageLife.h"

#include <algorithm>

#include "host/lifecycle/Recovery.h"
#include "host/lifecycle/Requirements.h"
#include "host/package/fetch/HubBundle.h"

namespace tenon::host {

namespace {

// The end of every change that failed before anything was switched: the old release was not touched.
void endFailed(ChangeRecorder& change, const Error& error) { change.failed(error, "nothing was changed"); }

}  // namespace

void PackageLife::install(ChangeRecorder& change, const ReleaseSpec& wanted, const InstallOptions& options) {
  const auto result = options.bundle ? installBundle(change, wanted, options) : tryInstall(change, wanted, options);
  if (!result) endFailed(change, result.error());
}

Result<void> PackageLife::installBundle(ChangeRecorder& change, const ReleaseSpec& wanted, InstallOptions options) {
  TENON_TRY(const auto bundle, HubBundle::open(with_.files, *options.bundle));
  const Release& held = bundle->release();
  if (held.service != wanted.service || (wanted.version && held.version != *wanted.version)) {
    return Error(ErrorCode::BindingMismatch, options.bundle->text() + " holds " + held.text());
  }
  TENON_TRY(auto hub, HubClient::create(*bundle, HubBundle::kAddress));
  auto downloader = with_.hub.downloader->over(*bundle);
  LifeCollaborators with = with_;
  with.hub = {&hub, &downloader};
  options.bundle.reset();
  return PackageLife(std::move(with)).tryInstall(change, {held.service, held.version}, options);
}

void PackageLife::upgrade(ChangeRecorder& change, const ServiceId& service, const InstallOptions& options) {
  const auto current = ServiceDisk(with_, service).current.read();
  if (!current) return endFailed(change, current.error());
  if (!*current) {
    return endFailed(change, Error{ErrorCode::NotFound, service.text() + " is not installed"}.withHint("tenon install " +
                                                                                                       service.text()));
  }
  change.versions((*current)->release.version.text(), "");
  install(change, {service, std::nullopt}, options);
}

void PackageLife::activate(ChangeRecorder& change, const ReleaseSpec& wanted) {
  if (const auto result = tryActivate(change, wanted); !result) endFailed(change, result.error());
}

void PackageLife::rollback(ChangeRecorder& change, const ServiceId& service) {
  if (const auto result = tryRollback(change, service); !result) endFailed(change, result.error());
}

Result<void> PackageLife::tryInstall(ChangeRecorder& change, const ReleaseSpec& wanted, const InstallOptions& options) {
  TENON_TRY(const auto lock, lockService(with_, wanted.service));
  ServiceDisk disk(with_, wanted.service);
  TENON_CHECK(finishUnfinished(with_, disk));
  change.step("resolve", wanted.service.text());
  TENON_TRY(const auto offer, with_.trust.offer(with_.hub.hub, wanted));
  const Release& found = offer.variant.release;
  change.detail(found.text() + (offer.told.empty() ? "" : "; " + offer.told));

  TENON_TRY(const auto current, disk.current.read());
  const std::string from = current ? current->release.version.text() : "";
  change.versions(from, found.version.text());
  const bool newest = current && !wanted.version && found.version.precedence(current->release.version) <= 0 &&
                      found.version != current->release.version;
  if (newest) {
    change.done(from + " is newer than what the hub has (" + found.version.text() + ")");
    return {};
  }
  return installOffer(change, disk, offer, options);
}

Result<void> PackageLife::installOffer(ChangeRecorder& change, ServiceDisk& disk, const Offer& offer,
                                       const InstallOptions& options) {
  const JournalRecord journal{.change = change.number(), .operation = "install"};
  const ServicePackageManager::Accept accepts = [&](const auto& package, const auto& manifest) {
    return accept(disk, package, manifest, offer, options);
  };
  auto staged = with_.packages.fetch({with_.hub, offer.variant, accepts, journal, change.cancelled()}, change);
  if (!staged) {
    undo(disk);
    return std::move(staged).error();
  }
  TENON_TRY(const auto current, disk.current.read());
  if (staged->wasThere && current && current->release == staged->release) {
    TENON_CHECK(disk.store.dropJournal());
    change.done(staged->release.version.text() + " is installed already; nothing to do");
    return {};
  }
  if (staged->wasThere) {
    TENON_TRY(const auto candidate, candidateOf(with_, disk, staged->release));
    TENON_CHECK(acceptCandidate(with_, disk, candidate, offer, options));
  }
  change.step("plan", staged->release.version.text());
  const auto policy = disk.store.policy();
  auto plan =
      policy ? planRelease(with_, disk, staged->release, staged->manifest, *policy) : Result<LaunchPlan>(policy.error());
  const auto noted = plan && offer.index ? disk.store.write(staged->release, *offer.index) : Result<void>();
  if (!plan || !noted) {
    if (!staged->wasThere) abandon(disk, staged->release);
    return plan ? noted.error() : std::move(plan).error();
  }
  change.detail("driver " + plan->driver + " " + plan->driverVersion);
  if (!options.activate) {
    TENON_CHECK(disk.store.dropJournal());
    refreshRegistry(with_, disk);
    change.done(staged->release.version.text() + " is ready; make it current with: tenon activate " + disk.service().text() +
                "@" + staged->release.version.text());
    return {};
  }
  auto switched = switchTo(change, disk, {staged->release, !staged->wasThere});
  if (!switched && !staged->wasThere) abandon(disk, staged->release);
  return switched;
}

// Runs once the package is verified and before a byte of it is unpacked: whatever can be refused is refused here.
Result<void> PackageLife::accept(const ServiceDisk& disk, const VerifiedPackage& package, const ServiceManifest& manifest,
                                 const Offer& offer, const InstallOptions& options) {
  TENON_TRY(const auto* variant, manifest.variant(package.release().platform));
  TENON_CHECK(with_.drivers.choose(variant->execType, variant->driverPin));
  if (options.activate) TENON_CHECK(checkNeeds(manifest, package.release().platform));
  Candidate candidate{package.release(), package.identity(), std::nullopt};
  if (package.manifest()) candidate.sequence = package.manifest()->sequence;
  return acceptCandidate(with_, disk, candidate, offer, options);
}

Result<void> PackageLife::tryActivate(ChangeRecorder& change, const ReleaseSpec& wanted) {
  TENON_TRY(const auto lock, lockService(with_, wanted.service));
  ServiceDisk disk(with_, wanted.service);
  TENON_CHECK(finishUnfinished(with_, disk));
  TENON_TRY(const auto installed, disk.releases());
  for (const auto& [key, release] : installed.releases) {
    if (wanted.version && release.version != *wanted.version) continue;
    TENON_TRY(const auto current, disk.current.read());
    change.versions(current ? current->release.version.text() : "", release.version.text());
    if (current && current->release == release) {
      change.done(release.version.text() + " is current already; nothing to do");
      return {};
    }
    if (!wanted.version) continue;
    TENON_CHECK(with_.trust.checkNotRevoked(wanted.service, release.version));
    return switchTo(change, disk, {.release = release});
  }
  return Error{ErrorCode::NotFound, wanted.service.text() + (wanted.version ? " " + wanted.version->text() : std::string()) +
                                        " is not installed here"}
      .withHint("name an installed version: tenon activate " + wanted.service.text() + "@VERSION; tenon list shows them");
}

Result<void> PackageLife::tryRollback(ChangeRecorder& change, const ServiceId& service) {
  TENON_TRY(const auto lock, lockService(with_, service));
  ServiceDisk disk(with_, service);
  TENON_CHECK(finishUnfinished(with_, disk));
  TENON_TRY(const auto current, disk.current.read());
  if (!current || !current->previous) {
    return Error{ErrorCode::NotFound, service.text() + " has no release to go back to"}.withHint(
        "tenon list shows what is installed");
  }
  change.versions(current->release.version.text(), current->previous->version.text());
  TENON_CHECK(with_.trust.checkNotRevoked(service, current->previous->version));
  return switchTo(change, disk, {.release = *current->previous});
}

Result<void> PackageLife::checkNeeds(const ServiceManifest& release, const PlatformId& platform) const {
  TENON_CHECK(with_.isolation.check(release));
  TENON_CHECK(with_.most.check(release, platform));
  TENON_CHECK(checkRequired(with_.registry, release));
  TENON_CHECK(with_.endpoints.check(release));
  return checkRequiring(with_.registry, release.service, release.version);
}

Result<void> PackageLife::switchTo(ChangeRecorder& change, ServiceDisk& disk, const Target& target) {
  TENON_CHECK(disk.store.write(
      JournalRecord{.change = change.number(), .operation = target.isNew ? "install" : "activate", .to = target.release}));
  auto spec = [&]() -> Result<InstanceSpec> {
    TENON_TRY(const auto manifest, with_.packages.manifestOf(disk.service(), target.release));
    TENON_CHECK(checkNeeds(manifest, target.release.platform));
    TENON_TRY(auto read, readSpec(with_, disk, target.release));
    TENON_CHECK(checkEnvironment(read));
    return read;
  }();
  if (!spec) {
    TENON_CHECK(disk.store.dropJournal());
    return std::move(spec).error();
  }
  TENON_TRY(const auto wanted, disk.store.wanted());
  TENON_TRY(auto report, ReleaseSwitch(with_, disk, change).run(std::move(*spec), wanted.running));
  return settle(change, disk, target, std::move(report));
}

Result<void> PackageLife::settle(ChangeRecorder& change, ServiceDisk& disk, const Target& target,
                                 ReleaseSwitch::Report report) {
  using Outcome = ReleaseSwitch::Outcome;
  TENON_TRY(const auto current, disk.current.read());
  const std::string serves = current ? current->release.version.text() : "";
  const bool switched = report.outcome == Outcome::Switched || report.outcome == Outcome::Committed;
  // What could not be cleared up is no failure of the change: the journal stays, and the next start of the agent does it.
  const bool remembered = report.outcome != Outcome::Switched || rememberGood(with_, disk, target.release).has_value();
  if (switched) collectReleases(with_, disk);
  // A release that failed and was not here before goes again; its logs and evidence stay.
  const bool goes = !switched && target.isNew && !(current && current->release == target.release);
  if (remembered && (!goes || removeReleases(with_, disk, {target.release}))) (void)disk.store.dropJournal();
  if (goes) collectLogs(with_, disk, limits::kOldLogs);
  refreshRegistry(with_, disk);

  switch (report.outcome) {
    case Outcome::Switched:
      change.done(serves + " serves");
      break;
    case Outcome::Committed:
      change.done(serves + " is current; the service is stopped");
      break;
    case Outcome::KeptOld:
      change.rolledBack(*report.error, "kept " + serves + "; callers saw no gap");
      break;
    case Outcome::WentBack:
      change.rolledBack(*report.error, "back to " + serves);
      break;
    case Outcome::NothingLeft:
      change.failed(*report.error, "nothing is installed");
      break;
    case Outcome::NoGoodRelease:
      change.failed(*report.error, "no release serves");
      break;
  }
  return {};
}

// A release that came to nothing goes again, unless it is current after all: then the journal stays for the next start.
void PackageLife::abandon(ServiceDisk& disk, const InstalledRelease& release) {
  const auto current = disk.current.read();
  if (!current || (*current && (*current)->release == release)) return;
  if (removeReleases(with_, disk, {release})) undo(disk);
}

// After a change that came to nothing: its journal goes, and so does a folder that was made for it alone. Where the disk
// refuses even that, the journal stays, and the next start of the agent does the same.
void PackageLife::undo(ServiceDisk& disk) {
  const auto installed = disk.releases();
  const auto current = disk.current.read();
  const auto& layout = disk.store.layout();
  const bool isNew = installed && installed->releases.empty() && current && !*current &&
                     !with_.files.exists(layout.data()) && !with_.files.exists(layout.logs()) &&
                     !with_.files.exists(layout.policy());
  (void)(isNew ? with_.files.removeTree(layout.folder()) : disk.store.dropJournal());
  if (with_.collector.hasTrash()) collectStore(with_);  // what had been unpacked
  refreshRegistry(with_, disk);
}

}  // namespace tenon::host
