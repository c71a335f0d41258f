// What lies under versions/ of every service, and which files of the content store it uses. Looks at MANIFESTs, so that it
// is right on every file system: whether trees share files by hard links or by clones.
//
// Only reads: whoever asks holds no service's lock, and what a change removes beside it must not come back. One damaged
// release is told with that release, and hides no other. Any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "host/store/InstalledStore.h"

namespace tenon::host {

struct DiskUse {
  std::uint64_t files = 0, bytes = 0;
  void add(std::uint64_t size) { ++files, bytes += size; }
  bool operator==(const DiskUse&) const = default;
};

struct ReleaseTree {
  // A file as the store knows it.
  using Key = std::pair<Digest, bool>;

  ServiceId service;
  InstalledRelease release;
  std::map<Key, std::uint64_t> stored;  // what it shares, or could
  DiskUse own;                          // what it never shares: MANIFEST, links, a package without MANIFEST

  // Why the two above, or the release's hash, are not all: state-corrupt naming the file, or what the disk said.
  std::optional<Error> damage;
  // Of every file in a damaged tree. No file of another size can be one that it uses, whatever it can't say any more.
  std::set<std::uint64_t> sizes;

  bool mayUse(const Key& key, std::uint64_t size) const { return stored.contains(key) || sizes.contains(size); }
};

class ReleaseTrees {
 public:
  // `files` outlives it.
  ReleaseTrees(Files& files, PackageLayout layout, HashFunction hash)
      : files_(files), layout_(std::move(layout)), hash_(hash) {}

  // Fails only where folders can't be listed: then nobody knows what is used.
  Result<std::vector<ReleaseTree>> all() const;
  // What InstalledStore::releases answers, without writing. Error: that of the first release that is damaged.
  Result<std::vector<InstalledRelease>> releasesOf(const ServiceId& service) const;
  // What is being installed just now uses its files, too.
  Result<void> addStaged(std::set<ReleaseTree::Key>& used) const;

 private:
  using Stored = std::map<ReleaseTree::Key, std::uint64_t>;
  Result<std::vector<InstalledStore::Found>> find(const ServiceId& service) const;
  Result<std::optional<ReleaseTree>> treeOf(const ServiceId& service, const InstalledStore::Found& found) const;
  Result<void> read(ReleaseTree& tree) const;
  Result<void> readWithoutManifest(ReleaseTree& tree) const;
  Result<void> addManifest(const Path& path, Stored& stored, DiskUse& own) const;
  Result<void> addModels(const Path& tree, Stored& stored) const;
  Result<void> eachSize(const Path& folder, const std::function<void(std::uint64_t)>& tell) const;
  Result<bool> isThere(const Path& path) const;

  Files& files_;
  PackageLayout layout_;
  HashFunction hash_;
};

}  // namespace tenon::host
