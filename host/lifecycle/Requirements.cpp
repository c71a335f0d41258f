#include "host/lifecycle/Requirements.h"

#include <algorithm>
#include <utility>

namespace tenon::host {
namespace {

Error unmet(const std::string& chain, const std::string& what) { return {ErrorCode::DependencyUnmet, chain + ": " + what}; }

std::string nameOf(const ServiceDependency& dependency) {
  return dependency.service.text() + " " + dependency.version.text();
}

// From one release along what it requires; each service once.
class Walk {
 public:
  Walk(const ServiceRegistry& registry, const ServiceId& start) : registry_(registry), start_(start) {}

  Result<void> go(const std::string& chain, const std::vector<ServiceDependency>& required) {
    for (const auto& dependency : required) TENON_CHECK(follow(chain + " → " + nameOf(dependency), dependency));
    return {};
  }

 private:
  Result<void> follow(const std::string& chain, const ServiceDependency& dependency) {
    const auto& service = dependency.service;
    if (service == start_) return unmet(chain, "services that require each other can never start");
    const auto row = registry_.find(service);
    if (!row || !row->current)
      return unmet(chain, service.text() + " is not installed").withHint("tenon install " + service.text());
    const auto& version = row->current->release.version;
    if (!dependency.version.contains(version)) {
      return unmet(chain, service.text() + " is at " + version.text())
          .withHint("tenon upgrade " + service.text() + ", or tenon install " + service.text() + "@VERSION with one in " +
                    dependency.version.text());
    }
    return seen_.insert(service).second ? go(chain, row->required) : Result<void>();
  }

  const ServiceRegistry& registry_;
  const ServiceId& start_;
  std::set<ServiceId> seen_;
};

// Depth first; a service that is under way is passed over, so that no circle of old releases holds it up.
class Order {
 public:
  Order(const ServiceRegistry& registry, const std::vector<ServiceId>& services)
      : registry_(registry), wanted_(services.begin(), services.end()) {}

  void add(const ServiceId& service) {
    if (!wanted_.contains(service) || !seen_.insert(service).second) return;
    if (const auto row = registry_.find(service)) {
      for (const auto& dependency : row->required) add(dependency.service);
    }
    ordered.push_back(service);
  }
  std::vector<ServiceId> ordered;

 private:
  const ServiceRegistry& registry_;
  const std::set<ServiceId> wanted_;
  std::set<ServiceId> seen_;
};

}  // namespace

Result<void> checkRequired(const ServiceRegistry& registry, const ServiceManifest& release) {
  return Walk(registry, release.service).go(release.service.text() + " " + release.version.text(), release.requires_);
}

Result<void> checkRequiring(const ServiceRegistry& registry, const ServiceId& service,
                            const std::optional<SemVer>& version) {
  for (const auto& row : registry.all()) {
    if (!row.current || row.service == service) continue;
    for (const auto& dependency : row.required) {
      if (dependency.service != service || (version && dependency.version.contains(*version))) continue;
      return unmet(row.service.text() + " " + row.current->release.version.text() + " → " + nameOf(dependency),
                   version ? service.text() + " would be at " + version->text() : service.text() + " would be gone")
          .withHint(version ? "first bring " + row.service.text() + " to a release that accepts it"
                            : "tenon remove " + row.service.text() + " first");
    }
  }
  return {};
}

std::set<ServiceId> requiring(const ServiceRegistry& registry, const ServiceId& service) {
  const auto rows = registry.all();
  std::set<ServiceId> found;
  const auto needs = [&](const ServiceDependency& dependency) {
    return dependency.service == service || found.contains(dependency.service);
  };
  for (bool more = true; more;) {
    const auto before = found.size();
    for (const auto& row : rows) {
      if (row.current && std::any_of(row.required.begin(), row.required.end(), needs)) found.insert(row.service);
    }
    more = found.size() > before;
  }
  return found;
}

std::vector<ServiceId> inOrderOfNeed(const ServiceRegistry& registry, const std::vector<ServiceId>& services) {
  Order order(registry, services);
  for (const auto& service : services) order.add(service);
  return std::move(order.ordered);
}

}  // namespace tenon::host
