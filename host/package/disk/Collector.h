// Who on this node uses which files, and removing those from the content store that nobody uses any more.
//
// What is removed is moved to the trash first, so that nobody who changes a service waits for a tree of many files to be
// deleted.
//
// Removing a file from the store takes nothing from a tree that holds it. Collecting beside an install is therefore safe: at
// worst a file that was just unpacked is not in the store, and is fetched again by the next release that has it. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "host/package/disk/ReleaseTrees.h"
#include "host/store/ContentStore.h"

namespace tenon::host {

// What one release takes. A file counts once in a release, however often its tree has it.
struct ReleaseDisk {
  InstalledRelease release;
  DiskUse all;
  DiskUse alone;         // nothing else on this node has them: what goes with the release
  DiskUse withVersions;  // other versions of the service have them, and no other service
  DiskUse withServices;  // other services have them
};

class Collector {
 public:
  using Later = std::function<void(std::function<void()>)>;  // runs it some time, on another thread or now
  using Told = std::function<void(const Result<DiskUse>&)>;

  // `files` outlives the collector, and it outlives what `later` runs.
  Collector(Files& files, PackageLayout layout, HashFunction hash, Later later);

  // The releases of a service, by reading alone.
  Result<std::vector<InstalledRelease>> releasesOf(const ServiceId& service) const { return trees_.releasesOf(service); }
  // A damaged release is told to who asks about its own service, by its error; where it lies beside, whatever its tree might
  // use counts as used.
  Result<std::vector<ReleaseDisk>> diskOf(const ServiceId& service) const;
  // What goes from the disk where exactly these releases of the service go and the store is collected.
  Result<DiskUse> gainOf(const ServiceId& service, const std::vector<InstalledRelease>& releases) const;

  // All that is in the store, by looking at each file.
  Result<DiskUse> stored() const;
  // What is in the store and no release uses: what collecting now would remove.
  Result<DiskUse> garbage() const;
  // Empties the trash and removes that, later, and `told` what was removed. Where it runs already, it runs once more after
  // that, however many ask, since what they left may have been used when it looked; the last of them is told.
  void collectLater(const Told& told = {});
  bool isCollecting() const;
  bool hasTrash() const;  // also where that cannot be told
  // What runs ends after its next file; for who takes the agent down.
  void stop() { stopped_ = true; }

 private:
  Result<std::vector<StoredFile>> findGarbage() const;
  void collectWhileAsked(Told told);
  Result<DiskUse> collect();
  Result<void> emptyTrash();

  Files& files_;
  PackageLayout layout_;
  Later later_;
  ReleaseTrees trees_;
  ContentStore store_;
  mutable std::mutex mutex_;  // the two below
  bool collecting_ = false;
  std::optional<Told> next_;  // who asked meanwhile
  std::atomic<bool> stopped_{false};
};

}  // namespace tenon::host
