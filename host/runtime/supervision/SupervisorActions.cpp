// What the supervision table's actions do.
#include <algorithm>
#include <utility>

#include "host/runtime/supervision/Supervisor.h"
#include "host/runtime/supervision/Why.h"

namespace tenon::host {

void Supervisor::spawn(bool elsewhere) {
  backoff_.cancel();
  again_ = adopted_ = outlived_ = wasReady_ = false;
  spell_ = Millis{0};
  status_.why = status_.why.substr(0, status_.why.find(kNextStart));  // that is now
  verdict_.clear();
  failure_.reset();
  lastAnswer_ = {};
  if (elsewhere) {
    process_.spawnElsewhere();
  } else {
    process_.spawn();
  }
}

void Supervisor::beginProbing() {
  changed_ = true;
  if (status_.frozen) return;  // adopted so; thaw() begins
  watchedSince_ = tools_.loop.clock().now();
  if (spec_->manifest.health.type != HealthCheck::Type::None) {
    grace_.start(spec_->manifest.health.startupGrace, [this] { graceOver(); });
  }
  const HealthCheck& check = spec_->manifest.health;
  const bool byAge = check.type == HealthCheck::Type::None;  // well by having been alive for its grace
  watchHealth(adopted_ ? Millis{0} : byAge ? check.startupGrace : HealthWatch::kFirstDelay);
}

void Supervisor::watchHealth(Millis first) {
  auto asked = subject();
  if (!asked) {  // of an adopted process: it is judged by its grace, and the next start tells
    status_.why = asked.error().message();
    return;
  }
  watch_.begin(*std::move(asked), first, [this](const HealthWatch::Answer& answer) { heard(answer); });
  hurryIfProving();
}

Result<HealthWatch::Subject> Supervisor::subject() const {
  HealthWatch::Subject subject;
  subject.process = process_.process();
  subject.port = process_.ports().main;
  TENON_TRY(subject.check, tools_.launcher.healthCheck(*spec_, process_.ports()));
  if (subject.check.type == HealthCheck::Type::Exec) {
    const Path output = spec_->log.parent() / ("health." + std::to_string(status_.number) + ".log");
    TENON_TRY(subject.program, tools_.launcher.healthProgram(*spec_, status_.number, process_.ports(), output));
  }
  return subject;
}

// While somebody waits for a proof, a break must not fall between two questions.
void Supervisor::hurryIfProving() {
  watch_.hurry(proof_.pending() ? std::optional(std::max(proof_.probation() / 5, Millis{100})) : std::nullopt);
}

void Supervisor::becomeReady() {
  grace_.cancel();
  wasReady_ = true;
  readySince_ = tools_.loop.clock().now();
  portMoves_ = 0;
  if (!leaving_) status_.why.clear();
  watchLife();
}

// From its first readiness on: until then a service that hangs is ended by its grace.
void Supervisor::watchLife() {
  auto asked = subject();
  if (!asked || asked->check.liveEndpoint.empty() || life_.watching()) return;
  asked->check.endpoint = asked->check.liveEndpoint;
  asked->eager = false;
  life_.begin(*std::move(asked), spec_->manifest.health.interval,
              [this](const HealthWatch::Answer& answer) { heardOfLife(answer); });
}

void Supervisor::stopWatching() {
  watch_.end();
  life_.end();
  grace_.cancel();
}

// Whoever stands still hears no request to stop.
void Supervisor::thaw() {
  if (!std::exchange(status_.frozen, false)) return;
  if (auto thawed = tools_.processes.freeze(process_.process(), false); !thawed) tools_.log.error(thawed.error().message());
}

void Supervisor::noteFailure() {
  if (lastAnswer_.failuresInRow == 0) return;
  changed_ = true;
  status_.why = describeHealth(lastAnswer_.text, lastAnswer_.failuresInRow, lastAnswer_.failingFor);
}

void Supervisor::noteHealth() {
  if (leaving_ || status_.why.empty()) return;
  changed_ = true;
  status_.why.clear();
}

void Supervisor::sendStop(bool again) {
  again_ = again;
  stopWatching();
  drain_.cancel();
  if (again) {
    proof_.interrupted();
  } else {
    proof_.fail(Error(ErrorCode::Cancelled, "it was stopped before it had proven itself"), status_.port);
  }
  status_.why = again ? "restarts on request" : "stopping";
  if (process_.cancelPreparation()) return raise(again ? SupervisionEvent::Exited : SupervisionEvent::Completed);
  thaw();
  process_.signal(spec_->manifest.stop.signal);
  stopGrace_.start(spec_->manifest.stop.grace, [this] { stopGraceOver(); });
}

void Supervisor::stayDown() {
  again_ = false;
  changed_ = true;
  status_.why = "stopping";
}

void Supervisor::killTree() {
  stopWatching();
  proof_.interrupted();
  if (verdict_.empty()) {
    verdict_ = describeHealth(lastAnswer_.text, lastAnswer_.failuresInRow, lastAnswer_.failingFor);
    failure_ = Error(ErrorCode::HealthTimeout, verdict_).withHint("see the last lines of the service's log");
  }
  status_.why = verdict_;
  process_.killTree();
}

void Supervisor::endOfLife() {
  stopWatching();
  stopGrace_.cancel();
  proof_.interrupted();
  status_.pid = 0;
  status_.process = 0;
  status_.frozen = false;
}

void Supervisor::scheduleBackoff() {
  ++status_.restarts;
  if (delay_ <= Millis{0}) return raise(SupervisionEvent::BackoffOver);
  backoff_.start(delay_, [this] { raise(SupervisionEvent::BackoffOver); });
}

void Supervisor::settle() {
  proof_.fail(failure_.value_or(Error(ErrorCode::Cancelled, "it was stopped before it had proven itself")), status_.port);
  release();
}

void Supervisor::fail() {
  proof_.fail(failure_.value_or(Error(ErrorCode::CrashLoop, status_.why)), status_.port);
  release();
}

void Supervisor::release() {
  changed_ = true;
  endOfLife();
  backoff_.cancel();
  drain_.cancel();
  process_.releasePorts();
  status_.port = 0;
  status_.ports.clear();
  if (spec_->manifest.health.type == HealthCheck::Type::Exec) {
    const Path output = spec_->log.parent() / ("health." + std::to_string(status_.number) + ".log");
    if (auto removed = tools_.files.removeFile(output); !removed) tools_.log.warning(removed.error().message());
  }
  tools_.records.remove(status_.service, status_.number);
}

void Supervisor::writeRecord() {
  if (process_.process() == 0) return;
  tools_.records.write({.service = status_.service,
                        .number = status_.number,
                        .release = status_.release,
                        .serving = status_.serving,
                        .trial = spec_->trial,
                        .identity = process_.identity(),
                        .pid = status_.pid,
                        .port = status_.port,
                        .ports = status_.ports,
                        .startedAt = status_.startedAt,
                        .restarts = status_.restarts,
                        .isolation = process_.isolation(),
                        .frozen = status_.frozen});
}

}  // namespace tenon::host
