// Virus scanners, indexers and backup programs open a file for a moment, often just when it has been written, and whoever
// wants to replace or remove it then is told "sharing violation" or "access denied". Both are tried again for a while.
// Stateless; any thread.
#pragma once

#include "platform/windows/Os.h"

namespace tenon::platform {

inline constexpr bool mayPass(DWORD error) {
  return error == ERROR_SHARING_VIOLATION || error == ERROR_LOCK_VIOLATION || error == ERROR_ACCESS_DENIED ||
         error == ERROR_DELETE_PENDING || error == ERROR_USER_MAPPED_FILE;
}

// What an older Windows or file system says to a kind of information that it does not know.
inline constexpr bool isUnknownToThisSystem(DWORD error) {
  return error == ERROR_INVALID_PARAMETER || error == ERROR_NOT_SUPPORTED || error == ERROR_INVALID_FUNCTION ||
         error == ERROR_CALL_NOT_IMPLEMENTED || error == ERROR_INVALID_LEVEL;
}

// Calls `attempt`, which returns 0 or the error, until it succeeds, fails for another reason, or about 1.5 s have passed.
template <class Attempt>
DWORD withPatience(Attempt&& attempt) {
  constexpr DWORD kLongestMillis = 128;
  constexpr int kTurns = 18;
  DWORD pause = 1;
  DWORD error = attempt();
  for (int turn = 0; turn < kTurns && mayPass(error); ++turn) {
    ::Sleep(pause);
    pause = pause * 2 > kLongestMillis ? kLongestMillis : pause * 2;
    error = attempt();
  }
  return error;
}

}  // namespace tenon::platform
