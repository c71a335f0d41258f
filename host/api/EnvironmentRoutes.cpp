// What the node's owner sets for a service.
#include "host/api/AgentApi.h"

namespace tenon::host {

namespace {

JsonObject toJson(const NodeEnvironment& environment) {
  JsonObject set;
  for (const auto& [name, value] : environment.set) set.set(name, value);
  JsonArray undeclared;
  for (const auto& name : environment.undeclared) undeclared.add(name);
  return JsonObject().set("environment", set).set("undeclared", undeclared);
}

Result<EnvironmentChanges> changesIn(const Json& body) {
  EnvironmentChanges changes;
  if (const auto set = body.find("set")) {
    TENON_TRY(const auto members, set->members());
    for (const auto& [name, value] : members) {
      TENON_TRY(changes[name], value.string());
    }
  }
  if (const auto unset = body.find("unset")) {
    TENON_TRY(const auto names, unset->strings());
    for (const auto& name : names) changes[name] = std::nullopt;
  }
  return changes;
}

}  // namespace

void AgentApi::addEnvironmentRoutes(Router& router) {
  const auto answer = [this](const ServiceId& service, HttpReply& reply) -> Result<void> {
    TENON_TRY(const auto environment, with_.services.environment(service));
    reply.json(200, toJson(environment).text());
    return {};
  };
  router.add("GET", "/v1/services/{id}/environment", [answer](HttpRequest& request, HttpReply& reply) {
    const auto id = ServiceId::parse(request.pathParameter("id"));
    const auto done = id ? answer(*id, reply) : Result<void>(id.error());
    if (!done) reply.problem(done.error());
  });
  router.add("POST", "/v1/services/{id}/environment", [this, answer](HttpRequest& request, HttpReply& reply) {
    const auto done = [&]() -> Result<void> {
      TENON_TRY(const auto id, ServiceId::parse(request.pathParameter("id")));
      TENON_TRY(const Json body, readBody(request));
      TENON_TRY(const auto changes, changesIn(body));
      TENON_CHECK(with_.services.setEnvironment(id, changes));
      return answer(id, reply);
    }();
    if (!done) reply.problem(done.error());
  });
}

}  // namespace tenon::host
