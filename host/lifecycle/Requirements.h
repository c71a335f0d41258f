// What services need of each other, as service.json's `requires` says it. What is current on this node decides, whether it
// runs or not. Any thread. Error of both: dependency-unmet, with the chain.
#pragma once

#include <set>
#include <vector>

#include "host/contract/service/ServiceManifest.h"
#include "host/registry/ServiceRegistry.h"

namespace tenon::host {

// All that this release requires is current here in a version that it accepts, and in turn finds what it requires; nothing
// leads back to the release's own service.
Result<void> checkRequired(const ServiceRegistry& registry, const ServiceManifest& release);

// Nobody here goes without, once `service` is at `version`, or is removed where there is none.
Result<void> checkRequiring(const ServiceRegistry& registry, const ServiceId& service, const std::optional<SemVer>& version);

// Who here requires this service, or somebody who does; by name.
std::set<ServiceId> requiring(const ServiceRegistry& registry, const ServiceId& service);

// The same services, each behind those among them that it requires; else as they stood.
std::vector<ServiceId> inOrderOfNeed(const ServiceRegistry& registry, const std::vector<ServiceId>& services);

}  // namespace tenon::host
