// Containment without control groups: who belongs to a session and process group, and who came back to us as an orphan.
// Best effort: a child that made a session of its own is found by its parents or by the tag in its environment.
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

#include "platform/linux/ProcFs.h"
#include "platform/linux/process/Group.h"

namespace tenon::platform {

// The living processes of a process-group. Any thread.
std::vector<ProcStat> findMembers(const Group& group);

// The same of a group of any kind.
std::vector<ProcStat> livingMembers(const Group& group);

// Makes this process the one to which orphans of its descendants come. Once is enough.
void becomeSubreaper();

// Reaps ended orphans: children of ours, in a session other than our own (every spawn makes a new one, and none can join an
// old one), that are not known to the caller, who waits for those itself. A library's own children stay in our session.
void reapOrphans(const std::function<bool(pid_t)>& isKnown);

}  // namespace tenon::platform
