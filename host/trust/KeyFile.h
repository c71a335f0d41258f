// Keys as files that openssl reads: PKCS#8 PEM (secret) and SubjectPublicKeyInfo PEM (public), RFC 8410; also the origin's
// raw 32-byte public key in base64 [origin]. No state; any thread.
#pragma once

#include <string>
#include <string_view>

#include "host/trust/Ed25519.h"

namespace tenon::host {

std::string toPem(const SecretKeyBytes& key);
std::string toPem(const PublicKeyBytes& key);
Result<SecretKeyBytes> secretKeyFromPem(std::string_view text);   // format-invalid
Result<PublicKeyBytes> publicKeyFromText(std::string_view text);  // PEM, or base64 of the raw 32 bytes; format-invalid

// SHA-256 of the raw public key, 64 hex digits; people see the first 16.
std::string keyId(const PublicKeyBytes& key);
inline std::string shortKeyId(std::string_view id) { return std::string(id.substr(0, 16)); }

std::string toBase64(std::string_view bytes);
Result<std::string> fromBase64(std::string_view text);  // strict: canonical padding, no white space; format-invalid

// The bytes as text, for calls that take text.
template <std::size_t N>
std::string_view asText(const std::array<unsigned char, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

}  // namespace tenon::host
