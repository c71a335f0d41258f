#include "host/runtime/supervision/Supervisor.h"

#include <cstdlib>
#include <utility>

#include "host/runtime/supervision/Why.h"

namespace tenon::host {

using State = SupervisionState;
using Event = SupervisionEvent;
using Action = SupervisionAction;

Supervisor::Supervisor(SupervisionTools& tools, Owner& owner, InstanceSpec spec, InstanceNumber number, bool serving)
    : tools_(tools),
      owner_(owner),
      spec_(std::make_unique<InstanceSpec>(std::move(spec))),
      status_{spec_->manifest.service,  number,      spec_->release, serving, State::Stopped, "", 0, {}, 0, "", 0, "",
              spec_->manifest.endpoint, spec_->trial},
      process_(tools, *spec_, number,
               {[this] { return portsKnown(); }, [this](const Result<void>& result) { spawned(result); },
                [this](const ProcessEnd& end) { ended(end); }}),
      watch_(tools),
      life_(tools),
      proof_(tools.loop),
      restart_(spec_->manifest.restart),
      grace_(tools.loop),
      backoff_(tools.loop),
      stopGrace_(tools.loop),
      drain_(tools.loop) {
  if (spec_->trial) proof_.keepProbes();
}

// ---- what is asked of it ----

void Supervisor::start() { raise(Event::StartRequested); }

void Supervisor::stop(Millis drain, std::shared_ptr<StopTicket> ticket) {
  leaving_ = true;
  stopTickets_.push_back(std::move(ticket));
  const bool serves = (status_.state == State::Ready || status_.state == State::Unready) && !status_.frozen;
  if (drain <= Millis{0} || !serves) {
    status_.why = "stopped";
    return raise(Event::StopRequested);
  }
  drain_.start(drain, [this] { raise(Event::StopRequested); });
  status_.why = "draining for " + seconds(drain);
  owner_.changed(status_);
}

void Supervisor::restart() {
  if (leaving_) return;
  restart_.forget();
  raise(Event::RestartRequested);
}

void Supervisor::adopt(const InstanceRecord& record, const Result<ProcessId>& process) {
  status_.restarts = record.restarts;
  status_.startedAt = record.startedAt;
  status_.isolation = record.isolation;
  status_.frozen = record.frozen;
  if (!process) {
    leaving_ = true;
    status_.why = "does not run any more: " + process.error().message();
    return raise(Event::AdoptionFailed);
  }
  status_.why = status_.frozen ? "frozen on request" : "taken up from an earlier agent, not asked yet";
  adopted_ = true;
  const auto started = parseTime(record.startedAt);
  outlived_ = !spec_->trial && started && tools_.loop.clock().wall() - *started > spec_->manifest.health.startupGrace;
  process_.adopt(record, *process);
  status_.pid = process_.pid();
  status_.process = process_.process();
  status_.port = process_.ports().main;
  status_.ports = process_.ports().named;
  raise(Event::Adopted);
  process_.watchAdopted();
}

void Supervisor::prove(Millis probation, std::shared_ptr<ProofTicket> ticket) {
  proof_.begin(std::move(ticket), probation, spec_->manifest.health.startupGrace, [this] { proofOverdue(); });
  if (status_.state == State::Failed || status_.state == State::Stopped) {
    return proof_.fail(failure_.value_or(Error(ErrorCode::Cancelled, "it is not running")), status_.port);
  }
  hurryIfProving();
}

void Supervisor::confirm() {
  if (!std::exchange(spec_->trial, false)) return;
  status_.trial = false;
  failure_.reset();
  writeRecord();
}

Result<void> Supervisor::freeze(bool on) {
  if (on == status_.frozen) return {};
  const bool serves = status_.state == State::Ready || status_.state == State::Unready;
  if (on && (!serves || leaving_)) {
    return Error(ErrorCode::Busy, status_.service.text() + " is " + std::string(name(status_.state)))
        .withHint("what is ready or unready can be frozen");
  }
  if (on && (spec_->trial || proof_.pending())) {
    return Error(ErrorCode::Busy, status_.service.text() + " has yet to prove itself")
        .withHint("try again after that change");
  }
  TENON_CHECK(tools_.processes.freeze(process_.process(), on));
  status_.frozen = on;
  status_.why = on ? "frozen on request" : "thawed, not asked yet";
  if (on) {
    stopWatching();
  } else if (status_.state == State::Starting) {  // it was taken up as it stood
    beginProbing();
  } else {
    watchHealth(Millis{0});
    watchLife();
  }
  writeRecord();
  owner_.changed(status_);
  return {};
}

Result<SpawnRequest> Supervisor::command(const std::vector<std::string>& argv, const std::string& name) const {
  if (status_.process == 0) return Error(ErrorCode::NotFound, status_.service.text() + " does not run");
  // It would stand still before its first instruction, and whoever starts it would wait for that.
  if (status_.frozen) {
    return Error(ErrorCode::Busy, status_.service.text() + " is frozen").withHint("tenon thaw " + status_.service.text());
  }
  TENON_TRY(SpawnRequest request, tools_.launcher.command(*spec_, status_.number, process_.ports(), argv, name));
  request.into = status_.process;
  return request;
}

void Supervisor::setServing(bool serving) {
  if (std::exchange(status_.serving, serving) != serving) writeRecord();
}

void Supervisor::letGo() {
  proof_.fail(Error(ErrorCode::Cancelled, "the agent ends"), status_.port);
  stopTickets_.clear();
}

// ---- the walk ----

// Actions raise events themselves; those wait until the step that they belong to is done.
void Supervisor::raise(Event event) {
  events_.push_back(event);
  if (walking_) return;
  walking_ = true;
  for (std::size_t i = 0; i < events_.size(); ++i) step(events_[i]);
  events_.clear();
  walking_ = false;
  if (leaving_ && status_.state == State::Stopped) owner_.gone(status_);
}

void Supervisor::step(Event event) {
  const State before = status_.state;
  noteSpell();
  const SupervisionCell& cell = supervisionTable()[static_cast<std::size_t>(before)][static_cast<std::size_t>(event)];
  if (cell.action == Action::Impossible) {
    tools_.log.error("supervision of " + status_.service.text() + ": " + std::string(name(event)) + " is impossible in " +
                     std::string(name(before)));
    std::abort();
  }
  changed_ = cell.next != before;
  status_.state = cell.next;
  perform(cell.action);
  if (std::exchange(changed_, false)) owner_.changed(status_);
}

void Supervisor::perform(Action action) {
  switch (action) {
    case Action::None:
    case Action::Impossible:
      return;
    case Action::Spawn:
      return spawn(false);
    case Action::SpawnElsewhere:
      return spawn(true);
    case Action::BeginProbing:
      return beginProbing();
    case Action::BecomeReady:
      return becomeReady();
    case Action::NoteFailure:
      return noteFailure();
    case Action::NoteHealth:
      return noteHealth();
    case Action::KillTree:
      return killTree();
    case Action::SendStop:
      return sendStop(false);
    case Action::StopThenStart:
      return sendStop(true);
    case Action::StayDown:
      return stayDown();
    case Action::ScheduleBackoff:
      return scheduleBackoff();
    case Action::Settle:
      return settle();
    case Action::Fail:
      return fail();
  }
}

// ---- what happens to it, and which event that is ----

// A health check that cannot be asked is told before anything is started.
Result<void> Supervisor::portsKnown() {
  status_.port = process_.ports().main;
  status_.ports = process_.ports().named;
  TENON_CHECK(subject());
  return {};
}

void Supervisor::spawned(const Result<void>& result) {
  if (result) {
    status_.pid = process_.pid();
    status_.process = process_.process();
    status_.isolation = process_.isolation();
    status_.startedAt = formatTime(tools_.loop.clock().wall());
    writeRecord();
    return raise(Event::Spawned);
  }
  const Error& error = result.error();
  status_.why = error.message();
  failure_ = error;
  const bool lasts = error.code() == ErrorCode::PlanInvalid || error.code() == ErrorCode::ResourceMissing ||
                     error.code() == ErrorCode::PlatformUnsupported;
  raise(lasts && !process_.mayPass() ? Event::SpawnFailedForGood
                                     : afterEnd(true, Event::SpawnFailed, Event::SpawnFailedForGood));
}

// One that is well by being alive was asked nothing.
void Supervisor::tellProbe(const HealthWatch::Answer& answer) const {
  if (!tools_.probed || spec_->manifest.health.type == HealthCheck::Type::None) return;
  tools_.probed(status_.service, answer.healthy, answer.took);
}

void Supervisor::heard(const HealthWatch::Answer& answer) {
  tellProbe(answer);
  lastAnswer_ = answer;
  if (answer.healthy) {
    raise(Event::ProbeOk);
  } else if (answer.failuresInRow < spec_->manifest.health.unhealthyAfter) {
    raise(Event::ProbeFailed);
  } else {
    raise(spec_->trial ? Event::TrialFailed : Event::ProbesExhausted);
  }
  const auto since = std::chrono::duration_cast<Millis>(tools_.loop.clock().now() - watchedSince_);
  if (proof_.answered({since, answer.healthy, answer.text}, status_.port)) hurryIfProving();
}

void Supervisor::heardOfLife(const HealthWatch::Answer& answer) {
  tellProbe(answer);
  if (answer.failuresInRow < spec_->manifest.health.unhealthyAfter) return;
  verdict_ = "hangs: " + spec_->manifest.health.liveEndpoint + ": " +
             describeHealth(answer.text, answer.failuresInRow, answer.failingFor) + ", killed";
  failure_ = Error(ErrorCode::HealthTimeout, verdict_).withHint("see the last lines of the service's log");
  raise(Event::LivenessLost);
}

// What had been ready is left alone where it is not: an agent that came anew is no reason to kill it.
void Supervisor::graceOver() {
  if (outlived_) {
    raise(Event::GraceOutlived);
    return watchLife();
  }
  verdict_ = "no healthy answer in " + seconds(spec_->manifest.health.startupGrace);
  if (lastAnswer_.failuresInRow > 0) {
    verdict_ += ": " + describeHealth(lastAnswer_.text, lastAnswer_.failuresInRow, lastAnswer_.failingFor);
  }
  failure_ =
      Error(ErrorCode::HealthTimeout, verdict_)
          .withHint("see the service's log; a service that starts slowly needs a longer health_check.startup_grace_ms");
  if (!spec_->trial) proof_.fail(*failure_, status_.port);
  raise(Event::GraceOver);
}

void Supervisor::stopGraceOver() {
  verdict_ = "did not stop within " + seconds(spec_->manifest.stop.grace) + ", killed";
  raise(Event::StopGraceOver);
}

void Supervisor::proofOverdue() {
  Error error(ErrorCode::HealthTimeout,
              "healthy now and then, never for " + seconds(proof_.probation()) + " without a break");
  if (!spec_->trial) return proof_.fail(std::move(error), status_.port);
  verdict_ = error.message();
  failure_ = std::move(error);
  raise(Event::TrialFailed);
}

void Supervisor::ended(const ProcessEnd& end) {
  const Event event = meaningOf(end);
  endOfLife();
  raise(event);
}

Event Supervisor::meaningOf(const ProcessEnd& end) {
  if (again_) {
    status_.why = "restarts on request";
    return Event::Exited;
  }
  const std::string text = verdict_.empty() ? describe(end, std::nullopt) : verdict_;
  if (leaving_) {
    const bool asAsked = endedAsAsked(end, spec_->manifest.stop.signal);
    status_.why = asAsked ? "stopped" : verdict_.empty() ? "stopped: " + text : text;
    return Event::Completed;
  }
  const bool starts = status_.state == State::Starting && !wasReady_;
  if (starts && portMoves_ < limits::kPortMoves && process_.portLost()) {
    ++portMoves_;
    ++status_.restarts;
    status_.why = "port " + std::to_string(status_.port) + " was taken by another process: " + text;
    tools_.log.warning(status_.service.text() + ": " + status_.why);
    return Event::PortLost;
  }
  status_.why = text;
  if (!failure_) {
    const auto life = std::chrono::duration_cast<Millis>(tools_.loop.clock().now() - watchedSince_);
    failure_ = Error(ErrorCode::CrashLoop, describe(end, adopted_ ? std::nullopt : std::optional(life)))
                   .withHint("see the last lines of the service's log");
  }
  return afterEnd(end.how != ProcessEnd::How::Exited || end.code != 0, Event::Exited, Event::ExitedForGood);
}

// How long it has been ready without a break in this life, before it leaves that.
void Supervisor::noteSpell() {
  if (status_.state != State::Ready) return;
  spell_ = std::max(spell_, std::chrono::duration_cast<Millis>(tools_.loop.clock().now() - readySince_));
}

// Puts what comes next into `why`.
Event Supervisor::afterEnd(bool failure, Event again, Event forGood) {
  if (spec_->trial) return forGood;
  proof_.ended(*failure_, status_.port);
  const Instant now = tools_.loop.clock().now();
  noteSpell();
  const RestartDecision::Answer answer = restart_.decide(
      {.at = now, .failure = failure, .wasHealthy = wasReady_, .healthyFor = spell_, .chance = tools_.chance()});
  switch (answer.verdict) {
    case RestartDecision::Verdict::Completed:
      return Event::Completed;
    case RestartDecision::Verdict::GiveUp:
      if (!answer.why.empty()) status_.why += "; " + answer.why;
      return forGood;
    case RestartDecision::Verdict::Restart:
      break;
  }
  delay_ = answer.delay;
  if (delay_ > Millis{0}) status_.why += std::string(kNextStart) + seconds(delay_);
  return again;
}

std::string Supervisor::describe(const ProcessEnd& end, std::optional<Millis> life) const {
  const auto variant = spec_->manifest.variant(spec_->release.platform);
  return describeEnd(end, {.meanings = spec_->plan.exitCodes,
                           .memoryMb = variant ? (*variant)->resources.memoryMb : std::nullopt,
                           .life = life});
}

}  // namespace tenon::host
