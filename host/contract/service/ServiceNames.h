// The names that a service's texts may hold as ${NAME}, and that it finds in its environment [origin]: one list for whoever
// starts a service and whoever checks a service.json.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/base/Json.h"
#include "host/contract/service/Expansion.h"
#include "host/contract/service/ServiceManifest.h"

namespace tenon::host {

struct NamedValues {
  std::string service, version;
  std::string home, data;  // absolute paths: the package, and what the service may write to
  std::uint16_t port = 0;
  std::map<std::string, std::uint16_t> ports;  // further ones, by name: SERVICE_PORT_<NAME>
};

Names serviceNames(const NamedValues& values);

// What would be plan-invalid when the service starts, each with field and place. `document` is what the manifest was read
// from. Looked at: arguments, the values of variables and their defaults, the health endpoints.
std::vector<Error> unknownNames(const Json& document, const ServiceManifest& manifest);

}  // namespace tenon::host
