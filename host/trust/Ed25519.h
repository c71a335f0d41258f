// Ed25519 (RFC 8032) by Crypto++, with the strict checks that Crypto++ leaves out: S < L, canonical A and R, neither of
// small order. Without them one signature has many spellings, and some keys verify anything. No state; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "host/contract/Digest.h"

namespace tenon::host {

using PublicKeyBytes = std::array<unsigned char, 32>;
using SignatureBytes = std::array<unsigned char, 64>;

// The RFC's seed. A type of its own, so that no secret goes where a public key belongs; overwritten when it goes out of
// scope.
class SecretKeyBytes {
 public:
  SecretKeyBytes() : bytes_{} {}
  SecretKeyBytes(const SecretKeyBytes&) = default;
  SecretKeyBytes& operator=(const SecretKeyBytes&) = default;
  ~SecretKeyBytes();

  unsigned char* data() { return bytes_.data(); }
  const unsigned char* data() const { return bytes_.data(); }
  static constexpr std::size_t size() { return 32; }
  bool operator==(const SecretKeyBytes&) const = default;

 private:
  std::array<unsigned char, 32> bytes_;
};

// False for whatever is not the one valid spelling of this key's signature over these bytes.
bool verifyEd25519(const PublicKeyBytes& key, std::string_view message, std::string_view signature);
SignatureBytes signEd25519(const SecretKeyBytes& key, std::string_view message);
PublicKeyBytes publicKeyOf(const SecretKeyBytes& key);
// From the OS's random numbers; ends the program where the OS has none, since no key may be made of less.
SecretKeyBytes generateSecretKey();

}  // namespace tenon::host
