#include "host/lifecycle/ReleaseSwitch.h"

#include "host/lifecycle/Evidence.h"

namespace tenon::host {

namespace {

std::string versionOf(const InstanceSpec& spec) { return spec.release.version.text(); }

// What `next` leads back to: the release that stood before it, or, where that one never proved itself, the one before that.
std::optional<InstalledRelease> wayBack(const std::optional<CurrentRelease>& old, const InstalledRelease& next) {
  if (!old) return std::nullopt;
  const bool proven = old->state == CurrentRelease::State::Good || !old->previous || *old->previous == next;
  return proven ? old->release : *old->previous;
}

}  // namespace

Result<ReleaseSwitch::Report> ReleaseSwitch::run(InstanceSpec next, bool startIt) {
  next.trial = true;
  TENON_TRY(auto old, disk_.current.read());
  const auto back = wayBack(old, next.release);
  if (!startIt) {
    change_.step("activate", versionOf(next) + " is current; the service is stopped");
    CurrentRelease committed{.service = disk_.service(), .release = next.release, .state = CurrentRelease::State::Trial};
    committed.previous = back;
    if (const auto written = disk_.current.write(committed); !written) {
      TENON_CHECK(old ? restore(*old) : disk_.current.clear());
      return written.error();
    }
    return Report{Outcome::Committed, std::nullopt};
  }
  const auto serving = with_.runtime.serving(disk_.service());
  const bool wantsWarm = next.manifest.upgrade.strategy == UpgradePolicy::Strategy::Warm;
  // Without a healthy old release there is no gap to avoid, and nothing that could keep serving.
  if (wantsWarm && old && serving && serving->state == SupervisionState::Ready)
    return warm(std::move(next), *old, serving->number);
  if (old && old->release != back)
    old = CurrentRelease{.service = disk_.service(), .release = *back, .state = CurrentRelease::State::Good};
  return cold(std::move(next), old);
}

Result<ReleaseSwitch::Report> ReleaseSwitch::cold(InstanceSpec next, const std::optional<CurrentRelease>& old) {
  if (with_.runtime.serving(disk_.service())) {
    change_.step("stop", old ? old->release.version.text() : "");
    with_.runtime.stopAll(disk_.service()).wait();
  }
  change_.step("activate", versionOf(next) + " as trial");
  CurrentRelease committed{
      .service = disk_.service(), .release = next.release, .state = CurrentRelease::State::Trial, .attempts = 1};
  if (old) committed.previous = old->release;
  auto written = disk_.current.write(committed);
  if (!written) return goBack(old, std::move(written).error());
  return trial(std::move(next), *written, old);
}

Result<ReleaseSwitch::Report> ReleaseSwitch::prove(InstanceSpec spec, const CurrentRelease& current) {
  spec.trial = true;
  std::optional<CurrentRelease> old;
  if (current.previous) {
    old = CurrentRelease{.service = disk_.service(), .release = *current.previous, .state = CurrentRelease::State::Good};
  }
  if (current.attempts >= limits::kTrialAttempts) {
    Error why{ErrorCode::CrashLoop,
              versionOf(spec) + " was started " + std::to_string(current.attempts) + " times and never proved itself"};
    refuse(spec, why);
    return goBack(old, std::move(why));
  }
  CurrentRelease counted = current;
  ++counted.attempts;
  TENON_TRY(counted, disk_.current.write(counted));
  return trial(std::move(spec), counted, old);
}

Result<ReleaseSwitch::Report> ReleaseSwitch::trial(InstanceSpec next, const CurrentRelease& committed,
                                                   const std::optional<CurrentRelease>& old) {
  InstanceNumber number = 0;
  const TrialReport report = start(next, true, number);
  // Nobody cancelled the change: the agent ends, and the next one goes on with the trial.
  if (!report.proven && report.error.code() == ErrorCode::Cancelled && !change_.cancelled()) return report.error;
  if (!report.proven) {
    keepEvidence(next, report, old ? std::optional(old->release) : std::nullopt);
    with_.runtime.stop(disk_.service(), number).wait();
    if (report.error.code() != ErrorCode::Cancelled) refuse(next, report.error);
    return goBack(old, report.error);
  }
  CurrentRelease good = committed;
  good.state = CurrentRelease::State::Good;
  good.attempts = 0;
  if (auto written = disk_.current.write(good); !written) {
    with_.runtime.stop(disk_.service(), number).wait();
    return goBack(old, std::move(written).error());
  }
  with_.runtime.confirm(disk_.service(), number);
  return Report{Outcome::Switched, std::nullopt};
}

Result<ReleaseSwitch::Report> ReleaseSwitch::warm(InstanceSpec next, const CurrentRelease& old, InstanceNumber oldInstance) {
  InstanceNumber number = 0;
  const TrialReport report = start(next, false, number);
  if (!report.proven) {
    keepEvidence(next, report, old.release);
    with_.runtime.stop(disk_.service(), number).wait();
    if (report.error.code() != ErrorCode::Cancelled) refuse(next, report.error);
    return Report{Outcome::KeptOld, report.error};
  }
  change_.step("activate", versionOf(next));
  auto written = disk_.current.write(
      {.service = disk_.service(), .release = next.release, .state = CurrentRelease::State::Good, .previous = old.release});
  if (!written) {
    with_.runtime.stop(disk_.service(), number).wait();
    TENON_CHECK(restore(old));
    return Report{Outcome::KeptOld, std::move(written).error()};
  }
  with_.runtime.promote(disk_.service(), number);
  with_.runtime.confirm(disk_.service(), number);
  change_.step("drain", old.release.version.text());
  with_.runtime.stop(disk_.service(), oldInstance, next.manifest.upgrade.drain).wait();
  return Report{Outcome::Switched, std::nullopt};
}

TrialReport ReleaseSwitch::start(const InstanceSpec& spec, bool serving, InstanceNumber& number) {
  change_.step("start", versionOf(spec) + (serving ? "" : " beside the old one"));
  with_.endpoints.prepare(spec.manifest);
  number = with_.runtime.launch(spec, serving);
  TrialReport report =
      awaitProof(with_.runtime, disk_.service(), number, spec.manifest.upgrade.probation, change_.cancelled());
  if (report.proven) {
    change_.detail(versionOf(spec) + (report.port ? " on :" + std::to_string(report.port) : "") + ", healthy for " +
                   std::to_string(spec.manifest.upgrade.probation.count()) + " ms");
  } else {
    change_.detail(report.error.message());
  }
  return report;
}

Result<ReleaseSwitch::Report> ReleaseSwitch::goBack(const std::optional<CurrentRelease>& old, Error why) {
  if (!old) {
    TENON_CHECK(disk_.current.clear());
    return Report{Outcome::NothingLeft, std::move(why)};
  }
  change_.step("rollback", "back to " + old->release.version.text());
  // Where even this fails the old release serves all the same, and the next start of the agent begins the trial anew.
  if (const auto restored = restore(*old); !restored) {
    with_.events.record(
        {.type = "current-not-restored", .service = disk_.service().text(), .why = restored.error().message()});
  }
  auto spec = readSpec(with_, disk_, old->release);
  if (spec) spec->fault.reset();  // it ran until this change: no limit of the node that came after it keeps it away now
  if (!spec) return Report{Outcome::NoGoodRelease, std::move(spec).error().withContext(why.message() + "; then")};
  with_.endpoints.prepare(spec->manifest);
  const InstanceNumber number = with_.runtime.launch(std::move(*spec), true);
  const std::atomic<bool> never{false};
  const TrialReport report = awaitProof(with_.runtime, disk_.service(), number, Millis{0}, never);
  if (report.proven) return Report{Outcome::WentBack, std::move(why)};
  with_.runtime.stopAll(disk_.service()).wait();
  return Report{Outcome::NoGoodRelease,
                Error{ErrorCode::NoGoodRelease,
                      why.message() + "; " + old->release.version.text() + " fails too: " + report.error.message()}
                    .withHint("both releases are stopped; look at: tenon logs " + disk_.service().text())};
}

// A write that failed may have left either release there. Where it is old, the disk is left alone.
Result<void> ReleaseSwitch::restore(const CurrentRelease& old) {
  const auto now = disk_.current.read();
  const bool isOld =
      now && *now && (*now)->release == old.release && (*now)->state == old.state && (*now)->previous == old.previous;
  if (isOld) return {};
  TENON_CHECK(disk_.current.write(old));
  return {};
}

// Going back matters more than remembering why.
void ReleaseSwitch::refuse(const InstanceSpec& failed, const Error& why) {
  if (const auto refused = tryRefuse(failed, why); !refused) {
    with_.events.record({.type = "refusal-unsaved", .service = disk_.service().text(), .why = refused.error().message()});
  }
}

Result<void> ReleaseSwitch::tryRefuse(const InstanceSpec& failed, const Error& why) {
  TENON_TRY(auto refused, disk_.store.refused());
  if (refused.contains(failed.release.manifestSha256)) return {};
  refused.releases.push_back({.version = failed.release.version,
                              .platform = failed.release.platform,
                              .manifestSha256 = failed.release.manifestSha256,
                              .why = why.message(),
                              .change = change_.number()});
  return disk_.store.write(refused);
}

void ReleaseSwitch::keepEvidence(const InstanceSpec& failed, const TrialReport& report,
                                 const std::optional<InstalledRelease>& serving) {
  std::optional<InstanceSpec> servingSpec;
  if (serving) {
    if (auto spec = readSpec(with_, disk_, *serving)) servingSpec = std::move(*spec);
  }
  change_.evidence(collectEvidence(with_, change_.number(), failed, report, servingSpec));
}

}  // namespace tenon::host
