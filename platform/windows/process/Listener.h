// Who listens on a TCP port of this machine. Any thread.
#pragma once

#include <cstdint>

#include "platform/windows/process/Group.h"

namespace tenon::platform {

// 1: the group does, on some address; 0: somebody else does; -1: nobody does, or the machine does not tell.
int ownsListener(const Group& group, std::uint16_t port);

}  // namespace tenon::platform
