#include "host/hub/HubToken.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Text.h"
#include "host/trust/Ed25519.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

constexpr std::size_t kFileBytes = 4096;
constexpr std::size_t kLeastBytes = 16;

Result<std::string> makeToken(Files& files, const Path& file) {
  const SecretKeyBytes random = generateSecretKey();
  Digest::Bytes bytes{};
  std::copy_n(random.data(), bytes.size(), bytes.begin());
  const std::string token = Digest(bytes).hex();
  TENON_CHECK(files.makeFolder(0, file.parent().text(), {.parents = true, .ownerOnly = true}));
  TENON_CHECK(writeAtomically(files, file, token + "\n", true));
  return token;
}

}  // namespace

Result<HubToken> HubToken::open(Files& files, const Path& file) {
  const auto text = files.readAll(file, kFileBytes);
  if (!text && text.error().code() != ErrorCode::NotFound) return text.error();
  if (!text) {
    TENON_TRY(const std::string made, withContext("make the token file " + file.text(), makeToken(files, file)));
    return HubToken(file, sha256(made), true);
  }
  const std::string token(trimmed(*text));
  if (token.size() < kLeastBytes || token.find_first_of(" \t\r\n") != std::string::npos) {
    return Error(ErrorCode::FormatInvalid, file.text() + " holds no token of at least 16 characters")
        .withHint("remove it, and the hub makes a new one");
  }
  return HubToken(file, sha256(token), false);
}

bool HubToken::allows(std::string_view authorization) const {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return false;
  const Digest given = sha256(authorization.substr(kScheme.size()));
  unsigned different = 0;
  for (std::size_t i = 0; i < given.bytes().size(); ++i) different |= unsigned{given.bytes()[i]} ^ token_.bytes()[i];
  return different == 0;
}

}  // namespace tenon::host
