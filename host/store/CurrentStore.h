// current.json of one service: reading it, and the commit. Finding a way back where it is corrupt (the newest good release)
// is the lifecycle's work. Any thread; two writers of one service never at once (they hold the service's lock).
#pragma once

#include <optional>

#include "host/adapter/Files.h"
#include "host/contract/CurrentRelease.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

class CurrentStore {
 public:
  // `files` outlives the store. `hash` is SHA-256.
  CurrentStore(Files& files, ServiceLayout layout, ServiceId service, HashFunction hash)
      : files_(files), layout_(std::move(layout)), service_(std::move(service)), hash_(hash) {}

  // Nothing where no release was ever made current. Error: state-corrupt (torn, of another service, hash wrong).
  Result<std::optional<CurrentRelease>> read() const;

  // The commit: durable when it returns. Sets `generation` to one more than on disk (than `next` says, where what is on disk
  // cannot be read: a corrupt file must not keep a recovery from writing a good one). The service's folder exists.
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
