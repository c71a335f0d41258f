// What a group uses. Any thread.
#pragma once

#include "platform/linux/process/Group.h"
#include "tenon/plugin.h"

namespace tenon::platform {

// Fills all but struct_size.
void readStats(const Group& group, tenon_stats& stats);

}  // namespace tenon::platform
