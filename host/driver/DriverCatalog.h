// Which driver answers which exec type on this node.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/driver/Driver.h"
#include "host/driver/PluginLoader.h"

namespace tenon::host {

// One row of `tenon drivers`.
struct DriverInfo {
  std::string name, version;
  std::vector<std::string> provides;
  std::string state;    // ready, undetected, unhealthy, incompatible, refused, broken
  std::string why;
  std::string hosting;  // in-process, isolated; "" where it is not loaded
  std::string path;
};

// Any thread.
class DriverCatalog {
 public:
  explicit DriverCatalog(std::vector<std::string> platforms) : platforms_(std::move(platforms)) {}

  // Takes up a plugin in whatever state; a ready runtime driver becomes choosable.
  void add(const Plugin& plugin);
  // For a hosting that is not a library in this process (and for tests).
  void add(std::unique_ptr<Driver> driver, std::string path);

  // Error: driver-missing (names the exec types that there are), driver-ambiguous (names both and the line to add),
  // driver-incompatible (the sentence of negotiation, where the only candidate is incompatible).
  Result<Driver*> choose(std::string_view execType, const std::optional<std::string>& pin) const;

  // Chooses, fingerprints (kept for a minute), plans.
  Result<LaunchPlan> plan(std::string_view execType, const std::optional<std::string>& pin, const PlanRequest& request) const;

  std::vector<DriverInfo> list() const;

 private:
  struct Entry {
    std::unique_ptr<Driver> driver;  // null where it is not ready
    Plugin plugin;
  };
  std::vector<std::string> platforms_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace tenon::host
