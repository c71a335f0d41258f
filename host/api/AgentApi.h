// The agent's HTTP API: /v1/…, the health of the agent itself, and the report of the origin. Handlers run on the server's
// workers; whatever takes long becomes a change on `changeWorkers` and is answered with 202 at once.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/adapter/PlatformAdapter.h"
#include "host/base/WorkerPool.h"
#include "host/driver/package/NodePlugins.h"
#include "host/http/HttpServer.h"
#include "host/lifecycle/PackageLife.h"
#include "host/lifecycle/ServiceLife.h"
#include "host/lifecycle/preview/PlanPreview.h"

namespace tenon::host {

// What the agent tells of itself.
struct AgentFacts {
  std::string version;
  std::string hub;     // "" where none is configured
  JsonArray settings;  // {"key", "value", "origin"} of each
  PlatformFacts platform;
  std::vector<DriverInfo> adapters;
  bool developerPlugins = false;
  std::string startedAt;   // RFC 3339
  std::string renewFault;  // why it is not the program that it was to become; "" where it is
};

class AgentApi {
 public:
  // All outlive the API and the server that it routes for.
  struct Collaborators {
    const LifeCollaborators& life;
    PackageLife& packages;
    ServiceLife& services;
    ChangeBook& changes;
    NodePlugins& plugins;
    WorkerPool& changeWorkers;
    const AgentFacts& facts;
    std::string token;                    // "" on a unix socket, whose file permissions decide
    std::function<Result<void>()> renew;  // makes the agent end, to become the program that lies on disk now
    // For Prometheus; any thread.
    std::function<std::string()> metrics;  // the text of /metrics
    std::function<std::string()> targets;  // the JSON of /sd/prometheus
  };
  explicit AgentApi(Collaborators with) : with_(std::move(with)) {}

  Router routes();

 private:
  using Work = std::function<void(ChangeRecorder&)>;  // what a change does, on a worker
  void addServiceRoutes(Router& router);
  void addOperationRoutes(Router& router);
  void addMomentRoutes(Router& router);
  void addChangeRoutes(Router& router);
  void addEnvironmentRoutes(Router& router);
  void addEventRoutes(Router& router);
  void addNodeRoutes(Router& router);
  void addLogRoutes(Router& router);
  void addTrustRoutes(Router& router);
  void addPluginRoutes(Router& router);
  Result<JsonObject> previewPlugin(const Path& library);
  static Result<Json> readBody(HttpRequest& request);  // "{}" where there is none
  void addDiskRoutes(Router& router);
  void addMetricRoutes(Router& router);
  Result<void> guard(const HttpRequest& request) const;
  // 202 with {"change": n}, or the problem with the request.
  void answerChange(HttpRequest& request, HttpReply& reply, std::string_view operation,
                    const std::function<Result<Work>(const ServiceId&, const Json& body)>& make);

  Collaborators with_;
};

// /metrics and nothing else, for whoever may reach the port.
Router metricsAlone(std::function<std::string()> metrics);

// A member of a request that names a file of this machine; empty where it is absent. usage where it is relative.
Result<Path> absolutePath(const Json& body, std::string_view member);

}  // namespace tenon::host
