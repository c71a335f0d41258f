#include "host/conformance/requests/Requests.h"

#include "host/conformance/requests/Parsed.h"
#include "host/driver/PluginDriver.h"
#include "host/driver/ServiceFolder.h"

namespace tenon::host {

namespace {

Result<PlanCase> ofService(PlatformAdapter& adapter, const Path& folder, const Fingerprint& fingerprint) {
  TENON_TRY(const auto service, ServiceFolder::read(adapter.files(), folder, adapter.facts().platforms));
  return PlanCase{"service " + service.manifest.service.text(), planRequestDocument(service.request(), fingerprint)};
}

Result<PlanCase> ofType(const PlatformAdapter& adapter, const std::string& type, const Path& package,
                        const Fingerprint& fingerprint) {
  TENON_TRY(const auto service, ServiceId::parse("conformance"));
  TENON_TRY(const auto version, SemVer::parse("1.0.0"));
  TENON_TRY(const auto platform, PlatformId::parse(adapter.facts().platforms.front()));
  TENON_TRY(const auto exec, Json::parse(JsonObject().set("type", type).text()));
  const PlanRequest request{.release = {service, version, platform},
                            .packageDir = package,
                            .exec = exec,
                            .entrypoint = "",
                            .memoryMb = std::nullopt,
                            .platforms = adapter.facts().platforms};
  return PlanCase{"exec type " + type, planRequestDocument(request, fingerprint)};
}

}  // namespace

Result<std::vector<PlanCase>> planCases(PlatformAdapter& adapter, const RequestSources& from, const PluginManifest& manifest,
                                        const Fingerprint& fingerprint) {
  std::vector<PlanCase> cases;
  for (const auto& vector : from.golden) cases.push_back({"golden " + vector.name, vector.request});
  if (!from.service.empty()) {
    TENON_TRY(auto service, ofService(adapter, from.service, fingerprint));
    cases.push_back(std::move(service));
  }
  for (const auto& type : manifest.provides) {
    TENON_TRY(auto minimal, ofType(adapter, type, from.emptyPackage, fingerprint));
    cases.push_back(std::move(minimal));
  }
  return cases;
}

std::string execTypeOf(std::string_view request) {
  const json::Value document = parsed(request);
  const json::Value* exec = document.find("exec");
  const json::Value* type = exec ? exec->find("type") : nullptr;
  return type && type->string() ? *type->string() : "";
}

std::string withExecType(std::string_view request, std::string_view type) {
  json::Value document = parsed(request);
  const json::Value* exec = document.find("exec");
  json::Value changed = exec ? *exec : json::Value::object();
  changed.set("type", type);
  return document.set("exec", std::move(changed)).text();
}

std::string withUnknownMember(std::string_view request, bool insisting) {
  json::Value document = parsed(request);
  document.set(kUnknownMember, json::Value::object().set("any", json::Value::array().push(1).push("two")));
  if (!insisting) return document.text();
  const json::Value* earlier = document.find("must_understand");
  json::Value names = earlier && earlier->items() ? *earlier : json::Value::array();
  names.push(kUnknownMember);
  return document.set("must_understand", std::move(names)).text();
}

}  // namespace tenon::host
