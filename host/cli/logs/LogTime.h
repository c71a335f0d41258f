// `--since`: how long ago, or when. Pure.
#pragma once

#include <string_view>

#include "host/base/Clock.h"

namespace tenon::host {

// "90s", "15m", "2h", "3d", "1h30m" before `now`; or a time in UTC: 2026-11-29, 2026-11-29T01:30, 2026-11-29T01:30:05,
// …05.250, with or without a Z. Error: usage.
Result<WallTime> parseSince(std::string_view text, WallTime now);

}  // namespace tenon::host
