// How a driver's two operations are reached: in this process, or in one of its own. The plugin's answers go into the sink
// that it would be given itself, so that both hostings mean the same. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/Clock.h"
#include "host/base/Result.h"
#include "host/driver/PluginLoader.h"
#include "tenon/plugin.h"

namespace tenon::host {

class DriverCalls {
 public:
  virtual ~DriverCalls() = default;
  virtual std::string_view hosting() const = 0;  // "in-process", "isolated"
  // Why it is not called for now; nothing where it is.
  virtual std::optional<std::string> quarantined() const { return std::nullopt; }
  // The tenon_code that the plugin returned. Errors: driver-crashed, driver-quarantined: it did not return.
  virtual Result<std::int32_t> fingerprint(std::string_view request, const tenon_sink* out) = 0;
  virtual Result<std::int32_t> plan(std::string_view request, const tenon_sink* out) = 0;
};

// Opens a plugin that is loaded. Errors: driver-incompatible where it offers no tenon.driver/1, driver-crashed where it does
// not open.
Result<std::unique_ptr<DriverCalls>> callsInProcess(const Plugin& plugin);

// Starts the plugin's host with the first call, and again after it crashed: the call that it crashed in is lost. After
// limits::kPluginCrashes within limits::kPluginCrashWindow it is left alone until they are further apart. The clock, and
// what plugin.hosts points at, outlive it.
std::unique_ptr<DriverCalls> callsIsolated(const Plugin& plugin, const Clock& clock);

}  // namespace tenon::host
