#include "host/trust/KeyFile.h"

#include <cryptopp/misc.h>

#include <algorithm>

#include "host/base/Text.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

using namespace std::string_view_literals;

// DER of RFC 8410 up to the 32 bytes of the key. Ed25519 has no parameters, so these never vary.
constexpr auto kSecretDer = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"sv;
constexpr auto kPublicDer = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv;
// The same in version 2 (RFC 5958), which ends with the public key.
constexpr auto kSecretV2Der = "\x30\x51\x02\x01\x01\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"sv;
constexpr auto kSecretV2Middle = "\x81\x21\x00"sv;
constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kSecretLabel = "PRIVATE KEY", kPublicLabel = "PUBLIC KEY";

// Holds what must not stay in memory.
struct Wiped {
  std::string text;
  ~Wiped() { CryptoPP::SecureWipeBuffer(reinterpret_cast<CryptoPP::byte*>(text.data()), text.size()); }
};

Error noKey(const std::string& what) { return Error(ErrorCode::FormatInvalid, what); }

std::string pem(std::string_view label, std::string_view der) {
  // 64 bytes of DER at most: one line of base64 or two.
  Wiped base64{toBase64(der)};
  std::string text = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < base64.text.size(); at += 64) text.append(base64.text, at, 64) += '\n';
  return text + "-----END " + std::string(label) + "-----\n";
}

// "-----BEGIN X-----" → X; empty where the text does not begin so.
std::string_view labelOf(std::string_view text) {
  constexpr auto kBegin = "-----BEGIN "sv;
  if (!text.starts_with(kBegin)) return {};
  const auto end = text.find("-----", kBegin.size());
  return end == text.npos ? ""sv : text.substr(kBegin.size(), end - kBegin.size());
}

Error wrongLabel(std::string_view found, std::string_view wanted) {
  if (found.empty()) return noKey("no PEM text: it does not begin with -----BEGIN " + std::string(wanted) + "-----");
  Error error = noKey("a PEM text of a " + std::string(found) + " where a " + std::string(wanted) + " is needed");
  if (found == "ENCRYPTED PRIVATE KEY") error.withHint("openssl pkey -in KEY -out PLAIN takes the passphrase off");
  if (found == kSecretLabel) error.withHint("this is the secret half; give the .pub file beside it");
  if (found == kPublicLabel) error.withHint("this is the public half; give the .key file beside it");
  return error;
}

// The DER bytes of the one block in the text.
Result<std::string> derOf(std::string_view text, std::string_view label) {
  text = trimmed(text);
  if (const auto found = labelOf(text); found != label) return wrongLabel(found, label);
  const std::string begin = "-----BEGIN " + std::string(label) + "-----", end = "-----END " + std::string(label) + "-----";
  const auto stop = text.find(end);
  if (stop == text.npos || stop + end.size() != text.size()) {
    return noKey("PEM text: " + end + " is not its end").withHint("one key a file, and nothing after it");
  }
  Wiped base64{std::string(text.substr(begin.size(), stop - begin.size()))};
  std::erase_if(base64.text, [](char c) { return c == '\n' || c == '\r'; });
  return fromBase64(base64.text);
}

template <class Key>
Key keyAt(std::string_view der, std::size_t offset) {
  Key key{};
  std::transform(der.begin() + static_cast<std::ptrdiff_t>(offset),
                 der.begin() + static_cast<std::ptrdiff_t>(offset + kKeyBytes), key.data(),
                 [](char c) { return static_cast<unsigned char>(c); });
  return key;
}

Error wrongDer() {
  return noKey("the PEM text holds no Ed25519 key")
      .withHint("tenon key gen, or openssl genpkey -algorithm ed25519, makes one");
}

}  // namespace

std::string toPem(const SecretKeyBytes& key) {
  Wiped der{std::string(kSecretDer)};
  der.text.append(reinterpret_cast<const char*>(key.data()), kKeyBytes);
  return pem(kSecretLabel, der.text);
}

std::string toPem(const PublicKeyBytes& key) { return pem(kPublicLabel, std::string(kPublicDer).append(asText(key))); }

Result<SecretKeyBytes> secretKeyFromPem(std::string_view text) {
  TENON_TRY(std::string decoded, derOf(text, kSecretLabel));
  const Wiped holder{std::move(decoded)};
  const std::string_view der = holder.text;
  if (der.starts_with(kSecretDer) && der.size() == kSecretDer.size() + kKeyBytes) {
    return keyAt<SecretKeyBytes>(der, kSecretDer.size());
  }
  const std::size_t middle = kSecretV2Der.size() + kKeyBytes, last = middle + kSecretV2Middle.size();
  if (der.starts_with(kSecretV2Der) && der.size() == last + kKeyBytes && der.substr(middle).starts_with(kSecretV2Middle)) {
    const auto key = keyAt<SecretKeyBytes>(der, kSecretV2Der.size());
    if (publicKeyOf(key) != keyAt<PublicKeyBytes>(der, last))
      return noKey("the two halves of the key do not belong together");
    return key;
  }
  return wrongDer();
}

Result<PublicKeyBytes> publicKeyFromText(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with("-----")) {
    const auto raw = fromBase64(text);
    if (!raw || raw->size() != kKeyBytes) {
      return noKey("neither PEM nor base64 of the 32 bytes of a public key")
          .withHint("give a .pub file that tenon key gen wrote");
    }
    return keyAt<PublicKeyBytes>(*raw, 0);
  }
  TENON_TRY(const std::string der, derOf(text, kPublicLabel));
  if (!der.starts_with(kPublicDer) || der.size() != kPublicDer.size() + kKeyBytes) return wrongDer();
  return keyAt<PublicKeyBytes>(der, kPublicDer.size());
}

std::string keyId(const PublicKeyBytes& key) { return sha256(asText(key)).hex(); }

}  // namespace tenon::host
