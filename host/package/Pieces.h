// In what pieces a package is worked on. Internal to package.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/base/Limits.h"

namespace tenon::host {

constexpr std::size_t kPieceBytes = 1 * limits::MiB;  // read, hashed and written while it is in the cache

// Is progress told when the bytes done go from `before` to `now`? At each half percent and at the end, not at each piece.
constexpr bool isToldProgress(std::uint64_t before, std::uint64_t now, std::uint64_t total) {
  constexpr std::uint64_t kSteps = 200;
  const std::uint64_t step = total < kSteps ? 1 : total / kSteps;
  return before / step != now / step || now == total;
}

}  // namespace tenon::host
