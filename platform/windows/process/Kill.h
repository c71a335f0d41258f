// Ends everything in a group, and comes back when none of it runs. Any thread.
#pragma once

#include "platform/windows/Fault.h"
#include "platform/windows/process/Group.h"

namespace tenon::platform {

inline constexpr unsigned kKillPatienceMillis = 5000;  // the ABI's promise, of freezing too

// The exit code of what is killed here: 128 + 9, as shells tell a SIGKILL.
inline constexpr UINT kKilledExit = 137;

Outcome killGroup(const Group& group);

}  // namespace tenon::platform
