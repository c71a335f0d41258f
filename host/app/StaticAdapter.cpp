#include "host/app/StaticAdapter.h"

#include <string>

#include "host/driver/DriverCatalog.h"
#include "tenon/plugin.h"

// TENON_STATIC_ADAPTER: the entry symbol of the platform that this program is built for, set by the build.
extern "C" const tenon_entry TENON_STATIC_ADAPTER;

namespace tenon::host {

namespace {

void writeToLog(void* log, std::int32_t level, tenon_str text) {
  const auto known = level < 0 || level > 3 ? LogLevel::Error : static_cast<LogLevel>(level);
  static_cast<Log*>(log)->write(known, "adapter: " + std::string(text.ptr, static_cast<std::size_t>(text.len)));
}

}  // namespace

Result<std::unique_ptr<PlatformAdapter>> openStaticAdapter(Log& log) {
  // The adapter keeps the table for as long as it lives, and is never closed before the process ends.
  static tenon_host services{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr, &writeToLog};
  services.ctx = &log;
  return openPlatformAdapter(TENON_STATIC_ADAPTER, services);
}

DriverInfo describeAdapter(const PlatformFacts& facts) {
  const std::string why = facts.containment + (facts.containmentWhy.empty() ? "" : ": " + facts.containmentWhy);
  return {.name = facts.name,
          .version = facts.version,
          .provides = facts.platforms,
          .state = "ready",
          .why = why,
          .hosting = "in-process",
          .path = "built-in",
          .signedBy = ""};
}

}  // namespace tenon::host
