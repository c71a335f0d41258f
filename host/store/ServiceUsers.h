// users.json: which user of the system each service runs as, where the node gives it one of its own. A number stays a
// service's until it is forgotten, over restarts and upgrades. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "host/adapter/Files.h"
#include "host/contract/Digest.h"
#include "host/contract/release/Release.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

// Both ends are of it. No distribution gives these out, nor does systemd (its UIDS-GIDS): people end at 60000, its dynamic
// users at 65519, and what containers are lent begins at 100000.
struct UserRange {
  std::uint32_t first = 70000, last = 79999;

  // "70000-79999"; usage where it is none, or holds users of the system (below 1000) or of nobody (65534, 65535).
  static Result<UserRange> parse(const std::string& text);
  bool contains(std::uint32_t user) const { return user >= first && user <= last; }
};

class ServiceUsers {
 public:
  ServiceUsers(Files& files, const PackageLayout& layout, HashFunction hash, UserRange range)
      : files_(files), file_(layout.users()), seed_(layout.root().text()), hash_(hash), range_(range) {}

  // The service's own; the first time, and where it has one outside of the range, a free one, which is on disk when this
  // answers. Errors: limit-exceeded where none is free; state-corrupt where users.json cannot be read, or gives one number
  // to two services.
  Result<std::uint32_t> userOf(const ServiceId& service);
  // Its number may be given to another. Nothing of it may run or lie anywhere.
  Result<void> forget(const ServiceId& service);

 private:
  Result<void> load();
  Result<void> write(std::map<std::string, std::uint32_t> users);
  Result<std::uint32_t> findFree(const ServiceId& service) const;

  Files& files_;
  const Path file_;
  const std::string seed_;
  const HashFunction hash_;
  const UserRange range_;
  std::mutex mutex_;  // of the rest
  bool loaded_ = false;
  std::map<std::string, std::uint32_t> users_;  // by service
};

}  // namespace tenon::host
