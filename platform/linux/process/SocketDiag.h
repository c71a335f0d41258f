// The kernel's own answer to who listens where (sock_diag(7)). /proc/net/tcp lists every connection of the machine for it:
// with a thousand services that took 20 ms a question. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

namespace tenon::platform {

// The inodes of the TCP sockets that listen on a port, on whatever address. Nothing: this kernel does not answer that.
std::optional<std::set<std::uint64_t>> askListeners(std::uint16_t port);

}  // namespace tenon::platform
