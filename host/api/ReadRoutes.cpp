// What can be read: services, changes, plans, drivers, events, the node itself.
#include "host/api/AgentApi.h"
#include "host/api/OpenApi.h"
#include "host/base/Text.h"
#include "host/contract/Change.h"

namespace tenon::host {

namespace {

constexpr std::size_t kMostRows = 1000;

JsonObject toJson(const DriverInfo& driver) {
  JsonObject object;
  object.set("name", driver.name).set("version", driver.version).set("provides", driver.provides);
  object.set("state", driver.state).set("why", driver.why).set("hosting", driver.hosting).set("path", driver.path);
  return object.set("signed_by", driver.signedBy);
}

JsonObject toJson(const IsolationFacts& isolation, Isolation least) {
  JsonObject object;
  object.set("user", isolation.user()).set("user_why", isolation.userWhy);
  object.set("files", isolation.files()).set("files_why", isolation.filesWhy);
  return object.set("least", name(least));
}

JsonArray toJson(const std::vector<DriverInfo>& drivers) {
  JsonArray rows;
  for (const auto& driver : drivers) rows.add(toJson(driver));
  return rows;
}

JsonObject toJson(const ProcessStats& usage) {
  JsonObject object;
  object.set("cpu_ms", usage.cpuMicros / 1000).set("memory_bytes", usage.residentBytes);
  if (usage.peakBytes > 0) object.set("memory_peak_bytes", usage.peakBytes);
  object.set("read_bytes", usage.readBytes).set("written_bytes", usage.writtenBytes);
  return object.set("processes", usage.processes);
}

// [origin]: service_id, version, platform, state, port, started_at, resources_hint.
JsonObject reportOf(const RegisteredService& service) {
  JsonObject object;
  object.set("service_id", service.service.text());
  object.set("version", service.current ? service.current->release.version.text() : "");
  object.set("platform", service.current ? service.current->release.platform.text() : "");
  object.set("state", service.observed.state).set("port", static_cast<std::int64_t>(service.observed.port));
  object.set("started_at", service.observed.startedAt);
  const auto hint = Json::parse(service.resourcesHint.empty() ? "{}" : service.resourcesHint);
  if (hint) object.set("resources_hint", *hint);
  return object;
}

}  // namespace

void AgentApi::addServiceRoutes(Router& router) {
  router.add("GET", "/v1/services", [this](HttpRequest&, HttpReply& reply) {
    JsonArray rows;
    for (const auto& service : with_.life.registry.all()) rows.add(service.toJson());
    reply.json(200, JsonObject().set("services", rows).text());
  });
  router.add("GET", "/v1/services/{id}", [this](HttpRequest& request, HttpReply& reply) {
    const auto id = ServiceId::parse(request.pathParameter("id"));
    if (!id) return reply.problem(id.error());
    const auto service = with_.life.registry.find(*id);
    if (!service)
      return reply.problem(
          Error{ErrorCode::NotFound, id->text() + " is not installed"}.withHint("tenon install " + id->text()));
    JsonObject answer = service->toJson();
    if (const auto usage = with_.life.runtime.usage(*id)) answer.set("usage", toJson(*usage));
    reply.json(200, answer.text());
  });
  router.add("GET", "/v1/report", [this](HttpRequest&, HttpReply& reply) {
    JsonArray rows;
    for (const auto& service : with_.life.registry.all()) rows.add(reportOf(service));
    reply.json(200, JsonObject().set("services", rows).text());
  });
}

void AgentApi::addChangeRoutes(Router& router) {
  router.add("GET", "/v1/changes", [this](HttpRequest& request, HttpReply& reply) {
    const std::size_t most = std::min<std::size_t>(wholeNumber(request.query("limit")).value_or(20), kMostRows);
    JsonArray rows;
    for (const auto& change : with_.changes.latest(most)) rows.add(change.toJson());
    reply.json(200, JsonObject().set("changes", rows).text());
  });
  router.add("GET", "/v1/changes/{n}", [this](HttpRequest& request, HttpReply& reply) {
    const auto n = wholeNumber(request.pathParameter("n"));
    const auto change = n ? with_.changes.read(*n) : Error{ErrorCode::NotFound, "no change has that number"};
    if (!change) return reply.problem(change.error());
    reply.json(200, change->toJson().text());
  });
  router.add("POST", "/v1/changes/{n}/abort", [this](HttpRequest& request, HttpReply& reply) {
    const auto n = wholeNumber(request.pathParameter("n"));
    const auto aborted = n ? with_.changes.abort(*n) : Error{ErrorCode::NotFound, "no change has that number"};
    if (!aborted) return reply.problem(aborted.error());
    reply.empty(204);
  });
}

void AgentApi::addNodeRoutes(Router& router) {
  router.add("GET", "/v1/plan", [this](HttpRequest& request, HttpReply& reply) {
    const std::string version = request.query("version");
    const auto spec = ReleaseSpec::parse(request.query("service_id") + (version.empty() ? "" : "@" + version));
    if (!spec) return reply.problem(spec.error());
    const auto preview = previewInstall(with_.life, *spec);
    if (!preview) return reply.problem(preview.error());
    reply.json(200, preview->toJson().text());
  });
  router.add("GET", "/v1/drivers", [this](HttpRequest&, HttpReply& reply) {
    JsonObject answer;
    answer.set("drivers", toJson(with_.life.drivers.list())).set("adapters", toJson(with_.facts.adapters));
    reply.json(200, answer.text());
  });
  router.add("GET", "/v1/node", [this](HttpRequest&, HttpReply& reply) {
    const auto& platform = with_.facts.platform;
    JsonObject answer;
    answer.set("version", with_.facts.version)
        .set("started_at", with_.facts.startedAt)
        .set("renew_fault", with_.facts.renewFault)
        .set("hub", with_.facts.hub);
    const auto trust = with_.life.trust.status();
    answer.set("trust_mode", trust.byRoot ? "root" : "keys");
    if (trust.root) answer.set("root_version", trust.root->version);
    if (trust.fault) answer.set("trust_fault", tenon::host::toJson(*trust.fault));
    answer.set("platforms", platform.platforms).set("containment", platform.containment);
    answer.set("isolation", toJson(platform.isolation, with_.life.isolation.least()));
    answer.set("containment_why", platform.containmentWhy).set("developer_plugins", with_.facts.developerPlugins);
    reply.json(200, answer.text());
  });
  router.add("GET", "/v1/config", [this](HttpRequest&, HttpReply& reply) {
    reply.json(200, JsonObject().set("settings", with_.facts.settings).text());
  });
  router.add("GET", "/openapi.json", [](HttpRequest&, HttpReply& reply) { reply.json(200, kOpenApi); });
  for (const char* path : {"/health/live", "/health/ready"}) {
    router.add("GET", path, [](HttpRequest&, HttpReply& reply) { reply.json(200, R"({"status":"OK"})"); });
  }
}

}  // namespace tenon::host
