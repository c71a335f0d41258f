#include "platform/linux/process/Ending.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace tenon::platform {

namespace {

// include/uapi/linux/pidfd.h of Linux 6.15, newer than the headers of the systems that we build on.
struct PidfdInfo {
  std::uint64_t mask, cgroupId;
  std::uint32_t pid, tgid, ppid;
  std::uint32_t ids[8];
  std::int32_t exitCode;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr unsigned long kGetInfo = _IOWR(0xFF, 11, PidfdInfo);
constexpr std::uint64_t kInfoExit = 1u << 3;
#ifndef P_PIDFD
constexpr idtype_t P_PIDFD = static_cast<idtype_t>(3);
#endif

enum class Told { Exit, NotYet, Never };

Told askKernel(int pidfd, int& status) {
  PidfdInfo info = {};
  info.mask = kInfoExit;
  if (::ioctl(pidfd, kGetInfo, &info) != 0) return Told::Never;
  if ((info.mask & kInfoExit) == 0) return Told::NotYet;
  status = info.exitCode;
  return Told::Exit;
}

// The kernel tells once the process's parent has reaped it. Most do at once; a wait for one that does not must not be
// repeated for every process of a machine, so it is short.
Told askWhenReaped(int pidfd, int& status) {
  constexpr int kReapMillis = 20;
  const Told told = askKernel(pidfd, status);
  if (told != Told::NotYet) return told;
  struct pollfd reaped = {pidfd, 0, 0};  // POLLHUP
  if (::poll(&reaped, 1, kReapMillis) <= 0) return Told::Never;
  return askKernel(pidfd, status);
}

void decode(int status, tenon_ended& ended) {
  if (WIFSIGNALED(status)) {
    ended.how = TENON_ENDED_SIGNAL;
    ended.code = WTERMSIG(status);
  } else {
    ended.how = TENON_ENDED_EXIT;
    ended.code = WEXITSTATUS(status);
  }
}

}  // namespace

bool readEnding(int pidfd, tenon_ended& ended) {
  siginfo_t info = {};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG) == 0) {
    if (info.si_pid == 0) return false;
    ended.how = info.si_code == CLD_EXITED ? TENON_ENDED_EXIT : TENON_ENDED_SIGNAL;
    ended.code = info.si_status;
    return true;
  }
  if (errno == EINTR) return false;
  int status = 0;
  ended.how = TENON_ENDED_UNKNOWN;
  if (askWhenReaped(pidfd, status) == Told::Exit) decode(status, ended);
  return true;
}

}  // namespace tenon::platform
