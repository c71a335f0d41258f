#include "host/cli/KeyFiles.h"

#include "host/base/Limits.h"

namespace tenon::host {

Result<PublicKeyBytes> readPublicKey(const Cli& cli, const std::string& file) {
  TENON_TRY(const auto text, cli.files().readAll(cli.absolute(file), limits::kKeyFileBytes));
  return withContext("read " + file, publicKeyFromText(text));
}

Result<SecretKeyBytes> readSecretKey(const Cli& cli, const std::string& file) {
  TENON_TRY(const auto pem, cli.files().readAll(cli.absolute(file), limits::kKeyFileBytes));
  return withContext("read " + file, secretKeyFromPem(pem));
}

Result<std::string> readHubToken(const Cli& cli, const std::string& file) {
  TENON_TRY(std::string token, cli.files().readAll(cli.absolute(file), limits::kKeyFileBytes));
  token.resize(token.find_last_not_of(" \r\n\t") + 1);
  return token;
}

}  // namespace tenon::host
