// Who on this node uses which files, and removing those from the content store that nobody uses any more. It looks at
// MANIFESTs, so that it is right on every file system: whether trees share files by hard links or by clones.
//
// Removing a file from the store takes nothing from a tree that holds it. Collecting beside an install is therefore safe: at
// worst a file that was just unpacked is not in the store, and is fetched again by the next release that has it. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "host/store/ContentStore.h"
#include "host/store/InstalledStore.h"

namespace tenon::host {

struct DiskUse {
  std::uint64_t files = 0, bytes = 0;
  bool operator==(const DiskUse&) const = default;
};

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

  Result<std::vector<ReleaseDisk>> diskOf(const ServiceId& service) const;
  // What goes from the disk where exactly these releases of the service go and the store is collected.
  Result<DiskUse> gainOf(const ServiceId& service, const std::vector<InstalledRelease>& releases) const;

  // What is in the store and no release uses: what collecting now would remove.
  Result<DiskUse> garbage() const;
  // Removes it, later. `told` what was removed; nothing where it runs already.
  void collectLater(const Told& told = {});
  bool isCollecting() const { return collecting_; }
  // What runs ends after its next file; for who takes the agent down.
  void stop() { stopped_ = true; }

 private:
  // A file as the store knows it.
  using Key = std::pair<Digest, bool>;
  struct Tree {
    ServiceId service;
    InstalledRelease release;
    std::map<Key, std::uint64_t> stored;  // what it shares, or could
    DiskUse own;                          // what it never shares: MANIFEST, links, a package without MANIFEST
  };
  Result<std::vector<Tree>> trees() const;
  Result<Tree> treeOf(const ServiceId& service, const InstalledRelease& release) const;
  Result<void> addManifest(const Path& path, std::map<Key, std::uint64_t>& stored, DiskUse& own) const;
  Result<void> addModels(const Path& tree, std::map<Key, std::uint64_t>& stored) const;
  Result<DiskUse> sizeOfTree(const Path& folder) const;
  Result<std::vector<StoredFile>> findGarbage() const;
  Result<void> addStaged(std::set<Key>& used) const;
  Result<DiskUse> collect();

  Files& files_;
  PackageLayout layout_;
  HashFunction hash_;
  Later later_;
  ContentStore store_;
  std::atomic<bool> collecting_{false}, stopped_{false};
};

}  // namespace tenon::host
