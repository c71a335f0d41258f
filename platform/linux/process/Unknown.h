// What runs in containments of given names, however it came there: for an agent that starts after one that died before it
// had written down what it had started. Any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/linux/process/Group.h"

namespace tenon::platform {

// Groups whose name begins so and is not known to the caller: one for each folder of a control group, also an empty one that
// lies where this process would put its own; and one for each process-group of which a tagged process lives. Reads two files
// of every process.
std::vector<Group> findUnknownGroups(std::string_view beginning, const std::function<bool(const std::string&)>& isKnown);

}  // namespace tenon::platform
