// SHA-256 by Crypto++ (SHA-NI where the processor has it).
#pragma once

#include <memory>
#include <string_view>

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

}  // namespace tenon::host
