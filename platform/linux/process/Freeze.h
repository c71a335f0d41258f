// Stops everything in a group where it stands, and lets it go on. Any thread.
#pragma once

#include "platform/linux/Fault.h"
#include "platform/linux/process/Group.h"

namespace tenon::platform {

// Where some of it still runs after 5 s, all of it runs on.
Outcome freezeGroup(const Group& group);
Outcome thawGroup(const Group& group);

// Asks the kernel, where it has a way of its own for this group, and does not wait. False: it has none.
bool writeFrozen(const Group& group, bool frozen);

}  // namespace tenon::platform
