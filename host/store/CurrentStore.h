// current.json of one service: reading, the commit, and finding a way back when it is lost.
#pragma once

#include <optional>

#include "host/adapter/Files.h"
#include "host/contract/CurrentRelease.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

class CurrentStore {
 public:
  // `files` outlives the store. `hash` is SHA-256.
  CurrentStore(Files& files, ServiceLayout layout, ServiceId service, HashFunction hash);

  // Nothing where no release was ever made current. Error: state-corrupt (torn, of another service, hash wrong).
  Result<std::optional<CurrentRelease>> read() const;

  // The commit: durable when it returns. Sets `generation` to one more than on disk.
  Result<CurrentRelease> write(CurrentRelease next);

  // No release is current any more.
  Result<void> clear();

 private:
  Files& files_;
  ServiceLayout layout_;
  ServiceId service_;
  HashFunction hash_;
};

}  // namespace tenon::host
