// Ed25519 (RFC 8032) by Crypto++, with the strict checks that Crypto++ leaves out: S < L, canonical A and R, neither of small
// order. Without them one signature has many spellings, and some keys verify anything.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "host/contract/Digest.h"

namespace tenon::host {

using PublicKeyBytes = std::array<unsigned char, 32>;
using SecretKeyBytes = std::array<unsigned char, 32>;  // the RFC's seed
using SignatureBytes = std::array<unsigned char, 64>;

bool verifyEd25519(const PublicKeyBytes& key, std::string_view message, std::string_view signature);
SignatureBytes signEd25519(const SecretKeyBytes& key, std::string_view message);
PublicKeyBytes publicKeyOf(const SecretKeyBytes& key);
SecretKeyBytes generateSecretKey();  // from the OS's random numbers

}  // namespace tenon::host
