// What a driver's library offers, looked at in the process that it is loaded into: the agent, or a plugin host.
#pragma once

#include <cstddef>

#include "tenon/plugin.h"

namespace tenon::host {

inline constexpr const char* kNoDriverTable =
    "says that it is a runtime driver, and its library offers no " TENON_EXT_DRIVER;

// With both operations; null where it has not (kNoDriverTable). Lives until close.
inline const tenon_driver* driverTableOf(const tenon_entry& entry, void* self) {
  const auto* table = static_cast<const tenon_driver*>(entry.extension(self, TENON_EXT_DRIVER));
  constexpr std::size_t kNeeded = offsetof(tenon_driver, plan) + sizeof(tenon_driver::plan);
  return table && table->struct_size >= kNeeded && table->fingerprint && table->plan ? table : nullptr;
}

}  // namespace tenon::host
