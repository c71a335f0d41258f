// Ends everything in a group, and comes back when none of it runs. Any thread.
#pragma once

#include <chrono>

#include "platform/linux/Fault.h"
#include "platform/linux/process/Group.h"

namespace tenon::platform {

inline constexpr std::chrono::seconds kKillPatience{5};  // the ABI's promise, of freezing too

Outcome killGroup(const Group& group);

}  // namespace tenon::platform
