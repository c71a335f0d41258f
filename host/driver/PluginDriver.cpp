#include "host/driver/PluginDriver.h"

#include <utility>

#include "host/adapter/PluginCall.h"
#include "host/base/Limits.h"

namespace tenon::host {

namespace {

// What a plugin's general codes mean when it is a driver that speaks. `platform`: the variant of service.json in question.
Error asDriverError(const Error& error, const std::string& title, const std::string& platform) {
  ErrorCode code = error.code();
  if (code == ErrorCode::Usage || code == ErrorCode::PlatformUnsupported) code = ErrorCode::PlanInvalid;
  if (code == ErrorCode::Internal) code = ErrorCode::DriverCrashed;
  std::string field = error.field();
  if (!platform.empty() && (field == "entrypoint" || field.starts_with("exec")))
    field = "platforms." + platform + "." + field;
  const bool named = error.message().find(title) != std::string::npos;
  return Error(code, named ? error.message() : title + ": " + error.message())
      .withHint(error.hint())
      .withField(std::move(field));
}

template <class Pairs>
JsonObject objectOf(const Pairs& pairs) {
  JsonObject object;
  for (const auto& [key, value] : pairs) object.set(key, value);
  return object;
}

}  // namespace

std::string fingerprintRequestDocument(const std::vector<std::string>& platforms, const std::string& searchPath) {
  return JsonObject()
      .set("schema", "tenon.fingerprint-request/1")
      .set("platforms", platforms)
      .set("search_path", searchPath)
      .text();
}

Result<Fingerprint> fingerprintOf(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text, {.bytes = limits::kPluginDocumentBytes}));
  TENON_TRY(const auto schema, document.stringOr("schema", ""));
  if (schema != "tenon.fingerprint/1") return document.wrong("expected schema \"tenon.fingerprint/1\"");
  Fingerprint fingerprint;
  TENON_TRY(const auto health, document.member("health"));
  TENON_TRY(const auto healthText, health.string());
  if (healthText == "healthy")
    fingerprint.health = Fingerprint::Health::Healthy;
  else if (healthText == "unhealthy")
    fingerprint.health = Fingerprint::Health::Unhealthy;
  else if (healthText != "undetected")
    return health.wrong("expected \"healthy\", \"undetected\" or \"unhealthy\"");
  TENON_TRY(fingerprint.why, document.stringOr("why", ""));
  if (const auto attributes = document.find("attributes")) {
    TENON_TRY(const auto members, attributes->members());
    for (const auto& [key, value] : members) {
      TENON_TRY(fingerprint.attributes[key], value.string());
    }
  }
  return fingerprint;
}

std::string planRequestDocument(const PlanRequest& request, const Fingerprint& fingerprint) {
  JsonObject document;
  document.set("schema", "tenon.plan-request/1")
      .set("service_id", request.release.service.text())
      .set("version", request.release.version.text())
      .set("platform", request.release.platform.text())
      .set("package_dir", request.packageDir.text())
      .set("exec", request.exec);
  if (!request.entrypoint.empty()) document.set("entrypoint", request.entrypoint);
  if (request.memoryMb) document.set("memory_mb", *request.memoryMb);
  return document.set("env", objectOf(request.env))
      .set("isolation", name(request.isolation))
      .set("fingerprint", objectOf(fingerprint.attributes))
      .set("policy", JsonObject().set("system_runtime", request.systemRuntime))
      .text();
}

Result<Fingerprint> PluginDriver::fingerprint() {
  const std::string request = fingerprintRequestDocument(platforms_, searchPath_);
  PluginCall call(title());
  TENON_TRY(const auto code, calls_->fingerprint(request, call.sink()));
  auto answer = call.document(code);
  if (!answer) return asDriverError(answer.error(), title(), "");
  auto found = fingerprintOf(*answer);
  if (!found)
    return Error(ErrorCode::DriverCrashed, title() + ": its fingerprint cannot be read: " + found.error().message());
  return found;
}

Result<LaunchPlan> PluginDriver::plan(const PlanRequest& request, const Fingerprint& fingerprint) {
  const std::string document = planRequestDocument(request, fingerprint);
  if (document.size() > limits::kPluginDocumentBytes) {
    return Error(ErrorCode::LimitExceeded,
                 "the exec block of " + request.release.text() + " is larger than a driver reads (1 MiB)");
  }
  PluginCall call(title());
  TENON_TRY(const auto code, calls_->plan(document, call.sink()));
  auto answer = call.document(code);
  const std::string platform = request.release.platform.text();
  if (!answer) return asDriverError(answer.error(), title(), platform);
  auto plan = LaunchPlan::parse(*answer);
  if (!plan) return asDriverError(plan.error(), title(), "");
  plan->driver = manifest_.name;
  plan->driverVersion = manifest_.version;
  return plan;
}

}  // namespace tenon::host
