// Stops everything in a group where it stands, and lets it go on. Any thread.
#pragma once

#include "platform/windows/Fault.h"
#include "platform/windows/process/Group.h"

namespace tenon::platform {

// Where some of it still runs after 5 s, all of it runs on.
Outcome freezeGroup(const Group& group);
Outcome thawGroup(const Group& group);

}  // namespace tenon::platform
