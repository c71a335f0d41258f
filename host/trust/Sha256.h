// SHA-256 by Crypto++ (SHA-NI where the processor has it). A Sha256 belongs to one thread.
#pragma once

#include <memory>
#include <string_view>

#include "host/adapter/Files.h"
#include "host/contract/Digest.h"

namespace tenon::host {

// Feed in any pieces; finish() once.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void update(std::string_view bytes);
  Digest finish();  // and begins anew

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest sha256(std::string_view bytes);
// From its first byte to its last.
Result<Digest> sha256Of(const ByteSource& source);

}  // namespace tenon::host
