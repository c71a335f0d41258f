// tenon.own-state/1: what this process holds at this moment. Any thread.
#pragma once

#include <string>

#include "platform/linux/Fault.h"

namespace tenon::platform {

Outcome describeOwnState(std::string& document);

}  // namespace tenon::platform
