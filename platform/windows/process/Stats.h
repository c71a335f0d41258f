// What a group uses. Any thread.
#pragma once

#include "platform/windows/process/Group.h"
#include "tenon/plugin.h"

namespace tenon::platform {

// Fills all but struct_size. Peak is committed memory, as the limit counts it; 0 without a job.
void readStats(const Group& group, tenon_stats& stats);

}  // namespace tenon::platform
