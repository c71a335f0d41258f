#include "host/metrics/Samples.h"

namespace tenon::host {

Samples::Seen Samples::look(std::uint64_t storeChanges) {
  if (begins()) later_([this, storeChanges] { round(storeChanges); });
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limits::kMetricsPatience, [this] { return !looking_; });
  return seen_;
}

bool Samples::begins() {
  const std::lock_guard lock(mutex_);
  if (looking_ || (usageAt_ && clock_.now() - *usageAt_ < limits::kUsageAge)) return false;
  return looking_ = true;
}

// What services use is told as soon as it is there: the store may take longer.
void Samples::round(std::uint64_t storeChanges) {
  auto used = std::make_shared<const Usage>(usage());
  bool recount = false;
  {
    const std::lock_guard lock(mutex_);
    seen_.usage = std::move(used);
    usageAt_ = clock_.now();
    recount = !storeAt_ || storeChanges != storeChanges_ || *usageAt_ - *storeAt_ >= limits::kStoreSizeAge;
  }
  std::optional<std::uint64_t> bytes;
  if (recount) {
    if (const auto stored = with_.collector.stored()) bytes = stored->bytes;
  }
  const std::lock_guard lock(mutex_);
  if (bytes) {
    seen_.storeBytes = bytes;
    storeAt_ = clock_.now();
    storeChanges_ = storeChanges;
  }
  looking_ = false;
  changed_.notify_all();
}

Samples::Usage Samples::usage() const {
  Usage all;
  const auto services = with_.registry.all();
  for (const auto& service : services) {
    if (service.observed.pid == 0) continue;
    if (auto used = with_.runtime.usage(service.service)) all.emplace(service.service, *std::move(used));
  }
  return all;
}

}  // namespace tenon::host
