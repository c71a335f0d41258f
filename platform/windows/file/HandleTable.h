// Handles for what is open: numbers that are never used again, so that a late call meets nothing instead of another file.
// Any thread; what a running call uses stays open until it returns.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tenon::platform {

template <class Open>
class HandleTable {
 public:
  std::uint64_t add(std::shared_ptr<Open> open) {
    const std::lock_guard lock(mutex_);
    open_.emplace(++last_, std::move(open));
    return last_;
  }
  std::shared_ptr<Open> find(std::uint64_t handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(handle);
    return found == open_.end() ? nullptr : found->second;
  }
  std::shared_ptr<Open> take(std::uint64_t handle) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(handle);
    if (found == open_.end()) return nullptr;
    auto open = std::move(found->second);
    open_.erase(found);
    return open;
  }
  std::vector<std::shared_ptr<Open>> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Open>> every;
    every.reserve(open_.size());
    for (const auto& [handle, open] : open_) every.push_back(open);
    return every;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Open>> open_;
  std::uint64_t last_ = 0;
};

}  // namespace tenon::platform
