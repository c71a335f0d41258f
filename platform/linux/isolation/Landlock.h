// Landlock (kernel documentation, userspace-api/landlock): what a process may reach by name, by a ruleset that it can never
// put off. Stateless; any thread.
#pragma once

#include "platform/linux/Descriptor.h"
#include "platform/linux/Fault.h"
#include "platform/linux/process/SpawnRequest.h"

namespace tenon::platform {

// Of its interface; 0 where the kernel has none or it is turned off.
int landlockVersion();

// Before this one nothing could be moved between folders (Linux 5.19).
inline constexpr int kLandlockNeeded = 2;

// A ruleset for a child to enter. Where the kernel can, it also shuts signals to processes outside, and abstract sockets
// with `rest` shut. Paths that are not there are left out. Error: "io-error", or a folder with too many neighbours.
Outcome makeRuleset(const FileRules& rules, Descriptor& ruleset);

}  // namespace tenon::platform
