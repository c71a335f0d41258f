// The limits of a job. Stateless; any thread.
#pragma once

#include <string>

#include "platform/windows/process/Group.h"

namespace tenon::platform {

// Memory (committed, of the whole tree: past it allocations fail, nothing is killed) and the number of processes must hold;
// the host of the hidden console is counted with them and has a place of its own. Processors as a hard cap of the CPU rate,
// where Windows takes it; it and open files are warned of where they cannot be held. A crash ends a process at once, without
// a window that waits for somebody to press a button.
Outcome limitJob(HANDLE job, const std::string& name, const Limits& limits, const Warn& warn);

// From now on all in the job ends when nobody has a handle of it any more. The error's number; 0: none.
DWORD endWithLastHandle(HANDLE job);

}  // namespace tenon::platform
