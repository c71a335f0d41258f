#include "host/registry/ServiceRegistry.h"

namespace tenon::host {

JsonObject RegisteredService::toJson() const {
  JsonObject ports;
  for (const auto& [portName, port] : observed.ports) ports.set(portName, static_cast<std::int64_t>(port));
  JsonObject object;
  object.set("service_id", service.text()).set("name", name);
  const std::string installedVersion = current ? current->release.version.text() : "";
  object.set("version", observed.version.empty() ? installedVersion : observed.version);
  object.set("platform", current ? current->release.platform.text() : "");
  object.set("state", observed.state).set("why", observed.why);
  object.set("port", static_cast<std::int64_t>(observed.port))
      .set("endpoint", observed.endpoint)
      .set("ports", ports)
      .set("pid", observed.pid);
  object.set("started_at", observed.startedAt).set("restarts", observed.restarts);
  object.set("isolation", observed.isolation).set("frozen", observed.frozen);
  object.set("wanted", wantedRunning ? "running" : "stopped");
  if (current) {
    object.set("current", current->release.version.text());
    object.set("trial", current->state == CurrentRelease::State::Trial);
    object.set("generation", current->generation);
    if (current->previous) object.set("previous", current->previous->version.text());
  }
  JsonArray versions;
  for (const auto& release : installed) versions.add(release.version.text());
  object.set("installed", versions);
  if (!required.empty()) {
    JsonObject needs;
    for (const auto& dependency : required) needs.set(dependency.service.text(), dependency.version.text());
    object.set("requires", needs);
  }
  return object;
}

void ServiceRegistry::putInstalled(RegisteredService service) {
  std::lock_guard guard(mutex_);
  services_.insert_or_assign(service.service, std::move(service));
}

void ServiceRegistry::putObserved(const ServiceId& service, ObservedService observed) {
  std::lock_guard guard(mutex_);
  observed_.insert_or_assign(service, std::move(observed));
}

void ServiceRegistry::erase(const ServiceId& service) {
  std::lock_guard guard(mutex_);
  services_.erase(service);
  observed_.erase(service);
}

std::optional<RegisteredService> ServiceRegistry::find(const ServiceId& service) const {
  std::lock_guard guard(mutex_);
  const auto there = services_.find(service);
  if (there == services_.end()) return std::nullopt;
  return row(there->second);
}

std::vector<RegisteredService> ServiceRegistry::all() const {
  std::lock_guard guard(mutex_);
  std::vector<RegisteredService> all;
  all.reserve(services_.size());
  for (const auto& [id, service] : services_) all.push_back(row(service));
  return all;
}

RegisteredService ServiceRegistry::row(RegisteredService service) const {
  if (const auto seen = observed_.find(service.service); seen != observed_.end()) service.observed = seen->second;
  return service;
}

}  // namespace tenon::host
