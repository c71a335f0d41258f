// A filter of system calls (seccomp(2)) under which no socket can be made. Stateless; any thread.
#pragma once

#include <linux/filter.h>

namespace tenon::platform {

// Lives as long as the program. What is connected or inherited already goes on; pairs of streams can be made.
const sock_fprog& networkFilter();

// Does this kernel take such filters, here?
bool takesFilters();

}  // namespace tenon::platform
