// The one line that says why an instance is in its state. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "host/adapter/Processes.h"

namespace tenon::host {

// What ends the `why` of a service between two starts: how long it is until the next.
inline constexpr std::string_view kNextStart = "; next start in ";

// "20.0 s".
std::string seconds(Millis time);

struct EndContext {
  const std::map<int, std::string>& meanings;  // of exit statuses, from the plan
  std::optional<std::uint64_t> memoryMb;       // the limit that it ran under
  std::optional<Millis> life;                  // told where given
};
// "exit 127: no such program", "exit 1 after 0.3 s", "killed by signal 9", "out of memory: limit 512 MB".
std::string describeEnd(const ProcessEnd& end, const EndContext& context);

// "health 503 ×4 in 20.0 s: warming up", "health ×3 in 10.0 s: connection refused".
std::string describeHealth(std::string_view answer, int failures, Millis over);

// After a stop: exit 0, exit 128 + the signal, or death by it is what was asked for.
bool endedAsAsked(const ProcessEnd& end, std::string_view stopSignal);

}  // namespace tenon::host
