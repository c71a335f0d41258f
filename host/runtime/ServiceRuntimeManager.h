// Runs services: one loop owns all of them; these calls reach it as messages and may come from any thread. None of them
// waits for the loop; a future that it can no longer keep (the loop has stopped) resolves by itself: prove() as cancelled,
// freeze() and those of programs likewise, stop() as if it were done.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "host/adapter/Files.h"
#include "host/adapter/Processes.h"
#include "host/base/Log.h"
#include "host/base/Loop.h"
#include "host/base/WorkerPool.h"
#include "host/logs/ServiceLogs.h"
#include "host/runtime/HealthProber.h"
#include "host/runtime/Instance.h"
#include "host/runtime/PortAllocator.h"
#include "host/runtime/process/Executions.h"

namespace tenon::host {

// The loop's source of events: process ends. Made first, then the loop, then the manager.
class ProcessEventSource final : public EventSource {
 public:
  explicit ProcessEventSource(Processes& processes) : processes_(processes) {}
  // Loop's thread, or before the loop has started.
  void onEnd(std::function<void(const ProcessEnd&)> handler) { handler_ = std::move(handler); }
  void onFault(std::function<void(const Error&)> handler) { faultHandler_ = std::move(handler); }
  void waitAndDispatch(Millis most) override;
  void wake() override { processes_.wake(); }

 private:
  Processes& processes_;
  std::function<void(const ProcessEnd&)> handler_;
  std::function<void(const Error&)> faultHandler_;  // told when the adapter cannot wait
};

class ServiceRuntimeManager {
 public:
  // Told of every change of an instance, on the loop's thread; must not call back.
  using Observer = std::function<void(const InstanceStatus&)>;

  struct Collaborators {
    Files& files;
    Processes& processes;
    Loop& loop;  // waits on `ends`
    ProcessEventSource& ends;
    HealthProber& prober;
    PortAllocator& ports;
    ServiceLogs& logs;
    Log& log;
    std::string searchPath;  // what services get as PATH
    Path instances;          // folder of the records
    Path mark;               // file of the ContainmentMark
    Path executions;         // folder of the outputs of programs that are run in services' places
    ProbeObserver probed = {};
  };
  ServiceRuntimeManager(Collaborators with, Observer observer);
  ~ServiceRuntimeManager();  // after the loop has stopped; leaves every process running

  // Starts an instance beside whatever else the service has. `serving`: it is the one that the service's address means.
  // Returns at once; what becomes of it is told to the observer.
  InstanceNumber launch(InstanceSpec spec, bool serving);

  // Resolves when the instance has been healthy for `probation` without a break, or has failed, or is stopped. One that is
  // healthy only now and then fails after three times `probation`, or its startup grace where that is longer. One that is no
  // trial is restarted meanwhile; its third end, or a startup grace without an answer, is a failure here.
  std::future<TrialReport> prove(InstanceNumber number, ServiceId service, Millis probation);
  // The instance is no trial any more: from now on it is restarted when it ends.
  void confirm(const ServiceId& service, InstanceNumber number);
  // A candidate becomes the serving instance, in one step; the one before stays until it is stopped.
  void promote(const ServiceId& service, InstanceNumber number);
  // Stops one instance and forgets it; resolves when nothing of it is left. Unknown: resolves at once.
  std::future<void> stop(const ServiceId& service, InstanceNumber number, Millis drain = Millis{0});
  // Every instance of a service.
  std::future<void> stopAll(const ServiceId& service);
  // The serving instance, by stop and start in place; keeps its port. Returns at once; not-found, or busy while it is being
  // stopped.
  Result<void> restart(const ServiceId& service);
  // The serving instance stands still, unasked by health checks, until it is thawed, stopped or restarted; or goes on. What
  // is so already stays so. Errors: not-found, busy where it is not serving or has yet to prove itself, the adapter's.
  std::future<Result<void>> freeze(const ServiceId& service, bool on);
  // To the serving instance's main process: TERM INT HUP QUIT USR1 USR2 KILL. What it makes of it is judged like anything
  // that it does by itself. Errors: usage, not-found, platform-unsupported.
  Result<void> signal(const ServiceId& service, std::string_view name);
  // Runs a program as the serving instance runs: its user, environment, working folder, limits and isolation, inside its
  // containment, so that it ends with it. The words are taken as they are; the first is looked for in the package, then on
  // the node's search path. Answers its number. Errors: usage, not-found, busy, spawn-failed, the isolation's.
  std::future<Result<std::uint64_t>> execute(const ServiceId& service, std::vector<std::string> argv);
  // What is known of one. Whoever does not ask for Executions::kPatience has lost it. Error: not-found.
  std::future<Result<Execution>> execution(std::uint64_t number);
  // Kills and forgets it.
  void endExecution(std::uint64_t number);
  // Of the serving instance's whole tree. not-found where none runs.
  Result<ProcessStats> usage(const ServiceId& service);

  // As the observer was last told; none of these waits for the loop.
  std::vector<InstanceStatus> status(const ServiceId& service);
  std::optional<InstanceStatus> serving(const ServiceId& service);

  // After a restart of the agent: takes up every recorded process that still runs. `specFor` answers the spec of a record,
  // or nothing where the service is not there any more (the process is then stopped). Records that name no living process
  // are removed; the answer names the services that were adopted. What else of the last agent's runs, unrecorded, is killed.
  // Once, before any launch(); `specFor` is called on this thread and on those of `helpers`.
  using SpecFor = std::function<std::optional<InstanceSpec>(const InstanceRecord&)>;
  std::vector<InstanceStatus> adoptRecorded(const SpecFor& specFor, WorkerPool& helpers);

  // A thread that ends the agent calls this first: no instance changes any more (what the loop does at this moment still
  // ends), every process stays, and who waits for a future is answered.
  void detach();

 private:
  Result<InstanceStatus> running(const ServiceId& service);
  template <class T, class Act>
  std::future<Result<T>> onServing(const ServiceId& service, Act act);

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::host
