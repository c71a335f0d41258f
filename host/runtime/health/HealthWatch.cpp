#include "host/runtime/health/HealthWatch.h"

#include <algorithm>

#include "host/runtime/supervision/Why.h"

namespace tenon::host {
namespace {

// The next whole hundredth of a second: the services that are asked in it cost one wake-up together.
Instant onTick(Instant when) {
  using Tick = std::chrono::duration<std::int64_t, std::centi>;
  return Instant(std::chrono::ceil<Tick>(when.time_since_epoch()));
}

}  // namespace

void HealthWatch::begin(Subject subject, Millis firstDelay, Heard heard) {
  end();
  subject_ = std::move(subject);
  heard_ = std::move(heard);
  run_ = std::make_shared<int>();
  lastGood_ = tools_.loop.clock().now();
  fastDelay_ = kFirstDelay;
  everHealthy_ = !subject_.eager;
  ownerKnown_ = false;
  failures_ = 0;
  next_.start(firstDelay, [this] { ask(); });
}

void HealthWatch::end() {
  run_.reset();
  next_.cancel();
  program_.cancel();
}

void HealthWatch::hurry(std::optional<Millis> interval) {
  hurry_ = interval;
  if (!run_ || !everHealthy_) return;
  const bool asking = !next_.running() && subject_.check.type != HealthCheck::Type::None;
  if (!asking) scheduleNext();
}

void HealthWatch::ask() {
  askedAt_ = tools_.loop.clock().now();
  switch (subject_.check.type) {
    case HealthCheck::Type::None:
      return answered(true, "alive");
    case HealthCheck::Type::Exec:
      return askProgram();
    case HealthCheck::Type::Http:
    case HealthCheck::Type::Tcp:
      return askProber();
  }
}

void HealthWatch::askProber() {
  tools_.prober.probe({subject_.check, subject_.port},
                      [this, &loop = tools_.loop, run = std::weak_ptr<int>(run_)](ProbeAnswer answer) {
                        loop.post([this, run, answer = std::move(answer)] {
                          if (!run.expired()) answered(answer.healthy, answer.text);
                        });
                      });
}

void HealthWatch::askProgram() {
  const Path output = subject_.program->output;
  if (auto removed = tools_.files.removeFile(output); !removed) tools_.log.warning(removed.error().message());
  program_.run(*subject_.program, subject_.check.timeout, [this, output](const OneShot::Outcome& outcome) {
    if (outcome.notStarted) return answered(false, outcome.notStarted->message());
    if (outcome.succeeded()) return answered(true, "exit 0");
    const std::string said = lastLine(tools_.files, output);
    const std::string how = outcome.timedOut ? "timed out after " + seconds(subject_.check.timeout)
                                             : describeEnd(outcome.end, {.meanings = {}, .memoryMb = {}, .life = {}});
    answered(false, said.empty() ? how : how + ": " + said);
  });
}

void HealthWatch::answered(bool healthy, std::string text) {
  if (healthy && answersFromElsewhere()) {
    healthy = false;
    text = "port " + std::to_string(subject_.port) + " answers from another process";
  }
  const Instant now = tools_.loop.clock().now();
  Answer answer{
      .healthy = healthy, .text = std::move(text), .failuresInRow = 0, .failingFor = Millis{0}, .took = now - askedAt_};
  if (healthy) {
    lastGood_ = now;
    failures_ = 0;
    everHealthy_ = true;
  } else {
    answer.failuresInRow = ++failures_;
    answer.failingFor = std::chrono::duration_cast<Millis>(now - lastGood_);
  }
  scheduleNext();
  heard_(answer);
}

// Looked up once: while the process lives, nobody else can take its port. Where the OS does not tell, the answer counts.
bool HealthWatch::answersFromElsewhere() {
  const auto type = subject_.check.type;
  if (ownerKnown_ || (type != HealthCheck::Type::Http && type != HealthCheck::Type::Tcp)) return false;
  const auto owns = tools_.processes.ownsListener(subject_.process, subject_.port);
  if (!owns) tools_.log.warning("who listens on port " + std::to_string(subject_.port) + ": " + owns.error().message());
  ownerKnown_ = !owns || owns->value_or(true);
  return !ownerKnown_;
}

void HealthWatch::scheduleNext() {
  if (!everHealthy_) {
    const Millis delay = std::min(fastDelay_, std::max(subject_.check.interval, Millis{1}));
    fastDelay_ = std::min(2 * fastDelay_, kMostDelay);
    return next_.start(delay, [this] { ask(); });
  }
  // A service that is well by being alive has nothing new to say, but to one who counts the seconds.
  if (subject_.check.type == HealthCheck::Type::None && !hurry_) return next_.cancel();
  next_.startAt(onTick(askedAt_ + interval()), [this] { ask(); });
}

// A tenth more or less, so that services that started together are not asked together for ever.
Millis HealthWatch::interval() {
  const Millis each = std::min(hurry_.value_or(subject_.check.interval), subject_.check.interval);
  const double spread = 0.9 + 0.2 * tools_.chance();
  return std::max(Millis(static_cast<Millis::rep>(static_cast<double>(each.count()) * spread)), Millis{1});
}

}  // namespace tenon::host
