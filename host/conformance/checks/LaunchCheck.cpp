// A plan, launched; the agent that did it, killed; the service, found by the next one, and stopped.
#include "host/conformance/checks/Checks.h"
#include "host/driver/DriverCatalog.h"
#include "host/driver/ServiceFolder.h"
#include "host/runtime/supervision/SupervisionTable.h"

namespace tenon::host {

namespace {

constexpr Millis kBeside{20'000};  // for what is no grace: two programs that start, and a process that ends

// Ready, or no more likely to become so; an agent that ended told that by then.
bool isSettled(const Json& said) {
  const std::string state = textIn(said, "state");
  using State = SupervisionState;
  return state == name(State::Ready) || state == name(State::Failed) || state == name(State::Backoff) ||
         state == name(State::Stopped);
}

// What both agents are told.
Result<InspectionJob> serviceJob(const Bench& bench) {
  Files& files = bench.tools.adapter.files();
  const auto& facts = bench.tools.adapter.facts();
  TENON_TRY(const auto service, ServiceFolder::read(files, bench.options.service, facts.platforms));
  DriverCatalog drivers(facts.platforms, facts.searchPath, bench.tools.clock);
  drivers.add(bench.plugin());
  TENON_TRY(const auto plan, drivers.plan(service.variant().execType, std::nullopt, service.request()));
  InspectionJob job = bench.job(InspectionJob::Task::Serve);
  job.service = service.folder;
  job.work = bench.work() / "agent";
  job.plan = plan.toJson();
  job.most = 2 * (service.manifest.health.startupGrace + service.manifest.stop.grace) + kBeside;
  TENON_CHECK(files.makePrivateFolders(job.work));
  return job;
}

// The last state that it told, in words.
std::string lastState(const Inspection& agent) {
  if (const auto error = agent.last("error")) return textIn(*error, "error");
  const auto said = agent.last("state");
  if (!said) return agent.fault().value_or("it said nothing of the service");
  const std::string why = textIn(*said, "why");
  return "the service is " + textIn(*said, "state") + (why.empty() ? "" : ": " + why);
}

// The process by which it is ready; nothing where it is not.
std::optional<std::int64_t> readyAt(const Inspection& agent) {
  for (const auto& said : agent.said()) {
    if (textIn(said, "state") == name(SupervisionState::Ready)) return numberIn(said, "pid");
  }
  return std::nullopt;
}

// What is wrong with the second agent's account, of a service that was ready as `pid`.
std::optional<std::string> notAdopted(const Inspection& agent, std::int64_t pid) {
  const auto adopted = agent.last("adopted");
  if (!adopted || numberIn(*adopted, "adopted") != 1) return std::string("the next agent did not find the service");
  const auto ready = readyAt(agent);
  if (!ready) return "found by the next agent, it did not become ready: " + lastState(agent);
  if (*ready != pid) return std::string("the next agent found the service ended, and started it again");
  const auto done = agent.last("done");
  if (agent.fault() || !done) return "it was not stopped: " + agent.fault().value_or(lastState(agent));
  const auto last = agent.last("state");
  if (textIn(*last, "state") != name(SupervisionState::Stopped)) return "it did not stop: " + lastState(agent);
  if (textIn(*last, "why").starts_with("did not stop within")) return "it " + textIn(*last, "why");
  return std::nullopt;
}

}  // namespace

CheckResult checkLaunch(const Bench& bench) {
  if (bench.options.service.empty()) return Bench::skipped(check::kLaunch, "no service is given: --service DIR");
  auto job = serviceJob(bench);
  if (!job) return Bench::failed(check::kLaunch, job.error().message());
  auto agent = bench.inspect(*job);
  if (!agent) return Bench::failed(check::kLaunch, agent.error().message());
  agent->waitFor(isSettled);
  const auto pid = readyAt(*agent);
  const auto killed = agent->kill();
  job->task = InspectionJob::Task::Adopt;
  auto next = bench.inspect(*job);  // in any case: what still runs of the service ends by it
  if (!next) return Bench::failed(check::kLaunch, next.error().message());
  next->waitForEnd();
  if (!pid) return Bench::failed(check::kLaunch, "it did not become ready: " + lastState(*agent));
  if (!killed) return Bench::failed(check::kLaunch, killed.error().message());
  if (const auto wrong = notAdopted(*next, *pid)) return Bench::failed(check::kLaunch, *wrong);
  return Bench::passed(check::kLaunch, "started, found by the next agent, stopped within its grace");
}

}  // namespace tenon::host
