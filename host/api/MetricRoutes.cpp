// For Prometheus: /metrics, and /sd/prometheus, which names the services of this node as targets.
#include "host/api/AgentApi.h"
#include "host/observe/MetricText.h"

namespace tenon::host {

namespace {

HttpHandler answerMetrics(std::function<std::string()> metrics) {
  return [metrics = std::move(metrics)](HttpRequest&, HttpReply& reply) {
    reply.text(200, MetricText::kContentType, metrics());
  };
}

}  // namespace

void AgentApi::addMetricRoutes(Router& router) {
  router.add("GET", "/metrics", answerMetrics(with_.metrics));
  router.add("GET", "/sd/prometheus", [this](HttpRequest&, HttpReply& reply) { reply.json(200, with_.targets()); });
}

Router metricsAlone(std::function<std::string()> metrics) {
  Router router;
  router.add("GET", "/metrics", answerMetrics(std::move(metrics)));
  return router;
}

}  // namespace tenon::host
