// Runs services: one loop owns all of them; these calls reach it as messages and may come from any other thread.
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
#include "host/runtime/HealthProber.h"
#include "host/runtime/Instance.h"
#include "host/runtime/PortAllocator.h"

namespace tenon::host {

// The loop's source of events: process ends. Made first, then the loop, then the manager.
class ProcessEventSource final : public EventSource {
 public:
  explicit ProcessEventSource(Processes& processes) : processes_(processes) {}
  void onEnd(std::function<void(const ProcessEnd&)> handler) { handler_ = std::move(handler); }
  void waitAndDispatch(Millis most) override;
  void wake() override { processes_.wake(); }

 private:
  Processes& processes_;
  std::function<void(const ProcessEnd&)> handler_;
};

class ServiceRuntimeManager {
 public:
  // Told of every change of an instance, on the loop's thread; must not call back.
  using Observer = std::function<void(const InstanceStatus&)>;

  struct Collaborators {
    Files& files;
    Processes& processes;
    Loop& loop;               // waits on `ends`
    ProcessEventSource& ends;
    HealthProber& prober;
    PortAllocator& ports;
    Log& log;
    std::string searchPath;   // what services get as PATH
    Path instances;           // folder of the records
  };
  ServiceRuntimeManager(Collaborators with, Observer observer);
  ~ServiceRuntimeManager();   // after the loop has stopped; leaves every process running

  // Starts an instance beside whatever else the service has. `serving`: it is the one that the service's address means.
  // Returns at once; what becomes of it is told to the observer.
  InstanceNumber launch(InstanceSpec spec, bool serving);

  // Resolves when the instance has been healthy for `probation` without a break, or has failed, or is stopped.
  std::future<TrialReport> prove(InstanceNumber number, ServiceId service, Millis probation);
  // The instance is no trial any more: from now on it is restarted when it ends.
  void confirm(const ServiceId& service, InstanceNumber number);
  // A candidate becomes the serving instance, in one step; the one before stays until it is stopped.
  void promote(const ServiceId& service, InstanceNumber number);
  // Stops one instance and forgets it; resolves when nothing of it is left. Unknown: resolves at once.
  std::future<void> stop(const ServiceId& service, InstanceNumber number, Millis drain = Millis{0});
  // Every instance of a service.
  std::future<void> stopAll(const ServiceId& service);
  // The serving instance, by stop and start in place; keeps its port.
  Result<void> restart(const ServiceId& service);

  std::vector<InstanceStatus> status(const ServiceId& service);
  std::optional<InstanceStatus> serving(const ServiceId& service);

  // After a restart of the agent: takes up every recorded process that still runs. `specFor` answers the spec of a record, or
  // nothing where the service is not there any more (the process is then stopped). Records that name no living process are
  // removed; the answer names the services that were adopted. Before the loop's first message of a client.
  using SpecFor = std::function<std::optional<InstanceSpec>(const InstanceRecord&)>;
  std::vector<InstanceStatus> adoptRecorded(const SpecFor& specFor);

  // A thread that ends the agent calls this first: no instance changes any more.
  void detach();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::host
