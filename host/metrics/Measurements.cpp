#include "host/metrics/Measurements.h"

#include <algorithm>
#include <utility>

namespace tenon::host {

namespace {

using Type = MetricType;
using State = SupervisionState;

constexpr MetricFamily kStarts{"tenon_service_start_seconds", Type::Histogram,
                               "From the start of a service to its first healthy answer."};
constexpr MetricFamily kProbes{"tenon_health_probe_seconds", Type::Histogram,
                               "From a health check's question to its answer, healthy or not."};
constexpr MetricFamily kProbeFailures{"tenon_health_probe_failures_total", Type::Counter,
                                      "Health checks that were answered as unhealthy, or not in time."};
constexpr MetricFamily kRestartsTotal{"tenon_service_restarts_total", Type::Counter,
                                      "Restarts of a service, by what they answered."};
constexpr MetricFamily kInstalls{"tenon_install_total", Type::Counter, "Installs and upgrades, by how they ended."};
constexpr MetricFamily kSteps{"tenon_install_step_seconds", Type::Histogram,
                              "How long the steps of installs and upgrades took."};
constexpr MetricFamily kDownloads{"tenon_download_bytes_total", Type::Counter, "Bytes that came from hubs."};
constexpr MetricFamily kRollbacks{"tenon_rollback_total", Type::Counter,
                                  "Changes that went back to the release before, by error code, or as requested."};
constexpr MetricFamily kRefusals{
    "tenon_signature_failures_total", Type::Counter,
    "Changes refused for a signature or for content that is not what was signed, by error code."};
constexpr MetricFamily kRequests{"tenon_http_request_seconds", Type::Histogram,
                                 "From a whole request to its answer, by the route's pattern."};

const std::vector<double> kProbeBounds{0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10};
const std::vector<double> kStartBounds{0.1, 0.5, 1, 5, 15, 60, 300};
const std::vector<double> kStepBounds{0.01, 0.1, 1, 5, 15, 60, 300, 1800};
const std::vector<double> kRequestBounds{0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10};

constexpr int kRefused = 5;  // the exit status of what a signature or its content is refused for

double inSeconds(Micros time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

Measurements::Measurements(const Clock& clock)
    : clock_(clock),
      began_(formatTime(clock.wall())),
      starts_(kStarts, kStartBounds),
      probes_(kProbes, kProbeBounds),
      steps_(kSteps, kStepBounds),
      requests_(kRequests, kRequestBounds),
      installs_(kInstalls),
      rollbacks_(kRollbacks),
      refusals_(kRefusals) {
  for (const auto state : {Change::State::Done, Change::State::Failed, Change::State::RolledBack}) {
    installs_.add(metricLabels({{"result", name(state)}}), 0);
  }
  rollbacks_.add(metricLabels({{"reason", "requested"}}), 0);
}

// Every instance begins and ends as stopped. One that was taken up began before this agent, so that its first ready is no
// start.
void Measurements::instance(const InstanceStatus& status) {
  const std::pair key(status.service, status.number);
  if (status.state == State::Stopped) {
    lives_.erase(key);
    return;
  }
  const auto [at, isNew] = lives_.try_emplace(key);
  Life& life = at->second;
  const State before = std::exchange(life.state, status.state);
  const std::uint64_t restarts = std::exchange(life.restarts, status.restarts);
  if (!isNew && status.restarts > restarts) {
    restarted(status.service, reasonOf(before, status.state), status.restarts - restarts);
  }
  const bool isTakenUp = isNew && !status.startedAt.empty() && status.startedAt < began_;
  if (status.state == State::Starting && before != State::Starting && !isTakenUp) life.startsSince = clock_.now();
  const auto since = status.state == State::Starting ? std::nullopt : std::exchange(life.startsSince, std::nullopt);
  if (status.state == State::Ready && since) starts_.observe("", inSeconds(clock_.now() - *since));
}

Measurements::Restart Measurements::reasonOf(State before, State now) {
  if (now != State::Backoff) return Restart::PortTaken;  // all others are begun by a wait, be it of no length
  switch (before) {
    case State::Starting:
      return Restart::StartFailed;
    case State::Unready:
      return Restart::Unhealthy;
    case State::Stopping:
      return Restart::Requested;
    default:
      return Restart::Exited;
  }
}

void Measurements::restarted(const ServiceId& service, Restart reason, std::uint64_t times) {
  const std::lock_guard lock(mutex_);
  services_[service].restarts[static_cast<std::size_t>(reason)] += times;
}

void Measurements::probed(const ServiceId& service, bool healthy, Micros took) {
  probes_.observe("", inSeconds(took));
  if (healthy) return;
  const std::lock_guard lock(mutex_);
  ++services_[service].probeFailures;
}

void Measurements::changed(const Change& ended) {
  const bool isDone = ended.state == Change::State::Done;
  if (ended.operation == "install" || ended.operation == "upgrade") {
    installs_.add(metricLabels({{"result", name(ended.state)}}));
    for (const auto& step : ended.steps) {
      steps_.observe(metricLabels({{"step", step.name}}), inSeconds(Millis(step.durationMs)));
    }
  }
  const std::string code(ended.error ? name(ended.error->code()) : "");
  if (ended.state == Change::State::RolledBack) rollbacks_.add(metricLabels({{"reason", code}}));
  if (ended.operation == "rollback" && isDone) rollbacks_.add(metricLabels({{"reason", "requested"}}));
  if (ended.error && exitStatus(ended.error->code()) == kRefused) refusals_.add(metricLabels({{"reason", code}}));
  if (ended.operation != "start" && ended.operation != "stop" && ended.operation != "restart") ++storeChanges_;
  if (ended.operation != "restart" || !isDone) return;
  if (const auto service = ServiceId::parse(ended.service)) restarted(*service, Restart::Requested, 1);
}

void Measurements::answered(const HttpAnswered& request) {
  const std::string code = std::to_string(request.status);
  const std::string_view route = request.route.empty() ? "none" : request.route;
  requests_.observe(metricLabels({{"route", route}, {"code", code}}), inSeconds(request.took));
}

void Measurements::write(MetricText& text, const std::vector<ServiceId>& services) {
  writeServices(text, services);
  for (const auto* family : {&starts_, &probes_, &steps_, &requests_}) family->write(text);
  for (const auto* family : {&installs_, &rollbacks_, &refusals_}) family->write(text);
  text.family(kDownloads);
  text.sample("", downloaded_.load());
}

void Measurements::writeServices(MetricText& text, const std::vector<ServiceId>& services) {
  std::map<ServiceId, OfService> known;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& service : services) {
      const auto counts = services_.find(service);
      known.emplace(service, counts == services_.end() ? OfService{} : counts->second);
    }
    std::erase_if(services_, [&](const auto& counts) { return !known.contains(counts.first); });
  }
  text.family(kRestartsTotal);
  for (const auto& [service, counts] : known) {
    for (std::size_t i = 0; i < kRestarts.size(); ++i) {
      text.sample(metricLabels({{"service", service.text()}, {"reason", kRestarts[i]}}), counts.restarts[i]);
    }
  }
  text.family(kProbeFailures);
  for (const auto& [service, counts] : known) {
    text.sample(metricLabels({{"service", service.text()}}), counts.probeFailures);
  }
}

}  // namespace tenon::host
