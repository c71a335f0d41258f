// Which driver answers which exec type on this node.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Clock.h"
#include "host/driver/Driver.h"
#include "host/driver/PluginLoader.h"

namespace tenon::host {

// One row of `tenon drivers`.
struct DriverInfo {
  std::string name, version;
  std::vector<std::string> provides;
  std::string state;  // ready, undetected, unhealthy, quarantined, incompatible, refused, broken
  std::string why;
  std::string hosting;  // in-process, isolated; "" where it is not loaded
  std::string path;
};

// Any thread.
class DriverCatalog {
 public:
  // What the adapter says of the node: its platforms, best first, and where programs are looked for (PlatformFacts). The
  // clock outlives the catalogue, and so does the loader of each plugin that is added.
  DriverCatalog(std::vector<std::string> platforms, std::string searchPath, const Clock& clock)
      : platforms_(std::move(platforms)), searchPath_(std::move(searchPath)), clock_(clock) {}

  // Takes up a plugin in whatever state; a ready runtime driver becomes choosable. A platform adapter is passed over.
  void add(const Plugin& plugin);
  // For a hosting that is not a library in this process (and for tests).
  void add(std::unique_ptr<Driver> driver, std::string path);

  // `pin` is "name" or "name@range"; of several versions that fit it, the newest. The driver lives as long as the catalogue.
  // Error: driver-missing (names the exec types that there are), driver-ambiguous (names both and the line to add),
  // driver-incompatible (the sentence of negotiation, where the only candidate is incompatible), plan-invalid (the pin).
  Result<Driver*> choose(std::string_view execType, const std::optional<std::string>& pin) const;

  // Chooses, fingerprints (kept for limits::kFingerprintAge), plans.
  Result<LaunchPlan> plan(std::string_view execType, const std::optional<std::string>& pin,
                          const PlanRequest& request) const;

  // In the order in which they were added.
  std::vector<DriverInfo> list() const;

 private:
  struct Entry {
    std::unique_ptr<Driver> driver;  // null where it is not ready
    Plugin plugin;
  };
  struct Known {
    Fingerprint fingerprint;
    Instant at;
  };
  Result<std::unique_ptr<Driver>> openDriver(const Plugin& plugin) const;
  Result<Fingerprint> fingerprint(Driver& driver) const;
  Error noDriver(std::string_view execType, const std::optional<std::string>& pin) const;
  DriverInfo row(const Entry& entry) const;

  const std::vector<std::string> platforms_;
  const std::string searchPath_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // of all below; never held while a driver is called
  std::vector<std::unique_ptr<const Entry>> entries_;
  mutable std::map<const Driver*, Known> fingerprints_;
};

}  // namespace tenon::host
