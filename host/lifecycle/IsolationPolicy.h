// How far this node keeps a service to itself: what service.json asks for, what the node's least is, and what the machine
// can. Decides; the platform adapter does it. Any thread.
#pragma once

#include <string>
#include <utility>

#include "host/adapter/PlatformAdapter.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/runtime/Instance.h"
#include "host/store/ServiceUsers.h"

namespace tenon::host {

class IsolationPolicy {
 public:
  IsolationPolicy(ServiceUsers& users, IsolationFacts facts, Path node, Isolation least = Isolation::None)
      : users_(users), facts_(std::move(facts)), node_(std::move(node)), least_(least) {}

  Isolation least() const { return least_; }
  Isolation levelOf(const ServiceManifest& manifest) const { return std::max(manifest.isolation, least_); }
  // Before anything is changed: resource-missing where it has to be strict and this machine cannot.
  Result<void> check(const ServiceManifest& manifest) const;
  // For an instance; gives the service its user. What went wrong stands in it, and its starts fail with that: what runs
  // already runs on.
  InstanceIsolation of(const ServiceManifest& manifest) const;
  // One line for people: "standard", "strict, the least of this node (none was asked for)".
  std::string describe(const ServiceManifest& manifest) const;
  // Nothing of it is left on the node.
  Result<void> forget(const ServiceId& service) const { return users_.forget(service); }

 private:
  ServiceUsers& users_;
  const IsolationFacts facts_;
  const Path node_;
  const Isolation least_;
};

}  // namespace tenon::host
