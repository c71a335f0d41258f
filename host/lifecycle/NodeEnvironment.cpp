// ServiceLife's part for what the node's owner sets for a service: variables that outlive its versions.
#include <algorithm>
#include <charconv>

#include "host/base/Text.h"
#include "host/contract/service/ServiceNames.h"
#include "host/lifecycle/ServiceLife.h"

namespace tenon::host {

namespace {

constexpr std::size_t kValueBytes = 32 * limits::KiB;

template <class Number>
bool isWhole(std::string_view text) {
  Number number{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

bool fits(const EnvironmentVariable& variable, std::string_view value) {
  if (variable.type == "integer") return isWhole<std::int64_t>(value);
  if (variable.type == "number") return isWhole<double>(value);
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

Result<void> checkName(const std::string& name, const std::optional<std::string>& value) {
  if (!isEnvironmentName(name)) {
    return Error(ErrorCode::Usage, "\"" + name + "\": a variable's name is made of letters, digits and '_'").withField(name);
  }
  if (!value) return {};
  if (value->size() <= kValueBytes && value->find('\0') == std::string::npos) return {};
  return Error(ErrorCode::LimitExceeded,
               name + ": a value has at most " + std::to_string(kValueBytes) + " bytes, and no null among them")
      .withField(name);
}

struct PolicyChange {
  const EnvironmentChanges& changes;
  ServicePolicy before, after;
};

Environment environmentOf(const ServicePolicy& policy) { return {policy.env.begin(), policy.env.end()}; }

// What the release knows of it is asked; a driver looks again where it is told of the variable.
Result<void> checkRelease(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release,
                          const PolicyChange& policy) {
  TENON_TRY(const auto manifest, with.packages.manifestOf(disk.service(), release));
  TENON_TRY(const auto* variant, manifest.variant(release.platform));
  const Names names = namesOf(manifest, *variant);
  for (const auto& [name, value] : policy.changes) {
    if (value) TENON_CHECK(checkValue(manifest, names, name, *value));
  }
  const auto told = [&](const ServicePolicy& by) { return manifest.environmentForDrivers(environmentOf(by)); };
  if (told(policy.before) == told(policy.after)) return {};
  return planRelease(with, disk, release, manifest, policy.after).map([](const auto&) {});
}

}  // namespace

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
  PolicyChange policy{changes, before, before};
  auto& set = policy.after.env;
  std::string names;
  for (const auto& [name, value] : changes) {
    names += (names.empty() ? "" : ", ") + name;
    if (value) {
      set[name] = *value;
    } else {
      set.erase(name);
    }
  }
  if (set == before.env) return {};
  if (set.size() > limits::kEnvironmentEntries) {
    return Error(ErrorCode::LimitExceeded, "more than " + std::to_string(limits::kEnvironmentEntries) + " variables");
  }
  TENON_TRY(const auto current, disk.current.read());
  if (current) TENON_CHECK(checkRelease(with_, disk, current->release, policy));
  TENON_CHECK(disk.store.write(policy.after));
  // Its values may be secret.
  with_.events.record({.type = "service-set", .service = service.text(), .why = names});
  return {};
}

}  // namespace tenon::host
