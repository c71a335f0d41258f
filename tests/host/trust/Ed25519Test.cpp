// Numbers in names are cases of the design's list of faults.
#include "host/trust/Ed25519.h"

#include <cryptopp/donna.h>
#include <cryptopp/integer.h>
#include <cryptopp/sha.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/host/trust/Keys.h"

namespace tenon::host {
namespace {

using CryptoPP::Integer;

const CryptoPP::byte* raw(std::string_view text) { return reinterpret_cast<const CryptoPP::byte*>(text.data()); }

Integer littleEndian(std::string_view bytes) {
  return Integer(raw(bytes), bytes.size(), Integer::UNSIGNED, CryptoPP::LITTLE_ENDIAN_ORDER);
}

std::string littleEndian(const Integer& number) {
  std::string bytes(32, '\0');
  number.Encode(reinterpret_cast<CryptoPP::byte*>(bytes.data()), bytes.size());
  return {bytes.rbegin(), bytes.rend()};
}

std::string sha512(std::string_view bytes) {
  CryptoPP::SHA512 hash;
  hash.Update(raw(bytes), bytes.size());
  std::string digest(64, '\0');
  hash.Final(reinterpret_cast<CryptoPP::byte*>(digest.data()));
  return digest;
}

// L of RFC 8032, 5.1.
Integer order() { return Integer::Power2(252) + Integer("27742317777372353535851937790883648493"); }

bool cryptoppAloneAccepts(const PublicKeyBytes& key, std::string_view message, std::string_view signature) {
  return CryptoPP::Donna::ed25519_sign_open(raw(message), message.size(), key.data(), raw(signature)) == 0;
}

std::string pointWithY(const char* first, char fill, char last) {
  std::string point(32, fill);
  point.front() = *first;
  point.back() = last;
  return point;
}

// Worked out from the curve here, rather than copied from the table under test: y = 0, 1 and -1, each also as y + p where
// that fits in 255 bits, the two y of order 8, and both sign bits.
std::vector<std::string> smallOrderEncodings() {
  std::vector<std::string> points = {
      pointWithY("\x00", '\0', '\0'),
      pointWithY("\x01", '\0', '\0'),
      pointWithY("\xec", '\xff', '\x7f'),
      pointWithY("\xed", '\xff', '\x7f'),
      pointWithY("\xee", '\xff', '\x7f'),
      {},
      {},
  };
  // Points of order 8 double to (x, 0): with d the curve's constant, y^2 = (±sqrt(1 + d) - 1) / d has y^4 d + 2 y^2 - 1 = 0.
  const Integer p = Integer::Power2(255) - 19;
  const Integer d = (p - Integer(121665)) * Integer(121666).InverseMod(p) % p;
  const Integer rootOfMinusOne = a_exp_b_mod_c(Integer(2), (p - 1) / 4, p);
  const auto squareRoot = [&](const Integer& square) {
    const Integer root = a_exp_b_mod_c(square, (p + 3) / 8, p);
    return root * root % p == square ? root : root * rootOfMinusOne % p;
  };
  const Integer root = squareRoot((d + 1) % p);
  for (const Integer& r : {root, p - root}) {
    const Integer square = (r + p - 1) % p * d.InverseMod(p) % p, y = squareRoot(square);
    if (y * y % p != square) continue;
    points[5] = littleEndian(y);
    points[6] = littleEndian(p - y);
  }
  const std::size_t count = points.size();
  for (std::size_t i = 0; i < count; ++i) {
    std::string negative = points[i];
    negative.back() = static_cast<char>(negative.back() | '\x80');
    points.push_back(negative);
  }
  return points;
}

TEST(Ed25519, MakesTheSignaturesOfTheRfc) {
  // RFC 8032, 7.1, test 2.
  SecretKeyBytes key;
  const std::string seed = unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  std::transform(seed.begin(), seed.end(), key.data(), [](char c) { return static_cast<unsigned char>(c); });
  EXPECT_EQ(asText(publicKeyOf(key)), unhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  EXPECT_EQ(
      asText(signEd25519(key, "\x72")),
      unhex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
            "2aeeb00d291612bb0c00"));
}

TEST(Ed25519, AcceptsWhatItSigned) {
  const SecretKeyBytes key = generateSecretKey();
  for (const std::string& message : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
    const SignatureBytes signature = signEd25519(key, message);
    EXPECT_TRUE(verifyEd25519(publicKeyOf(key), message, asText(signature)));
    EXPECT_FALSE(verifyEd25519(publicKeyOf(key), message + "!", asText(signature)));
  }
}

TEST(Ed25519, MakesAnotherKeyEachTime) { EXPECT_FALSE(generateSecretKey() == generateSecretKey()); }

TEST(Ed25519, Case02RefusesEveryFlippedBit) {
  const auto key = publicKeyOf(testKey(1));
  const std::string message = "tenon-manifest 1\n";
  const std::string signature(asText(signEd25519(testKey(1), message)));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    std::string changed = signature;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(verifyEd25519(key, message, changed)) << "bit " << bit;
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    std::string changed = message;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(verifyEd25519(key, changed, signature)) << "bit " << bit;
  }
}

TEST(Ed25519, Case10RefusesAnSOfAtLeastL) {
  const auto key = publicKeyOf(testKey(1));
  const std::string signature(asText(signEd25519(testKey(1), "message")));
  const std::string again = signature.substr(0, 32) + littleEndian(littleEndian(signature.substr(32)) + order());
  EXPECT_TRUE(cryptoppAloneAccepts(key, "message", again)) << "the check would have nothing to do";
  EXPECT_FALSE(verifyEd25519(key, "message", again));
  EXPECT_FALSE(verifyEd25519(key, "message", signature.substr(0, 32) + littleEndian(order())));
  EXPECT_FALSE(verifyEd25519(key, "message", signature.substr(0, 32) + std::string(32, '\xff')));
}

TEST(Ed25519, Case11RefusesAKeyOfSmallOrder) {
  // With A of order 1 and S = 0, R = A satisfies the equation for every message.
  const std::string one = pointWithY("\x01", '\0', '\0');
  const std::string signature = one + std::string(32, '\0');
  EXPECT_TRUE(cryptoppAloneAccepts(publicKeyFromBytes(one), "any message", signature))
      << "the check would have nothing to do";
  const auto encodings = smallOrderEncodings();
  ASSERT_EQ(encodings.size(), 14u);
  for (const std::string& key : encodings) {
    for (const std::string& r : encodings) {
      EXPECT_FALSE(verifyEd25519(publicKeyFromBytes(key), "any message", r + std::string(32, '\0')));
    }
  }
}

TEST(Ed25519, Case11RefusesAnROfSmallOrder) {
  // The holder of a key can sign with R of order 1: S = H(R, A, M) * a.
  const auto key = publicKeyOf(testKey(1));
  const std::string one = pointWithY("\x01", '\0', '\0');
  std::string scalar = sha512({reinterpret_cast<const char*>(testKey(1).data()), 32}).substr(0, 32);
  scalar.front() = static_cast<char>(scalar.front() & '\xf8');
  scalar.back() = static_cast<char>((scalar.back() & '\x7f') | '\x40');
  const Integer h = littleEndian(sha512(one + std::string(asText(key)) + "message")) % order();
  const std::string signature = one + littleEndian(h * littleEndian(scalar) % order());
  EXPECT_TRUE(cryptoppAloneAccepts(key, "message", signature)) << "the check would have nothing to do";
  EXPECT_FALSE(verifyEd25519(key, "message", signature));
}

TEST(Ed25519, Case11RefusesANonCanonicalKey) {
  // y between p and 2^255, and zero with a sign: every one of them, whatever they sign.
  const std::string signature(asText(signEd25519(testKey(1), "message")));
  for (int lowest = 0xed; lowest <= 0xff; ++lowest) {
    for (const char last : {'\x7f', '\xff'}) {
      const char first = static_cast<char>(lowest);
      EXPECT_FALSE(verifyEd25519(publicKeyFromBytes(pointWithY(&first, '\xff', last)), "message", signature));
      EXPECT_FALSE(
          verifyEd25519(publicKeyOf(testKey(1)), "message", pointWithY(&first, '\xff', last) + signature.substr(32)));
    }
  }
}

TEST(Ed25519, Case12RefusesSignaturesOf63And65Bytes) {
  const auto key = publicKeyOf(testKey(1));
  const std::string signature(asText(signEd25519(testKey(1), "message")));
  EXPECT_FALSE(verifyEd25519(key, "message", signature.substr(0, 63)));
  EXPECT_FALSE(verifyEd25519(key, "message", signature + '\0'));
  EXPECT_FALSE(verifyEd25519(key, "message", ""));
}

}  // namespace
}  // namespace tenon::host
