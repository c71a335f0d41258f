#include "platform/linux/process/SocketDiag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "platform/linux/Descriptor.h"

namespace tenon::platform {

namespace {

struct Question {
  struct nlmsghdr head;
  struct inet_diag_req_v2 body;
};

bool ask(int socket, std::uint8_t family, std::uint16_t port) {
  Question question = {};
  question.head.nlmsg_len = sizeof question;
  question.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.body.sdiag_family = family;
  question.body.sdiag_protocol = IPPROTO_TCP;
  question.body.idiag_states = 1u << TCP_LISTEN;
  question.body.id.idiag_sport = htons(port);
  return ::send(socket, &question, sizeof question, 0) == static_cast<ssize_t>(sizeof question);
}

enum class Progress { More, Done, Refused };

Progress read(const char* bytes, std::size_t size, std::set<std::uint64_t>& inodes) {
  for (std::size_t at = 0; at + NLMSG_HDRLEN <= size;) {
    const auto* head = reinterpret_cast<const struct nlmsghdr*>(bytes + at);
    if (head->nlmsg_type == NLMSG_DONE) return Progress::Done;
    if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY || head->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg))) {
      return Progress::Refused;
    }
    inodes.insert(reinterpret_cast<const struct inet_diag_msg*>(bytes + at + NLMSG_HDRLEN)->idiag_inode);
    at += NLMSG_ALIGN(head->nlmsg_len);
  }
  return Progress::More;
}

bool collect(int socket, std::set<std::uint64_t>& inodes) {
  alignas(struct nlmsghdr) char buffer[16u << 10];
  for (;;) {
    const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    const Progress progress = read(buffer, static_cast<std::size_t>(got), inodes);
    if (progress != Progress::More) return progress == Progress::Done;
  }
}

}  // namespace

std::optional<std::set<std::uint64_t>> askListeners(std::uint16_t port) {
  const Descriptor socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket) return std::nullopt;
  std::set<std::uint64_t> inodes;
  for (const std::uint8_t family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
    if (!ask(socket.get(), family, port) || !collect(socket.get(), inodes)) return std::nullopt;
  }
  return inodes;
}

}  // namespace tenon::platform
