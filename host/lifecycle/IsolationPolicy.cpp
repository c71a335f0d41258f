#include "host/lifecycle/IsolationPolicy.h"

namespace tenon::host {

Result<void> IsolationPolicy::check(const ServiceManifest& manifest) const {
  if (levelOf(manifest) != Isolation::Strict) return {};
  const std::string& why = facts_.user() ? facts_.filesWhy : facts_.userWhy;
  if (why.empty()) return {};
  return Error(ErrorCode::ResourceMissing, "isolation strict cannot be had here: " + why)
      .withHint("give the node what is missing, or ask for isolation standard")
      .withField("isolation");
}

InstanceIsolation IsolationPolicy::of(const ServiceManifest& manifest) const {
  InstanceIsolation isolation{.level = levelOf(manifest), .node = node_};
  if (isolation.level == Isolation::None) return isolation;
  isolation.noUser = facts_.userWhy;
  if (const auto possible = check(manifest); !possible) isolation.fault = possible.error();
  if (!facts_.user()) return isolation;
  if (const auto user = users_.userOf(manifest.service)) {
    isolation.user = *user;
  } else {
    isolation.fault = user.error();
  }
  return isolation;
}

std::string IsolationPolicy::describe(const ServiceManifest& manifest) const {
  std::string text(name(levelOf(manifest)));
  if (levelOf(manifest) == manifest.isolation) return text;
  return text + ", the least of this node (" + std::string(name(manifest.isolation)) + " was asked for)";
}

}  // namespace tenon::host
