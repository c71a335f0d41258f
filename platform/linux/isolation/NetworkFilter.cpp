#include "platform/linux/isolation/NetworkFilter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

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

constexpr sock_filter bits(unsigned mask) { return BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask); }

// Programs of another machine's numbers would come by; io_uring makes sockets without the call; one of a pair that is not of
// streams can be sent elsewhere. The type of a socket is in four bits (SOCK_TYPE_MASK).
constexpr std::size_t kTypeOfPair = offsetof(seccomp_data, args) + sizeof(std::uint64_t);  // the low half: little-endian
std::array<sock_filter, 13> instructions = {
    load(offsetof(seccomp_data, arch)), equal(kMachine, 0, 9),       load(offsetof(seccomp_data, nr)),
    atLeast(kOtherNumbers, 7, 0),       equal(SYS_socket, 6, 0),     equal(SYS_io_uring_setup, 5, 0),
    equal(SYS_socketpair, 0, 5),        load(kTypeOfPair),           bits(0xF),
    equal(SOCK_STREAM, 2, 0),           equal(SOCK_SEQPACKET, 1, 0), answer(SECCOMP_RET_ERRNO | EACCES),
    answer(SECCOMP_RET_ALLOW),
};

}  // namespace

const sock_fprog& networkFilter() {
  static const sock_fprog filter = {static_cast<unsigned short>(instructions.size()), instructions.data()};
  return filter;
}

bool takesFilters() {
  unsigned what = SECCOMP_RET_ERRNO;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &what) == 0;
}

}  // namespace tenon::platform
