// A tree without its job: from a list of all processes, by who started whom and by the name of the stop event, which every
// child has in its environment. Best effort: a child that was given another environment by a parent that has ended is
// missed. Any thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/windows/process/Group.h"

namespace tenon::platform {

struct Member {
  DWORD pid = 0;
  std::uint64_t startTime = 0;
};

std::vector<Member> findMembers(const Group& group);

// The names of groups that begin so, of all processes that say in their environment which one is theirs.
std::set<std::string> findGroupNames(std::string_view beginning);

}  // namespace tenon::platform
