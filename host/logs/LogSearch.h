// From what somebody asks of a log to the bytes that answer it. Stateless; any thread.
#pragma once

#include <cstdint>

#include "host/base/Clock.h"
#include "host/logs/VersionLog.h"

namespace tenon::host {

// Where the last `lines` lines before `range.end` begin, a last one without its end included; no earlier than range.begin.
// Reads backwards, a block at a time.
Result<std::uint64_t> beginOfLastLines(const VersionLog& log, LogRange range, std::uint64_t lines);

// The last `lines` lines, as far as they lie in the last `most` bytes.
Result<std::string> lastLines(const VersionLog& log, std::uint64_t lines, std::uint64_t most);

}  // namespace tenon::host
