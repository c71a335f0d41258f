// What runs a service outside of an agent: the manager, and the loops, logs and probes that it works with, in the order in
// which they are made. For `tenon run` and the conformance kit.
#pragma once

#include <memory>

#include "host/adapter/PlatformAdapter.h"
#include "host/runtime/ServiceRuntimeManager.h"

namespace tenon::host {

class ForegroundRuntime {
 public:
  // All but `work` (its own folder) outlive it. The observer as of ServiceRuntimeManager.
  struct Collaborators {
    PlatformAdapter& adapter;
    const Clock& clock;
    Log& log;
    Path work;
  };
  ForegroundRuntime(Collaborators with, ServiceRuntimeManager::Observer observer);

  void start();  // the threads; once
  // Stops the service, and then the threads: what they do still finds all of this in its place. Once.
  void end(const ServiceId& service);

  ServiceRuntimeManager& services() { return services_; }
  Loop& loop() { return loop_; }
  Loop& logLoop() { return logLoop_; }

 private:
  NoEvents logEvents_;
  Loop logLoop_;
  ServiceLogs logs_;
  ProcessEventSource ends_;
  Loop loop_;
  std::unique_ptr<HealthProber> prober_;
  PortAllocator ports_{PortAllocator::loopbackProbe()};
  ServiceRuntimeManager services_;
};

}  // namespace tenon::host
