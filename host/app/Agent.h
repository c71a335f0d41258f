// The running host: every room's objects, made in the order of their floors and ended in the reverse.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/base/Log.h"
#include "host/cli/Cli.h"
#include "host/runtime/Instance.h"

namespace tenon::host {

class Agent {
 public:
  // How this process becomes the program that lies on disk now.
  struct Renewal {
    std::function<Result<void>()> begin;  // any thread; returns at once
    std::string fault;                    // why that failed last, so that this is the program that it was
  };
  // Adapter, clock and log outlive the agent.
  Agent(PlatformAdapter& adapter, const Clock& clock, Log& log, AgentOptions options, Renewal renewal);
  ~Agent();  // stops serving; services run on

  // Takes the root, recovers what a dead agent left, adopts what runs, starts what is wanted, and serves. Errors: busy
  // (another agent has this root), denied, state-corrupt, port-taken.
  Result<void> start();
  std::string address() const;
  std::string metricsAddress() const;  // "": metrics are not served apart
  // Now and after each interval, on supervision's thread: what stays away tells that supervision stands still. Once started.
  void beat(Millis interval, std::function<void()> task);

 private:
  class Parts;
  Result<void> prepareRoot();
  void tellTrust(bool noKeys);
  void tellStart(Millis recovery);
  Result<void> loadPlugins();
  Result<void> serve();
  Result<void> serveMetrics();
  std::map<ServiceId, InstanceNumber> launchWanted(const std::vector<ServiceId>& services);
  void startWanted(const std::vector<ServiceId>& services);
  Result<void> writeAgentFile(const Path& token);

  PlatformAdapter& adapter_;
  const Clock& clock_;
  Log& log_;
  AgentOptions options_;
  Renewal renewal_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tenon::host
