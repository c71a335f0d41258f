// A piece of a service's log, as it is. Stateless; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "host/adapter/Files.h"

namespace tenon::host {

struct LogPiece {
  std::string bytes;
  std::uint64_t next = 0;  // where in the file the next piece begins
};

// At most `most` bytes from `offset`. A log that has become shorter than that since is read from its beginning.
Result<LogPiece> readLogFrom(const ReadFile& log, std::uint64_t offset, std::uint64_t most);

// The last `lines` lines, a last one without its end included, as far as they lie in the last `most` bytes.
Result<LogPiece> readLastLines(const ReadFile& log, std::uint64_t lines, std::uint64_t most);

}  // namespace tenon::host
