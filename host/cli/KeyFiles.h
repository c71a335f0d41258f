// Keys and tokens in files that a command line names. Errors name the file as it was given.
#pragma once

#include <string>

#include "host/cli/Cli.h"
#include "host/trust/KeyFile.h"

namespace tenon::host {

Result<PublicKeyBytes> readPublicKey(const Cli& cli, const std::string& file);
Result<SecretKeyBytes> readSecretKey(const Cli& cli, const std::string& file);
// The publisher's secret of a hub, without the end of its line.
Result<std::string> readHubToken(const Cli& cli, const std::string& file);

}  // namespace tenon::host
