// A driver's library, loaded and called through the ABI alone, as any host would.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tenon/plugin.h"

namespace tenon::host {

struct PluginAnswer {
  std::int32_t code = 0;
  int documents = 0, problems = 0;
  std::string document, problem;
};

// What one call with that sink gives.
PluginAnswer collected(const std::function<std::int32_t(const tenon_sink*)>& call);

// Any thread may call; the library stays loaded.
class PluginLibrary {
 public:
  // Throws where it is no plugin with a driver.
  explicit PluginLibrary(const std::string& driver);
  ~PluginLibrary();
  PluginLibrary(const PluginLibrary&) = delete;
  PluginLibrary& operator=(const PluginLibrary&) = delete;

  PluginAnswer plan(const std::string& request) const { return call(driver_->plan, request); }
  PluginAnswer fingerprint(const std::string& request) const { return call(driver_->fingerprint, request); }

 private:
  PluginAnswer call(tenon_op op, const std::string& request) const;

  const tenon_entry* entry_ = nullptr;
  const tenon_driver* driver_ = nullptr;
  void* self_ = nullptr;
};

}  // namespace tenon::host
