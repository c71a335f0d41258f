#include "host/driver/InProcessDriver.h"

#include <cstddef>
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

JsonObject objectOf(const std::map<std::string, std::string>& attributes) {
  JsonObject object;
  for (const auto& [key, value] : attributes) object.set(key, value);
  return object;
}

Result<Fingerprint> readFingerprint(std::string_view text) {
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

std::string planRequest(const PlanRequest& request, const Fingerprint& fingerprint) {
  JsonObject document;
  document.set("schema", "tenon.plan-request/1")
      .set("service_id", request.release.service.text())
      .set("version", request.release.version.text())
      .set("platform", request.release.platform.text())
      .set("package_dir", request.packageDir.text())
      .set("exec", request.exec);
  if (!request.entrypoint.empty()) document.set("entrypoint", request.entrypoint);
  if (request.memoryMb) document.set("memory_mb", *request.memoryMb);
  return document.set("fingerprint", objectOf(fingerprint.attributes))
      .set("policy", JsonObject().set("system_runtime", request.systemRuntime))
      .text();
}

}  // namespace

Result<std::unique_ptr<Driver>> InProcessDriver::open(const Plugin& plugin, std::vector<std::string> platforms,
                                                      std::string searchPath) {
  const std::string title = "driver " + plugin.manifest.name + " " + plugin.manifest.version;
  void* self = nullptr;
  if (const auto code = plugin.entry->open(plugin.host, &self); code != TENON_OK) {
    return Error(ErrorCode::DriverCrashed, title + " does not open: it answered code " + std::to_string(code));
  }
  const auto* table = static_cast<const tenon_driver*>(plugin.entry->extension(self, TENON_EXT_DRIVER));
  constexpr std::size_t needed = offsetof(tenon_driver, plan) + sizeof(tenon_driver::plan);
  if (!table || table->struct_size < needed || !table->fingerprint || !table->plan) {
    plugin.entry->close(self);
    return Error(ErrorCode::DriverIncompatible,
                 title + " says that it is a runtime driver, and its library offers no " + std::string(TENON_EXT_DRIVER));
  }
  return std::unique_ptr<Driver>(new InProcessDriver(plugin, self, *table, std::move(platforms), std::move(searchPath)));
}

InProcessDriver::InProcessDriver(const Plugin& plugin, void* self, const tenon_driver& table,
                                 std::vector<std::string> platforms, std::string searchPath)
    : manifest_(plugin.manifest),
      entry_(*plugin.entry),
      self_(self),
      table_(table),
      platforms_(std::move(platforms)),
      searchPath_(std::move(searchPath)) {}

InProcessDriver::~InProcessDriver() { entry_.close(self_); }

Result<Fingerprint> InProcessDriver::fingerprint() {
  const std::string request = JsonObject()
                                  .set("schema", "tenon.fingerprint-request/1")
                                  .set("platforms", platforms_)
                                  .set("search_path", searchPath_)
                                  .text();
  PluginCall call(title());
  auto answer = call.document(table_.fingerprint(self_, toPlugin(request), call.sink()));
  if (!answer) return asDriverError(answer.error(), title(), "");
  auto found = readFingerprint(*answer);
  if (!found)
    return Error(ErrorCode::DriverCrashed, title() + ": its fingerprint cannot be read: " + found.error().message());
  return found;
}

Result<LaunchPlan> InProcessDriver::plan(const PlanRequest& request, const Fingerprint& fingerprint) {
  const std::string document = planRequest(request, fingerprint);
  if (document.size() > limits::kPluginDocumentBytes) {
    return Error(ErrorCode::LimitExceeded,
                 "the exec block of " + request.release.text() + " is larger than a driver reads (1 MiB)");
  }
  PluginCall call(title());
  auto answer = call.document(table_.plan(self_, toPlugin(document), call.sink()));
  const std::string platform = request.release.platform.text();
  if (!answer) return asDriverError(answer.error(), title(), platform);
  auto plan = LaunchPlan::parse(*answer);
  if (!plan) return asDriverError(plan.error(), title(), "");
  plan->driver = manifest_.name;
  plan->driverVersion = manifest_.version;
  return plan;
}

}  // namespace tenon::host
