// tenon.platform-facts/1: what this machine is and how it contains. Stateless; any thread.
#pragma once

#include <string>

#include "platform/linux/process/Containment.h"

namespace tenon::platform {

std::string describeMachine(const ContainmentWay& way);

}  // namespace tenon::platform
