#include "platform/linux/process/Child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

// The child shares this process's memory until its exec (as with vfork), so nothing that it runs may touch what a sanitizer
// or a library keeps there.
#if defined(__clang__)
#define TENON_CHILD_SIDE __attribute__((noinline, no_sanitize("address", "undefined", "thread")))
#else
#define TENON_CHILD_SIDE __attribute__((noinline, no_sanitize_address, no_sanitize_undefined, no_sanitize_thread))
#endif

namespace tenon::platform {

namespace {

using Step = ChildStart::Step;

struct Handover {
  const ChildPlan* plan;
  int groupProcs;      // to be entered by writing, where the kernel did not put us into it; -1: nothing to do
  volatile int error;  // what comes back, through the shared memory
  volatile Step failed;
};

// struct sigaction as the kernel takes it: the C library's wrapper would refuse its own two signals.
struct KernelAction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  unsigned long mask;
};

TENON_CHILD_SIDE bool joinAll(const Handover& handover) {
  if (handover.groupProcs >= 0 && ::syscall(SYS_write, handover.groupProcs, "0", 1) != 1) return false;
  for (unsigned at = 0; at < handover.plan->joinCount; ++at) {
    if (::syscall(SYS_write, handover.plan->joins[at], "0", 1) != 1) return false;
  }
  return true;
}

TENON_CHILD_SIDE bool setStreams(const ChildPlan& plan) {
  return ::syscall(SYS_dup3, plan.nothing, 0, 0) == 0 && ::syscall(SYS_dup3, plan.output, 1, 0) == 1 &&
         ::syscall(SYS_dup3, plan.output, 2, 0) == 2;
}

TENON_CHILD_SIDE bool limitFiles(const ChildPlan& plan) {
  if (!plan.openFiles) return true;
  return ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &*plan.openFiles, nullptr) == 0;
}

// Handlers were reset at birth; ignored signals stay ignored through an exec unless somebody says otherwise.
TENON_CHILD_SIDE void resetSignals() {
  const KernelAction plain = {nullptr, 0, nullptr, 0};
  constexpr int kSignals = 64;
  for (int number = 1; number <= kSignals; ++number) {
    ::syscall(SYS_rt_sigaction, number, &plain, nullptr, sizeof plain.mask);
  }
  const unsigned long none = 0;
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
}

// As system calls these are of this task alone; the C library's calls would want every thread to follow. The user comes
// last: until the exec this memory is the agent's, and nobody may reach into it by way of the child. The kernel lets no
// process of the new user trace one that has just changed users, and with rules in force none from outside can stop it.
TENON_CHILD_SIDE Step isolate(const ChildPlan& plan) {
  // Out of this set come those that an exec gives to root. Who may not take out of it has none to give.
  constexpr int kMostCapabilities = 64;
  for (int each = 0; plan.withoutPrivileges && each < kMostCapabilities; ++each) {
    if (::syscall(SYS_prctl, PR_CAPBSET_DROP, each, 0, 0, 0) != 0) break;
  }
  if (plan.user &&
      (::syscall(SYS_setgroups, 0, nullptr) != 0 || ::syscall(SYS_setresgid, *plan.user, *plan.user, *plan.user) != 0)) {
    return Step::Groups;
  }
  if (plan.ruleset >= 0 && ::syscall(SYS_landlock_restrict_self, plan.ruleset, 0) != 0) return Step::Rules;
  if (plan.user && ::syscall(SYS_setresuid, *plan.user, *plan.user, *plan.user) != 0) return Step::User;
  if (plan.filter && ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, plan.filter) != 0) return Step::Filter;
  return Step::Execute;
}

TENON_CHILD_SIDE Step runSteps(const Handover& handover) {
  const ChildPlan& plan = *handover.plan;
  ::syscall(SYS_setsid);
  ::syscall(SYS_umask, 022);
  if (!joinAll(handover)) return Step::Join;
  if (::syscall(SYS_chdir, plan.cwd) != 0) return Step::Folder;
  if (!setStreams(plan)) return Step::Streams;
  if (!limitFiles(plan)) return Step::Limits;
  if (::syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Step::Privileges;
  if (::syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC) != 0) return Step::Descriptors;
  for (const int kept : plan.kept) {
    if (kept >= 0 && ::syscall(SYS_fcntl, kept, F_SETFD, 0) != 0) return Step::Descriptors;
  }
  resetSignals();
  if (const Step failed = isolate(plan); failed != Step::Execute) return failed;
  ::syscall(SYS_execve, plan.argv[0], plan.argv, plan.env);
  return Step::Execute;
}

TENON_CHILD_SIDE int childMain(void* argument) {
  auto* handover = static_cast<Handover*>(argument);
  const Step failed = runSteps(*handover);
  handover->failed = failed;
  handover->error = errno;
  ::syscall(SYS_exit_group, 127);
  return 127;
}

// The kernel starts the child on `stack`, where it calls childMain; the caller goes on as from any system call.
TENON_CHILD_SIDE long clone3(clone_args* arguments, int (*run)(void*), void* argument) {
#if defined(__x86_64__)
  long result = SYS_clone3;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "mov %[argument], %%rdi\n\t"
      "call *%[run]\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "D"(arguments), "S"(sizeof *arguments), [run] "r"(run), [argument] "r"(argument)
      : "rcx", "r11", "memory", "cc");
  return result;
#elif defined(__aarch64__)
  register long number asm("x8") = SYS_clone3;
  register long result asm("x0") = reinterpret_cast<long>(arguments);
  register long size asm("x1") = sizeof *arguments;
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"
      "mov x0, %[argument]\n\t"
      "blr %[run]\n\t"
      "brk #0\n"
      "1:"
      : "+r"(result)
      : "r"(number), "r"(size), [run] "r"(run), [argument] "r"(argument)
      : "x30", "memory", "cc");
  return result;
#else
#error "the child's start is written for x86-64 and arm64"
#endif
}

constexpr std::size_t kStackBytes = 64u << 10;

// Kernels before 5.3 and some sandboxes answer clone3 with "not there".
pid_t cloneOldWay(Handover& handover, char* stack, int& pidfd) {
  const int group = handover.plan->group;
  const Descriptor procs(group >= 0 ? ::openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC) : -1);
  if (group >= 0 && !procs) return -1;
  handover.groupProcs = procs.get();
  constexpr int kFlags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  return ::clone(&childMain, stack + kStackBytes, kFlags, &handover, &pidfd);
}

pid_t cloneChild(Handover& handover, char* stack, int& pidfd) {
  const int group = handover.plan->group;
  clone_args arguments = {};
  arguments.flags = std::uint64_t{CLONE_VM} | std::uint64_t{CLONE_VFORK} | std::uint64_t{CLONE_PIDFD} | CLONE_CLEAR_SIGHAND;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  arguments.stack = reinterpret_cast<std::uintptr_t>(stack);
  arguments.stack_size = kStackBytes;
  if (group >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<unsigned>(group);
  }
  const long result = clone3(&arguments, &childMain, &handover);
  if (result > 0) return static_cast<pid_t>(result);
  errno = static_cast<int>(-result);
  const bool missing = errno == ENOSYS || errno == EPERM || errno == EINVAL;
  return missing ? cloneOldWay(handover, stack, pidfd) : -1;
}

}  // namespace

ChildStart startChild(const ChildPlan& plan) {
  ChildStart start;
  void* stack = ::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) {
    start.error = errno;
    return start;
  }
  Handover handover{&plan, -1, 0, Step::Born};
  // Nothing of this process may run in the child: its handlers would see memory that is not theirs alone.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  const pid_t pid = cloneChild(handover, static_cast<char*>(stack), pidfd);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::munmap(stack, kStackBytes);
  start.pidfd = Descriptor(pidfd);
  if (pid < 0) {
    start.error = error;
  } else if (handover.error != 0) {
    start.error = handover.error;
    start.failed = handover.failed;
    siginfo_t ignored;
    while (::waitid(P_PID, static_cast<id_t>(pid), &ignored, WEXITED) != 0 && errno == EINTR) {
    }
  } else {
    start.pid = pid;
  }
  return start;
}

}  // namespace tenon::platform
