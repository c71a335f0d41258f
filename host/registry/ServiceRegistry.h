// What is installed, wanted and observed of every service: the one table that status, API and page read. It decides nothing.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/base/Json.h"
#include "host/contract/CurrentRelease.h"
#include "host/contract/service/ServiceManifest.h"

namespace tenon::host {

// What supervision sees of a service's serving instance.
struct ObservedService {
  std::string state = "stopped";  // stopped starting ready unready backoff stopping failed
  std::string why;                // one line
  std::uint16_t port = 0;         // 0: none
  std::map<std::string, std::uint16_t> ports;
  std::int64_t pid = 0;        // 0: no process
  std::string startedAt;       // RFC 3339; "" where it never ran
  std::uint64_t restarts = 0;  // since the agent took it up
  std::string isolation;       // how its process is kept to itself: "standard, user 70012"; "" where it never ran
  bool frozen = false;         // stands still on request
  std::string version;         // of the release that runs; may differ from current's while a change is under way
  std::string endpoint;        // "127.0.0.1:5100", the port that stays; "" where it has none
};

struct RegisteredService {
  ServiceId service;
  std::string name;                         // service.json of the current release
  std::vector<ServiceDependency> required;  // the same
  std::optional<CurrentRelease> current;
  std::vector<InstalledRelease> installed;
  bool wantedRunning = true;
  std::string resourcesHint;  // service.json `resources` as JSON text, "" where it has none [origin]
  ObservedService observed;

  // One entry of `status -o json`: service_id, version, platform, state, why, port, ports, pid, started_at, restarts, ….
  JsonObject toJson() const;
};

// Any thread.
class ServiceRegistry {
 public:
  // Replaces all but what was observed.
  void putInstalled(RegisteredService service);
  // May come before the service is known to be installed.
  void putObserved(const ServiceId& service, ObservedService observed);
  void erase(const ServiceId& service);

  std::optional<RegisteredService> find(const ServiceId& service) const;
  std::vector<RegisteredService> all() const;  // by id

 private:
  RegisteredService row(RegisteredService service) const;  // under the mutex

  mutable std::mutex mutex_;
  std::map<ServiceId, RegisteredService> services_;
  std::map<ServiceId, ObservedService> observed_;
};

}  // namespace tenon::host
