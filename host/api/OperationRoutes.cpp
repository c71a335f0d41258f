// POST /v1/services/{id}/{install|upgrade|activate|rollback|start|stop|restart}, DELETE /v1/services/{id}: each a change.
// And at once: POST /v1/services/{id}/{signal|freeze|thaw}, POST /v1/node/renew.
#include "host/api/AgentApi.h"

namespace tenon::host {

namespace {

Result<InstallOptions> installOptions(const Json& body) {
  InstallOptions options;
  TENON_TRY(options.force, body.booleanOr("force", false));
  TENON_TRY(options.allowDowngrade, body.booleanOr("allow_downgrade", false));
  TENON_TRY(options.activate, body.booleanOr("activate", true));
  TENON_TRY(auto bundle, absolutePath(body, "bundle"));
  if (!bundle.empty()) options.bundle = std::move(bundle);
  return options;
}

Result<ReleaseSpec> releaseSpec(const ServiceId& service, const Json& body) {
  ReleaseSpec spec{service, std::nullopt};
  TENON_TRY(const std::string version, body.stringOr("version", ""));
  if (!version.empty()) {
    TENON_TRY(auto parsed, SemVer::parse(version));
    spec.version = std::move(parsed);
  }
  return spec;
}

}  // namespace

void AgentApi::addOperationRoutes(Router& router) {
  router.add("POST", "/v1/services/{id}/install", [this](auto& request, auto& reply) {
    answerChange(request, reply, "install", [this](const ServiceId& service, const Json& body) -> Result<Work> {
      TENON_TRY(auto spec, releaseSpec(service, body));
      TENON_TRY(const auto options, installOptions(body));
      return Work([this, spec, options](ChangeRecorder& change) { with_.packages.install(change, spec, options); });
    });
  });
  router.add("POST", "/v1/services/{id}/upgrade", [this](auto& request, auto& reply) {
    answerChange(request, reply, "upgrade", [this](const ServiceId& service, const Json& body) -> Result<Work> {
      TENON_TRY(const auto options, installOptions(body));
      return Work([this, service, options](ChangeRecorder& change) { with_.packages.upgrade(change, service, options); });
    });
  });
  router.add("POST", "/v1/services/{id}/activate", [this](auto& request, auto& reply) {
    answerChange(request, reply, "activate", [this](const ServiceId& service, const Json& body) -> Result<Work> {
      TENON_TRY(auto spec, releaseSpec(service, body));
      return Work([this, spec](ChangeRecorder& change) { with_.packages.activate(change, spec); });
    });
  });
  router.add("POST", "/v1/services/{id}/rollback", [this](auto& request, auto& reply) {
    answerChange(request, reply, "rollback", [this](const ServiceId& service, const Json&) -> Result<Work> {
      return Work([this, service](ChangeRecorder& change) { with_.packages.rollback(change, service); });
    });
  });
  using Operation = void (ServiceLife::*)(ChangeRecorder&, const ServiceId&);
  const std::pair<const char*, Operation> operations[] = {
      {"start", &ServiceLife::start}, {"stop", &ServiceLife::stop}, {"restart", &ServiceLife::restart}};
  for (const auto& [verb, operation] : operations) {
    router.add(
        "POST", std::string("/v1/services/{id}/") + verb,
        [this, verb = verb, operation = operation](auto& request, auto& reply) {
          answerChange(request, reply, verb, [this, operation](const ServiceId& service, const Json&) -> Result<Work> {
            return Work(
                [this, operation, service](ChangeRecorder& change) { (with_.services.*operation)(change, service); });
          });
        });
  }
  router.add("DELETE", "/v1/services/{id}", [this](auto& request, auto& reply) {
    const bool purge = request.query("purge") == "true";
    answerChange(request, reply, "remove", [this, purge](const ServiceId& service, const Json&) -> Result<Work> {
      return Work(
          [this, service, purge](ChangeRecorder& change) { with_.services.remove(change, service, {.purge = purge}); });
    });
  });
}

}  // namespace tenon::host
