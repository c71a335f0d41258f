// From a prepared request to a running program: as quick as vfork, straight into its control group. Any thread.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>

#include "platform/linux/Descriptor.h"

namespace tenon::platform {

// Everything that the child needs, made ready beforehand: between its birth and its exec it may only make system calls.
struct ChildPlan {
  const char* const* argv = nullptr;  // ends with a null; [0] is the program
  const char* const* env = nullptr;
  const char* cwd = nullptr;
  int output = -1;             // for stdout and stderr
  int nothing = -1;            // /dev/null, for stdin
  int group = -1;              // folder of the cgroup v2 group to be born into; -1: none
  std::array<int, 4> joins{};  // cgroup.procs of v1 groups to enter before exec
  unsigned joinCount = 0;
  std::optional<struct rlimit> openFiles;  // nothing: as many as this process
  std::array<int, 2> kept = {-1, -1};      // stay open under their own numbers; -1: none
  int ruleset = -1;                        // of Landlock, to enter; -1: none
  std::optional<std::uint32_t> user;       // to become, with its group of the same number and no other
  bool withoutPrivileges = false;
  const struct sock_fprog* filter = nullptr;  // of system calls, to enter; null: none
};

struct ChildStart {
  enum class Step { Born, Join, Folder, Streams, Limits, Privileges, Descriptors, Groups, Rules, User, Filter, Execute };
  pid_t pid = 0;
  Descriptor pidfd;
  int error = 0;  // errno of `failed`; 0: the program runs
  Step failed = Step::Born;
};

// Returns when the program has begun or could not; a child that could not is reaped already.
ChildStart startChild(const ChildPlan& plan);

}  // namespace tenon::platform
