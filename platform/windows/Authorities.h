// Whom this machine trusts to vouch for servers: the system store "ROOT".
#pragma once

#include <string>

#include "platform/windows/Fault.h"

namespace tenon::platform {

// tenon.authorities/1.
Outcome describeAuthorities(std::string& document);

}  // namespace tenon::platform
