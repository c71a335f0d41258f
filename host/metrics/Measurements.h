// What is counted as it happens. Made before the rooms that tell it, and outlives them. Any thread, but for instance().
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "host/base/Clock.h"
#include "host/contract/Change.h"
#include "host/http/HttpServer.h"
#include "host/observe/Metrics.h"
#include "host/runtime/Instance.h"

namespace tenon::host {

class Measurements {
 public:
  // The clock outlives this.
  explicit Measurements(const Clock& clock);

  // What supervision shows; one thread.
  void instance(const InstanceStatus& status);
  void probed(const ServiceId& service, bool healthy, Micros took);
  void changed(const Change& ended);
  void downloaded(std::uint64_t bytes) { downloaded_ += bytes; }
  void answered(const HttpAnswered& request);

  // How often changes have ended that may have changed the store.
  std::uint64_t storeChanges() const { return storeChanges_; }
  // All families; of services those that are named, each with every series from the beginning. Others are forgotten.
  void write(MetricText& text, const std::vector<ServiceId>& services);

 private:
  enum class Restart { Exited, Unhealthy, StartFailed, PortTaken, Requested };
  static constexpr std::array<std::string_view, 5> kRestarts{"exited", "unhealthy", "start-failed", "port-taken",
                                                             "requested"};
  struct Life {
    SupervisionState state = SupervisionState::Stopped;
    std::uint64_t restarts = 0;
    std::optional<Instant> startsSince;
  };
  struct OfService {
    std::array<std::uint64_t, kRestarts.size()> restarts{};
    std::uint64_t probeFailures = 0;
  };

  static Restart reasonOf(SupervisionState before, SupervisionState now);
  void restarted(const ServiceId& service, Restart reason, std::uint64_t times);
  void writeServices(MetricText& text, const std::vector<ServiceId>& services);

  const Clock& clock_;
  const std::string began_;                                     // RFC 3339; what started before was taken up
  std::map<std::pair<ServiceId, InstanceNumber>, Life> lives_;  // instance()'s thread
  std::atomic<std::uint64_t> downloaded_{0}, storeChanges_{0};
  Histograms starts_, probes_, steps_, requests_;
  Counters installs_, rollbacks_, refusals_;
  std::mutex mutex_;
  std::map<ServiceId, OfService> services_;
};

}  // namespace tenon::host
