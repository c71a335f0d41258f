#include "host/trust/Ed25519.h"

#include <cryptopp/donna.h>
#include <cryptopp/misc.h>
#include <cryptopp/osrng.h>

#include <algorithm>

namespace tenon::host {
namespace {

// Little-endian, as RFC 8032 writes numbers.
using Number = std::array<unsigned char, 32>;

constexpr Number number(unsigned char lowest, unsigned char middle, unsigned char highest) {
  Number n{};
  n.fill(middle);
  n.front() = lowest;
  n.back() = highest;
  return n;
}

// p = 2^255 - 19, the field (RFC 8032, 5.1).
constexpr Number kPrime = number(0xed, 0xff, 0x7f);
constexpr Number kPrimeMinusOne = number(0xec, 0xff, 0x7f);
constexpr Number kOne = number(0x01, 0x00, 0x00);
// L = 2^252 + 27742317777372353535851937790883648493, the order of the base point (RFC 8032, 5.1).
constexpr Number kOrder = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                           0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10};

// The y of every point whose order divides 8, canonical or not; with either sign bit that makes the 14 encodings. Source:
// the list in libsodium's ed25519_ref10.c (ge25519_has_small_order), and table 1 of "Taming the many EdDSAs", Chalkias,
// Garillot and Nikolaenko, 2020 (https://eprint.iacr.org/2020/1244).
constexpr std::array<Number, 7> kSmallOrderY = {{
    number(0x00, 0x00, 0x00),  // order 4
    kOne,                      // order 1
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},  // order 8
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},  // order 8
    kPrimeMinusOne,                                                                                    // order 2
    kPrime,                    // 0 again, not canonical
    number(0xee, 0xff, 0x7f),  // 1 again, not canonical
}};

bool lessThan(const Number& a, const Number& b) {
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

Number numberAt(std::string_view bytes, std::size_t offset) {
  Number n{};
  std::transform(bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                 bytes.begin() + static_cast<std::ptrdiff_t>(offset + 32), n.begin(),
                 [](char c) { return static_cast<unsigned char>(c); });
  return n;
}

// An encoded point is y with the sign of x in its highest bit.
bool isAcceptablePoint(Number encoded) {
  const bool negative = (encoded.back() & 0x80) != 0;
  encoded.back() &= 0x7f;
  if (!lessThan(encoded, kPrime)) return false;
  // x is zero for these two, and zero has no sign.
  if (negative && (encoded == kOne || encoded == kPrimeMinusOne)) return false;
  return std::find(kSmallOrderY.begin(), kSmallOrderY.end(), encoded) == kSmallOrderY.end();
}

const CryptoPP::byte* bytesOf(std::string_view text) { return reinterpret_cast<const CryptoPP::byte*>(text.data()); }

}  // namespace

SecretKeyBytes::~SecretKeyBytes() { CryptoPP::SecureWipeBuffer(bytes_.data(), bytes_.size()); }

bool verifyEd25519(const PublicKeyBytes& key, std::string_view message, std::string_view signature) {
  if (signature.size() != SignatureBytes{}.size()) return false;
  if (!isAcceptablePoint(key) || !isAcceptablePoint(numberAt(signature, 0))) return false;
  if (!lessThan(numberAt(signature, 32), kOrder)) return false;
  return CryptoPP::Donna::ed25519_sign_open(bytesOf(message), message.size(), key.data(), bytesOf(signature)) == 0;
}

SignatureBytes signEd25519(const SecretKeyBytes& key, std::string_view message) {
  const PublicKeyBytes publicKey = publicKeyOf(key);
  SignatureBytes signature{};
  CryptoPP::Donna::ed25519_sign(bytesOf(message), message.size(), key.data(), publicKey.data(), signature.data());
  return signature;
}

PublicKeyBytes publicKeyOf(const SecretKeyBytes& key) {
  PublicKeyBytes publicKey{};
  CryptoPP::Donna::ed25519_publickey(publicKey.data(), key.data());
  return publicKey;
}

// noexcept on purpose: see the header.
static void fillWithRandom(SecretKeyBytes& key) noexcept {
  CryptoPP::OS_GenerateRandomBlock(false, key.data(), SecretKeyBytes::size());
}

SecretKeyBytes generateSecretKey() {
  SecretKeyBytes key;
  fillWithRandom(key);
  return key;
}

}  // namespace tenon::host
