// tenon.platform-facts/1: what this machine is and how it contains. Stateless; any thread.
#pragma once

#include <string>

namespace tenon::platform {

std::string describeMachine();

}  // namespace tenon::platform
