#include "host/contract/service/ServiceManifest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "host/contract/JsonValues.h"
#include "host/contract/release/PackagePath.h"
#include "host/contract/service/FlatForm.h"

namespace tenon::host {
namespace {

constexpr std::int64_t kHourMs = 3'600'000, kDayMs = 24 * kHourMs;
constexpr std::int64_t kMaxRestarts = 1'000'000;
constexpr std::int64_t kMinLogBytes = 64 * 1024, kMaxLogBytes = std::int64_t{1} << 40;
constexpr std::int64_t kMaxLogArchives = 1000;

constexpr Choices<HealthCheck::Type, 4> kHealthTypes{{{"http", HealthCheck::Type::Http},
                                                      {"tcp", HealthCheck::Type::Tcp},
                                                      {"exec", HealthCheck::Type::Exec},
                                                      {"none", HealthCheck::Type::None}}};
constexpr Choices<RestartPolicy::When, 3> kRestartPolicies{{{"always", RestartPolicy::When::Always},
                                                            {"on-failure", RestartPolicy::When::OnFailure},
                                                            {"never", RestartPolicy::When::Never}}};
constexpr Choices<UpgradePolicy::Strategy, 2> kStrategies{
    {{"cold", UpgradePolicy::Strategy::Cold}, {"warm", UpgradePolicy::Strategy::Warm}}};
constexpr Choices<Isolation, 3> kIsolations{
    {{"none", Isolation::None}, {"standard", Isolation::Standard}, {"strict", Isolation::Strict}}};
// What a platform adapter can send to ask for an end.
constexpr Choices<int, 8> kSignals{
    {{"TERM", 0}, {"INT", 1}, {"QUIT", 2}, {"HUP", 3}, {"USR1", 4}, {"USR2", 5}, {"WINCH", 6}, {"KILL", 7}}};
constexpr Choices<int, 4> kVariableTypes{{{"string", 0}, {"integer", 1}, {"number", 2}, {"boolean", 3}}};

// What must_understand may name: what is read below, or means nothing to a host.
constexpr std::array<std::string_view, 18> kManifestMembers{
    "endpoint",  "$schema",      "service_id", "version", "name",      "description",
    "platforms", "health_check", "env_schema", "env",     "restart",   "stop",
    "upgrade",   "requires",     "logs",       "models",  "isolation", "must_understand"};

Result<Millis> millisOr(const Json& object, std::string_view key, Millis otherwise, std::int64_t least, std::int64_t most) {
  TENON_TRY(const auto value, object.integerOr(key, otherwise.count(), least, most));
  return Millis(value);
}

template <class E, std::size_t N>
Result<E> choiceOr(const Json& object, std::string_view key, const Choices<E, N>& choices, E otherwise) {
  const auto value = object.find(key);
  if (!value) return otherwise;
  return choiceOf(*value, choices);
}

Result<void> readExpected(const Json& value, HealthCheck& health) {
  constexpr std::int64_t kLeast = 100, kMost = 599;
  if (!value.isArray()) {
    TENON_TRY(const auto status, value.integer(kLeast, kMost));
    health.expectFrom = health.expectTo = static_cast<int>(status);
    return {};
  }
  TENON_TRY(const auto range, value.array());
  if (range.size() != 2) return value.wrong("expected one status or [from, to]");
  TENON_TRY(const auto from, range[0].integer(kLeast, kMost));
  TENON_TRY(const auto to, range[1].integer(kLeast, kMost));
  if (from > to) return value.wrong("the first status is greater than the second");
  health.expectFrom = static_cast<int>(from);
  health.expectTo = static_cast<int>(to);
  return {};
}

Result<std::string> readUrlPath(const Json& value) {
  TENON_TRY(std::string path, value.string());
  const bool printable = std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!path.starts_with('/') || !printable) return value.wrong("expected a path that begins with '/', without spaces");
  return path;
}

Result<void> readLiveEndpoint(const Json& object, HealthCheck& health) {
  const auto value = object.find("live_endpoint");
  if (!value) return {};
  if (health.type != HealthCheck::Type::Http) return value->wrong("only a health check of type http has one");
  return readUrlPath(*value).map([&](std::string path) { health.liveEndpoint = std::move(path); });
}

Result<void> readEndpoint(const Json& object, HealthCheck& health) {
  const auto value = object.find("endpoint");
  if (!value) {
    if (health.type == HealthCheck::Type::Exec)
      return object.wrong("\"endpoint\" is missing: the program in the package to run");
    return {};
  }
  if (health.type == HealthCheck::Type::Http) {
    return readUrlPath(*value).map([&](std::string path) { health.endpoint = std::move(path); });
  }
  TENON_TRY(health.endpoint, value->string());
  if (health.type == HealthCheck::Type::Exec) {
    if (const auto safe = checkPackagePath(health.endpoint); !safe) return value->wrong(safe.error().message());
  }
  return {};
}

Result<HealthCheck> readHealth(const Json& value) {
  if (!value.isObject()) return value.wrong("expected an object");
  HealthCheck health;
  TENON_TRY(health.type, choiceOr(value, "type", kHealthTypes, health.type));
  TENON_CHECK(readEndpoint(value, health));
  TENON_CHECK(readLiveEndpoint(value, health));
  if (const auto expected = value.find("expect")) TENON_CHECK(readExpected(*expected, health));
  TENON_TRY(health.timeout, millisOr(value, "timeout_ms", health.timeout, 1, kHourMs));
  TENON_TRY(health.startupGrace, millisOr(value, "startup_grace_ms", health.startupGrace, 1, kDayMs));
  TENON_TRY(health.interval, millisOr(value, "interval_ms", health.interval, 1, kDayMs));
  TENON_TRY(const auto failures, value.integerOr("unhealthy_after", health.unhealthyAfter, 1, 1000));
  health.unhealthyAfter = static_cast<int>(failures);
  return health;
}

Result<RestartPolicy> readRestart(const Json& value) {
  if (!value.isObject()) return value.wrong("expected an object");
  RestartPolicy restart;
  TENON_TRY(restart.when, choiceOr(value, "policy", kRestartPolicies, restart.when));
  TENON_TRY(restart.backoff, millisOr(value, "backoff_ms", restart.backoff, 1, kHourMs));
  TENON_TRY(restart.backoffMax, millisOr(value, "backoff_max_ms", std::max(restart.backoffMax, restart.backoff), 1, kDayMs));
  if (restart.backoffMax < restart.backoff) return value.wrong("backoff_max_ms is less than backoff_ms");
  TENON_TRY(const auto most, value.integerOr("max_restarts", 0, 0, kMaxRestarts));
  restart.maxRestarts = static_cast<int>(most);
  TENON_TRY(restart.window, millisOr(value, "window_ms", restart.window, 1, kDayMs));
  return restart;
}

Result<StopPolicy> readStop(const Json& value) {
  if (!value.isObject()) return value.wrong("expected an object");
  StopPolicy stop;
  if (const auto signal = value.find("signal")) {
    TENON_TRY(const int which, choiceOf(*signal, kSignals));
    stop.signal = nameOf(which, kSignals);
  }
  TENON_TRY(stop.grace, millisOr(value, "grace_ms", stop.grace, 0, kHourMs));
  return stop;
}

Result<UpgradePolicy> readUpgrade(const Json& value) {
  if (!value.isObject()) return value.wrong("expected an object");
  UpgradePolicy upgrade;
  TENON_TRY(upgrade.strategy, choiceOr(value, "strategy", kStrategies, upgrade.strategy));
  TENON_TRY(upgrade.probation, millisOr(value, "probation_ms", upgrade.probation, 0, kDayMs));
  TENON_TRY(upgrade.drain, millisOr(value, "drain_ms", upgrade.drain, 0, kDayMs));
  return upgrade;
}

Result<LogPolicy> readLogs(const Json& value) {
  if (!value.isObject()) return value.wrong("expected an object");
  TENON_TRY(const auto bytes, value.integerOr("max_bytes", limits::kServiceLogBytes, kMinLogBytes, kMaxLogBytes));
  TENON_TRY(const auto archives, value.integerOr("archives", limits::kLogArchives, 1, kMaxLogArchives));
  return LogPolicy{static_cast<std::uint64_t>(bytes), static_cast<std::uint32_t>(archives)};
}

Result<EnvironmentVariable> readVariable(const Json& value) {
  if (!value.isObject()) return value.wrong("expected an object: {\"type\", \"default\", \"required\"}");
  EnvironmentVariable variable;
  if (const auto type = value.find("type")) {
    TENON_TRY(const int which, choiceOf(*type, kVariableTypes));
    variable.type = nameOf(which, kVariableTypes);
  }
  TENON_TRY(variable.required, value.booleanOr("required", false));
  const auto otherwise = value.find("default");
  if (!isPresent(otherwise)) return variable;
  const auto kind = otherwise->kind();
  if (kind == Json::Kind::String) {
    TENON_TRY(variable.otherwise, otherwise->string());
  } else if (kind == Json::Kind::Integer || kind == Json::Kind::Real || kind == Json::Kind::Boolean) {
    variable.otherwise = otherwise->text();  // as the author wrote it
  } else {
    return otherwise->wrong("expected a string, a number or a boolean");
  }
  return variable;
}

Result<std::map<std::string, EnvironmentVariable>> readEnvSchema(const Json& value) {
  TENON_TRY(const auto members, value.members());
  if (members.size() > limits::kEnvironmentEntries) return value.wrong("more variables than a service may have");
  std::map<std::string, EnvironmentVariable> schema;
  for (const auto& [name, entry] : members) {
    if (!isEnvironmentName(name)) return entry.wrong("a variable's name is made of letters, digits and '_'");
    TENON_TRY(schema[name], readVariable(entry));
  }
  return schema;
}

Result<std::vector<ServiceDependency>> readRequires(const Json& value) {
  TENON_TRY(const auto items, value.array());
  std::vector<ServiceDependency> all;
  for (const auto& item : items) {
    TENON_TRY(auto service, memberAs<ServiceId>(item, "service"));
    auto version = SemVerRange::parse("*");
    if (item.find("version")) version = memberAs<SemVerRange>(item, "version");
    if (!version) return std::move(version).error();
    all.push_back({std::move(service), *std::move(version)});
  }
  return all;
}

using Faults = std::vector<Error>;

template <class T, class U>
void take(Result<T> read, U& into, Faults& faults) {
  if (read) {
    into = *std::move(read);
  } else {
    faults.push_back(std::move(read).error());
  }
}

Result<PlatformVariant> readPlatform(const std::string& name, const Json& value) {
  if (const auto id = PlatformId::parse(name); !id) return value.wrong(id.error().message()).withHint(id.error().hint());
  return PlatformVariant::parse(value);
}

// A fault for each.
void readPlatforms(const Json& value, std::map<std::string, PlatformVariant>& platforms, Faults& faults) {
  const auto members = value.members();
  if (!members || members->empty()) {
    return faults.push_back(members ? value.wrong("no platform is named") : members.error());
  }
  for (const auto& [name, block] : *members) {
    std::optional<PlatformVariant> variant;
    take(readPlatform(name, block), variant, faults);
    if (variant) platforms.emplace(name, *std::move(variant));
  }
}

// Faults that concern the document as a whole.
Result<void> checkForm(const Json& document) {
  if (!document.isObject()) return document.wrong("expected an object");
  if (const auto instance = document.find("instance_id")) {
    return instance->wrong("this member is reserved: a service has one instance for now");
  }
  const auto needed = document.find("must_understand");
  if (!needed) return {};
  TENON_TRY(const auto names, needed->array());
  for (const auto& each : names) {
    TENON_TRY(const auto name, each.string());
    if (std::find(kManifestMembers.begin(), kManifestMembers.end(), name) == kManifestMembers.end()) {
      return each.wrong("the package needs \"" + shownName(name) + "\", which this tenon does not know")
          .withHint("upgrade tenon");
    }
  }
  return {};
}

Result<ServiceId> readServiceId(const Json& document) {
  TENON_TRY(auto service, memberAs<ServiceId>(document, "service_id"));
  if (!service.text().starts_with("tenon.")) return service;
  TENON_TRY(const auto id, document.member("service_id"));
  return id.wrong("ids that begin with \"tenon.\" are the host's own");
}

// Two releases cannot listen at once where one port is all there is.
void refuseFixedPorts(const Json& document, const ServiceManifest& manifest, Faults& faults) {
  for (const auto& [platform, variant] : manifest.platforms) {
    if (!variant.fixedPort) continue;
    const auto member = document.innermost("platforms." + platform + ".fixed_port");
    return faults.push_back(member.wrong("a service of one fixed port cannot be upgraded warm"));
  }
}

void readMembers(const Json& document, ServiceManifest& manifest, Faults& faults) {
  const auto needed = [&](std::string_view key, auto& into, auto read) {
    const auto value = document.member(key);
    if (!value) return faults.push_back(value.error());
    take(read(*value), into, faults);
  };
  const auto optional = [&](std::string_view key, auto& into, auto read) {
    if (const auto value = document.find(key)) take(read(*value), into, faults);
  };
  optional("name", manifest.name, [](const Json& value) { return value.string(); });
  if (const auto platforms = document.member("platforms")) {
    readPlatforms(*platforms, manifest.platforms, faults);
  } else {
    faults.push_back(platforms.error());
  }
  needed("health_check", manifest.health, readHealth);
  needed("env_schema", manifest.envSchema, readEnvSchema);
  optional("env", manifest.env, parseEnvironment);
  optional("restart", manifest.restart, readRestart);
  optional("stop", manifest.stop, readStop);
  optional("upgrade", manifest.upgrade, readUpgrade);
  if (manifest.upgrade.strategy == UpgradePolicy::Strategy::Warm) refuseFixedPorts(document, manifest, faults);
  optional("endpoint", manifest.endpoint, EndpointPolicy::parse);
  optional("requires", manifest.requires_, readRequires);
  optional("models", manifest.models, parseModels);
  optional("isolation", manifest.isolation, [](const Json& value) { return choiceOf(value, kIsolations); });
  optional("logs", manifest.logs, readLogs);
}

Result<Json> parseEitherForm(std::string_view text) {
  TENON_TRY(auto document, Json::parse(text, {.bytes = limits::kServiceJsonBytes}));
  if (!isFlatForm(document)) return document;
  TENON_TRY(const auto converted, platformFormOf(document));
  return Json::parse(converted);
}

// Goes on past what is wrong, to find the rest: a manifest that is returned beside faults is not whole, and nobody's.
std::optional<ServiceManifest> readManifest(std::string_view text, Faults& faults) {
  const auto document = parseEitherForm(text);
  const auto form = document ? checkForm(*document) : Result<void>(document.error());
  if (!form) {
    faults.push_back(form.error());
    return std::nullopt;
  }
  std::optional<ServiceId> service;
  std::optional<SemVer> version;
  take(readServiceId(*document), service, faults);
  take(memberAs<SemVer>(*document, "version"), version, faults);
  ServiceManifest manifest(service ? *service : *ServiceId::parse("unread"), version ? *version : *SemVer::parse("0.0.0"));
  manifest.name = manifest.service.text();
  readMembers(*document, manifest, faults);
  return manifest;
}

}  // namespace

std::string_view name(Isolation level) { return nameOf(level, kIsolations); }

std::optional<Isolation> isolationNamed(std::string_view text) {
  for (const auto& [each, level] : kIsolations) {
    if (each == text) return level;
  }
  return std::nullopt;
}

Result<ServiceManifest> ServiceManifest::parse(std::string_view text) {
  Faults faults;
  auto manifest = readManifest(text, faults);
  if (!faults.empty()) return std::move(faults.front()).withContext("service.json");
  return *std::move(manifest);
}

std::vector<Error> ServiceManifest::faults(std::string_view text) {
  Faults faults;
  static_cast<void>(readManifest(text, faults));
  return faults;
}

Result<const PlatformVariant*> ServiceManifest::variant(const PlatformId& platform) const {
  const auto found = platforms.find(platform.text());
  if (found != platforms.end()) return &found->second;
  std::string known;
  for (const auto& [id, each] : platforms) known += (known.empty() ? "" : ", ") + id;
  return Error(ErrorCode::PlatformUnsupported, service.text() + " " + version.text() + " is not made for " + platform.text())
      .withHint("it is made for " + known);
}

Environment ServiceManifest::environmentForDrivers(const Environment& node) const {
  std::map<std::string, std::string> all;
  for (const auto& [key, variable] : envSchema) {
    if (variable.otherwise) all[key] = *variable.otherwise;
  }
  for (const auto& [key, value] : env) all[key] = value;
  for (const auto& [key, value] : node) {
    if (key.ends_with("PATH")) all[key] = value;
  }
  return {all.begin(), all.end()};
}

Result<PlatformId> ServiceManifest::platformFor(const std::vector<std::string>& node) const {
  for (const auto& text : node) {
    TENON_TRY(auto platform, PlatformId::parse(text));
    if (platforms.contains(text)) return platform;
  }
  TENON_TRY(auto best, PlatformId::parse(node.front()));
  TENON_CHECK(variant(best));
  return best;
}

}  // namespace tenon::host
