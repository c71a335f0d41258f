// SHA-256 as a value: 32 bytes, written as 64 lower-case hex digits. Computing one is trust/Sha256's work.
#pragma once

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "host/base/Result.h"

namespace tenon::host {

class Digest {
 public:
  using Bytes = std::array<unsigned char, 32>;

  Digest() : bytes_{} {}
  explicit Digest(const Bytes& bytes) : bytes_(bytes) {}
  static Result<Digest> parse(std::string_view hex);  // exactly 64 lower-case digits; format-invalid

  const Bytes& bytes() const { return bytes_; }
  std::string hex() const;
  auto operator<=>(const Digest&) const = default;

 private:
  Bytes bytes_;
};

// SHA-256 of bytes, lent to those below trust or beside it. `app` plugs in trust's.
using HashFunction = Digest (*)(std::string_view);

}  // namespace tenon::host
