#include "platform/linux/isolation/NetworkFilter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace tenon::platform {

namespace {

#if defined(__x86_64__)
constexpr unsigned kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kMachine = AUDIT_ARCH_AARCH64;
#endif
constexpr unsigned kOtherNumbers = 0x40000000;  // of x32, on x86-64

constexpr sock_filter load(std::size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)); }
constexpr sock_filter answer(unsigned what) { return BPF_STMT(BPF_RET | BPF_K, what); }
// Skips that many of the following where the value is, or is not.
constexpr sock_filter equal(unsigned value, unsigned char then, unsigned char otherwise) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise);
}
constexpr sock_filter atLeast(unsigned value, unsigned char then, unsigned char otherwise) {
  return BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, then, otherwise);
}

// Programs of another machine's numbers would come by; io_uring makes sockets without the call.
std::array<sock_filter, 8> instructions = {
    load(offsetof(seccomp_data, arch)), equal(kMachine, 0, 4),     load(offsetof(seccomp_data, nr)),
    atLeast(kOtherNumbers, 2, 0),       equal(SYS_socket, 1, 0),   equal(SYS_io_uring_setup, 0, 1),
    answer(SECCOMP_RET_ERRNO | EACCES), answer(SECCOMP_RET_ALLOW),
};

}  // namespace

const sock_fprog& networkFilter() {
  static const sock_fprog filter = {static_cast<unsigned short>(instructions.size()), instructions.data()};
  return filter;
}

}  // namespace tenon::platform
