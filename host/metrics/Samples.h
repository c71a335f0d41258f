// What has to be looked at before it can be told: what each service uses, and how large the store is. Looked at on another
// thread, one round at a time, because a thousand services take a tenth of a second and a large store some. Any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "host/lifecycle/Life.h"

namespace tenon::host {

class Samples {
 public:
  using Later = std::function<void(std::function<void()>)>;  // runs it some time, on another thread or now
  using Usage = std::map<ServiceId, ProcessStats>;

  // All outlive this, and it outlives what `later` runs.
  Samples(const LifeCollaborators& with, const Clock& clock, Later later)
      : with_(with), clock_(clock), later_(std::move(later)) {}

  struct Seen {
    std::shared_ptr<const Usage> usage;       // of those that run; never null
    std::optional<std::uint64_t> storeBytes;  // nothing until it was first counted
  };
  // Begins a round where the last one is older than limits::kUsageAge, waits for it at most limits::kMetricsPatience, and
  // answers what is known then. `storeChanges`: the store is counted again where that is another number than last time.
  Seen look(std::uint64_t storeChanges);

 private:
  bool begins();
  void round(std::uint64_t storeChanges);
  Usage usage() const;

  const LifeCollaborators& with_;
  const Clock& clock_;
  const Later later_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool looking_ = false;
  std::optional<Instant> usageAt_, storeAt_;
  std::uint64_t storeChanges_ = 0;
  Seen seen_{std::make_shared<const Usage>(), std::nullopt};
};

}  // namespace tenon::host
