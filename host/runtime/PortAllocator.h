// Which TCP port a service gets [origin]: its default, then +1 … +99, then whatever the OS gives; each tried by binding it
// on the address that services use, and reserved here until released. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>

#include "host/base/Result.h"

namespace tenon::host {

class PortAllocator {
 public:
  // `mayUse`: is the port free for a listener just now? (bindable on loopback)
  using Probe = std::function<bool(std::uint16_t)>;
  explicit PortAllocator(Probe mayUse) : mayUse_(std::move(mayUse)) {}
  static Probe loopbackProbe();

  // `wanted` 0 or absent: one that the OS picks. port-taken where none is to be had.
  Result<std::uint16_t> allocate(std::optional<std::uint16_t> wanted);
  // This one or none: port-taken.
  Result<std::uint16_t> allocateFixed(std::uint16_t port);
  // Of an adopted process.
  void reserve(std::uint16_t port);
  void release(std::uint16_t port);
  // Could a listener have it just now, reserved or not? Asked of a port whose holder has ended.
  bool usable(std::uint16_t port) const;

 private:
  bool take(std::uint16_t port);  // under the mutex

  Probe mayUse_;
  std::mutex mutex_;
  std::set<std::uint16_t> reserved_;
};

}  // namespace tenon::host
