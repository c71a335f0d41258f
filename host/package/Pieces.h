// In what pieces a package is worked on. Internal to package.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/base/Limits.h"

namespace tenon::host {

constexpr std::size_t kPieceBytes = 1 * limits::MiB;  // read, hashed and written while it is in the cache
constexpr std::uint64_t kProgressSteps = 200;         // progress is told at each half percent, not at each piece

}  // namespace tenon::host
