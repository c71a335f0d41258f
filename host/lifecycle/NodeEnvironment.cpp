// ServiceLife's part for what the node's owner sets for a service: variables that outlive its versions.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "host/base/Text.h"
#include "host/contract/service/ServiceNames.h"
#include "host/lifecycle/ServiceLife.h"

namespace tenon::host {

namespace {

constexpr std::size_t kNameBytes = 256;
constexpr std::size_t kToldBytes = 1000;  // of names, in the line of one event
// Of a service's all: well below what the systems let a program have (2 MiB with its arguments on Linux).
constexpr std::size_t kAllBytes = 128 * limits::KiB;

template <class Number>
std::optional<Number> readWhole(std::string_view text) {
  Number number{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed == std::errc() && end == text.data() + text.size()) return number;
  return std::nullopt;
}

bool fits(const EnvironmentVariable& variable, std::string_view value) {
  if (variable.type == "integer") return readWhole<std::int64_t>(value).has_value();
  if (variable.type == "number")
    return std::isfinite(readWhole<double>(value).value_or(std::numeric_limits<double>::infinity()));
  if (variable.type == "boolean") return value == "true" || value == "false";
  return true;
}

// Ports and folders as they might be: a text that expands with these expands at every start.
Names namesOf(const ServiceManifest& manifest, const PlatformVariant& variant) {
  return serviceNames({.service = manifest.service.text(),
                       .version = manifest.version.text(),
                       .home = "/",
                       .data = "/",
                       .port = 1,
                       .ports = variant.ports});
}

Result<void> checkValue(const ServiceManifest& manifest, const Names& names, const std::string& name,
                        const std::string& value) {
  if (names.contains(name)) {
    return Error(ErrorCode::Usage, name + " is what a service is told by the node, and nobody else's to set")
        .withField(name);
  }
  const auto declared = manifest.envSchema.find(name);
  if (declared != manifest.envSchema.end() && !fits(declared->second, value)) {
    return Error(ErrorCode::Usage, name + ": \"" + value + "\" is no " + declared->second.type + ", as " +
                                       manifest.service.text() + " " + manifest.version.text() + " wants it")
        .withField(name);
  }
  const auto expanded = expand(value, names);
  if (expanded) return {};
  return Error(ErrorCode::Usage, name + ": " + expanded.error().message())
      .withHint("a literal ${ is written $${")
      .withField(name);
}

Result<void> checkSet(const ServiceManifest& manifest, const PlatformId& platform, const Environment& set) {
  TENON_TRY(const auto* variant, manifest.variant(platform));
  const Names names = namesOf(manifest, *variant);
  for (const auto& [name, value] : set) TENON_CHECK(checkValue(manifest, names, name, value));
  return {};
}

Result<void> checkName(const std::string& name, const std::optional<std::string>& value) {
  if (!isEnvironmentName(name)) {
    return Error(ErrorCode::Usage, "\"" + name + "\": a variable's name is made of letters, digits and '_'").withField(name);
  }
  if (name.size() <= kNameBytes && (!value || value->find('\0') == std::string::npos)) return {};
  return Error(ErrorCode::LimitExceeded, "a name has at most " + std::to_string(kNameBytes) + " bytes, and a value no null")
      .withField(name.substr(0, kNameBytes));
}

Result<void> checkSize(const ServicePolicy& policy) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : policy.env) bytes += name.size() + value.size();
  if (policy.env.size() <= limits::kEnvironmentEntries && bytes <= kAllBytes) return {};
  return Error(ErrorCode::LimitExceeded, "more than " + std::to_string(limits::kEnvironmentEntries) + " variables, or " +
                                             std::to_string(kAllBytes) + " bytes of them")
      .withHint("a file in the service's package or data is the place for more");
}

ServicePolicy changed(ServicePolicy policy, const EnvironmentChanges& changes) {
  for (const auto& [name, value] : changes) {
    if (value) {
      policy.env[name] = *value;
    } else {
      policy.env.erase(name);
    }
  }
  return policy;
}

// Those whose value differs: values may be secret.
std::string namesOf(const EnvironmentChanges& changes, const ServicePolicy& before) {
  std::string names;
  for (const auto& [name, value] : changes) {
    const auto old = before.env.find(name);
    if (value ? old != before.env.end() && old->second == *value : old == before.env.end()) continue;
    if (names.size() > kToldBytes) return names + ", …";
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

// Those of other releases are of what was set before.
Result<void> renewPlans(const ServiceDisk& disk, const InstalledRelease& current, const LaunchPlan& plan) {
  TENON_TRY(const auto installed, disk.releases());
  for (const auto& [key, release] : installed.releases) {
    if (release != current) TENON_CHECK(disk.store.dropPlan(release));
  }
  return disk.store.write(current, plan);
}

}  // namespace

Result<void> checkEnvironment(const InstanceSpec& release) {
  const auto fits = checkSet(release.manifest, release.release.platform, release.policyEnv);
  if (fits) return {};
  const std::string service = release.manifest.service.text();
  return Error(ErrorCode::ResourceMissing,
               "what is set for " + service + " on this node does not fit: " + fits.error().message())
      .withHint("tenon set " + service + " shows it, sets another value or takes it away (--unset)")
      .withField(fits.error().field());
}

Result<NodeEnvironment> ServiceLife::environment(const ServiceId& service) const {
  const ServiceDisk disk(with_, service);
  TENON_TRY(const auto policy, disk.store.policy());
  NodeEnvironment environment{policy.env, {}};
  TENON_TRY(const auto current, disk.current.read());
  if (!current) return environment;
  TENON_TRY(const auto manifest, with_.packages.manifestOf(service, current->release));
  for (const auto& [name, value] : policy.env) {
    const auto isIts = [&, &key = name](const auto& pair) { return pair.first == key; };
    if (manifest.envSchema.contains(name) || std::any_of(manifest.env.begin(), manifest.env.end(), isIts)) continue;
    environment.undeclared.push_back(name);
  }
  return environment;
}

Result<void> ServiceLife::setEnvironment(const ServiceId& service, const EnvironmentChanges& changes) {
  for (const auto& [name, value] : changes) TENON_CHECK(checkName(name, value));
  TENON_TRY(const auto lock, lockService(with_, service));
  const ServiceDisk disk(with_, service);
  TENON_TRY(const auto before, disk.store.policy());
  const ServicePolicy after = changed(before, changes);
  if (after.env == before.env) return {};
  TENON_CHECK(checkSize(after));
  TENON_TRY(const auto current, disk.current.read());
  std::optional<LaunchPlan> plan;
  if (current) {
    TENON_TRY(const auto manifest, with_.packages.manifestOf(service, current->release));
    TENON_CHECK(checkSet(manifest, current->release.platform, environmentOf(after)));
    const auto told = [&](const ServicePolicy& policy) { return manifest.environmentForDrivers(environmentOf(policy)); };
    if (told(before) != told(after)) {
      TENON_TRY(plan, makePlan(with_, disk, current->release, manifest, after));
    }
  }
  TENON_CHECK(disk.store.write(after));
  if (plan) TENON_CHECK(renewPlans(disk, current->release, *plan));
  with_.events.record({.type = "service-set", .service = service.text(), .why = namesOf(changes, before)});
  return {};
}

}  // namespace tenon::host
