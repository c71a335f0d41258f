// What is last known of every instance, for readers on any thread: they never wait for the loop.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "host/runtime/Instance.h"

namespace tenon::host {

class StatusBoard {
 public:
  void put(const InstanceStatus& status) { putAll({status}); }
  // In one step: a reader sees all of them or none.
  void putAll(const std::vector<InstanceStatus>& statuses) {
    const std::lock_guard lock(mutex_);
    for (const InstanceStatus& each : statuses) instances_[each.service].insert_or_assign(each.number, each);
  }
  void erase(const ServiceId& service, InstanceNumber number) {
    const std::lock_guard lock(mutex_);
    const auto found = instances_.find(service);
    if (found == instances_.end()) return;
    found->second.erase(number);
    if (found->second.empty()) instances_.erase(found);
  }
  // By number.
  std::vector<InstanceStatus> of(const ServiceId& service) const {
    const std::lock_guard lock(mutex_);
    std::vector<InstanceStatus> out;
    if (const auto found = instances_.find(service); found != instances_.end()) {
      for (const auto& [number, status] : found->second) out.push_back(status);
    }
    return out;
  }

 private:
  mutable std::mutex mutex_;
  std::map<ServiceId, std::map<InstanceNumber, InstanceStatus>> instances_;
};

}  // namespace tenon::host
