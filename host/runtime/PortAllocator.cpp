#include "host/runtime/PortAllocator.h"

#include <Poco/Environment.h>
#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

// No listen: a socket that is only bound keeps others off just as well, and nobody can connect to it meanwhile. Address
// reuse, since connections of a service that has ended may linger (not on Windows, where they do not matter and it would
// mean a port in use); port reuse not, or a listener of the same user would not count.
std::optional<std::uint16_t> bindOnLoopback(std::uint16_t port) {
  try {
    Poco::Net::ServerSocket socket;
    socket.bind(Poco::Net::SocketAddress("127.0.0.1", port), Poco::Environment::isUnix(), false);
    return socket.address().port();
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

}  // namespace

PortAllocator::Probe PortAllocator::loopbackProbe() {
  return [](std::uint16_t port) { return bindOnLoopback(port).has_value(); };
}

bool PortAllocator::take(std::uint16_t port) {
  if (reserved_.contains(port) || !mayUse_(port)) return false;
  return reserved_.insert(port).second;
}

Result<std::uint16_t> PortAllocator::allocate(std::optional<std::uint16_t> wanted) {
  const std::lock_guard lock(mutex_);
  const unsigned first = wanted.value_or(0);
  if (first != 0) {
    for (unsigned port = first; port < first + unsigned{limits::kPortAttempts} && port <= 65535; ++port) {
      if (take(static_cast<std::uint16_t>(port))) return static_cast<std::uint16_t>(port);
    }
  }
  for (int attempt = 0; attempt < limits::kPortAttempts; ++attempt) {
    const auto port = bindOnLoopback(0);
    if (port && take(*port)) return *port;
  }
  return Error(ErrorCode::PortTaken, first != 0
                                         ? "no port is free: tried " + std::to_string(first) + " and the next " +
                                               std::to_string(limits::kPortAttempts - 1) + ", then any that the system gives"
                                         : std::string("no port is free: the system gives none"))
      .withHint("see which programs listen on this machine, or set another default_port");
}

Result<std::uint16_t> PortAllocator::allocateFixed(std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  if (take(port)) return port;
  return Error(ErrorCode::PortTaken, "port " + std::to_string(port) + " is taken, and the service listens on no other")
      .withHint("see which program listens there; a service that asks SERVICE_PORT for its port can have another");
}

bool PortAllocator::usable(std::uint16_t port) const { return mayUse_(port); }

void PortAllocator::reserve(std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  reserved_.insert(port);
}

void PortAllocator::release(std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  reserved_.erase(port);
}

}  // namespace tenon::host
