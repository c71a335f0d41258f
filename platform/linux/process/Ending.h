// How a process ended, from its pidfd.
#pragma once

#include "tenon/plugin.h"

namespace tenon::platform {

// False: it has not ended. A child is reaped; of any other process the end is known where the kernel keeps it (Linux 6.15),
// and TENON_ENDED_UNKNOWN elsewhere. Waiter's thread only.
bool readEnding(int pidfd, tenon_ended& ended);

}  // namespace tenon::platform
