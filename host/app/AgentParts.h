// The objects of an agent. Members stand in the order in which they are made: each sees only those above it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>

#include "host/api/AgentApi.h"
#include "host/app/Agent.h"
#include "host/app/InstalledPlugins.h"
#include "host/base/Log.h"
#include "host/driver/package/NodePlugins.h"
#include "host/http/HttpServer.h"
#include "host/lifecycle/PackageLife.h"
#include "host/lifecycle/ServiceLife.h"
#include "host/metrics/MeasuredHttpClient.h"
#include "host/metrics/MetricsPage.h"
#include "host/observe/EventLog.h"
#include "host/package/ServicePackageManager.h"
#include "host/package/disk/Collector.h"
#include "host/runtime/ServiceRuntimeManager.h"
#include "host/trust/Sha256.h"

namespace tenon::host {

class Agent::Parts {
 public:
  Parts(PlatformAdapter& adapter, const Clock& clock, Log& log, const AgentOptions& options);
  ~Parts();

  Measurements measured;

  PackageLayout layout;
  ChangeStore changeStore;
  EventLog events;
  ServiceRegistry registry;

  SignatureVerifier verifier;
  WorkerPool unpackWorkers;
  PocoHttpClient http;
  MeasuredHttpClient measuredHttp;
  Downloader downloader;
  std::optional<HubClient> hub;
  ServicePackageManager packages;
  NodeTrust trust;

  ServiceUsers users;
  std::unique_ptr<PluginHosts> pluginHosts;
  VendorKeys vendors;
  PluginLoader plugins;
  DriverCatalog drivers;
  NodePlugins nodePlugins;

  NoEvents logEvents;
  Loop logLoop;
  ServiceLogs logs;

  ProcessEventSource processEnds;
  Loop loop;
  std::unique_ptr<HealthProber> prober;
  PortAllocator ports;
  ServiceRuntimeManager runtime;

  EndpointKeeper endpoints;
  Collector collector;
  WorkerPool sweepers;
  IsolationPolicy isolation;
  LifeCollaborators life;
  ChangeBook changes;
  PackageLife packageLife;
  ServiceLife serviceLife;
  MetricsPage metrics;

  std::atomic<bool> ending{false};  // what waits for startWorkers is left to the next agent
  WorkerPool changeWorkers;         // for operators, who wait for none of the services that an agent's start brings up
  WorkerPool startWorkers;
  WorkerPool httpWorkers;
  AgentFacts facts;
  std::unique_ptr<AgentApi> api;
  std::unique_ptr<HttpServer> server;
  std::optional<WorkerPool> metricsWorkers;  // these two: where metrics are served apart
  std::unique_ptr<HttpServer> metricsServer;
  std::optional<FileLock> lock;

 private:
  void observe(const InstanceStatus& status);
  void tellLog(const Path& path, const Error& why);
  std::map<std::pair<ServiceId, InstanceNumber>, SupervisionState> lastStates_;  // loop's thread
};

}  // namespace tenon::host
