// Which driver answers which exec type on this node.
#pragma once

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
  std::string signedBy;  // id of the vendor's key
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
  // No longer choosable; a call of it that is under way ends as it does. What is not there: nothing.
  void remove(std::string_view name, std::string_view version);
  // What that key signed is refused from now on, and stays to be seen.
  void refuse(std::string_view signedBy, const std::string& why);
  // For a hosting that is not a library in this process (and for tests).
  void add(std::unique_ptr<Driver> driver, std::string path);

  // `pin` is "name" or "name@range"; of several versions that fit it, the newest. It lives as
  // long as somebody has it, removed or not.
  // Error: driver-missing (names the exec types that there are), driver-ambiguous (names both and the line to add),
  // driver-incompatible (the sentence of negotiation, where the only candidate is incompatible), plan-invalid (the pin).
  Result<std::shared_ptr<Driver>> choose(std::string_view execType, const std::optional<std::string>& pin) const;

  // Would a plugin with that manifest be a candidate? plan-invalid (the pin).
  static Result<bool> fits(const PluginManifest& manifest, std::string_view execType, const std::optional<std::string>& pin);
  // A plugin as a driver, apart from all others. driver-incompatible, driver-crashed.
  Result<std::unique_ptr<Driver>> open(const Plugin& plugin) const;

  // Chooses, fingerprints (kept for limits::kFingerprintAge), plans.
  Result<LaunchPlan> plan(std::string_view execType, const std::optional<std::string>& pin,
                          const PlanRequest& request) const;

  // In the order in which they were added. Closely: each driver is asked for its runtime. Back: what was found when that was
  // last done, however long ago; no driver is called.
  enum class Look { Closely, Back, Away };
  std::vector<DriverInfo> list(Look look = Look::Closely) const;

 private:
  struct Known {
    Fingerprint fingerprint;
    Instant at;
  };
  struct Entry {
    std::unique_ptr<Driver> driver;  // null where it is not ready
    Plugin plugin;
    mutable std::optional<Known> known;  // of the driver; under mutex_
  };
  using EntryPtr = std::shared_ptr<const Entry>;
  Result<EntryPtr> chooseEntry(std::string_view execType, const std::optional<std::string>& pin) const;
  Result<Fingerprint> fingerprint(const Entry& entry) const;
  std::optional<Fingerprint> remembered(const Entry& entry) const;
  Error noDriver(std::string_view execType, const std::optional<std::string>& pin) const;
  DriverInfo row(const Entry& entry, Look look) const;
  std::vector<EntryPtr> entries() const;

  const std::vector<std::string> platforms_;
  const std::string searchPath_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // of all below; never held while a driver is called
  std::vector<EntryPtr> entries_;
};

}  // namespace tenon::host
