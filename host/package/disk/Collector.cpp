#include "host/package/disk/Collector.h"

#include <algorithm>

#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

// Nobody learns what a damaged release takes: neither of it alone, nor of what it may share.
Result<void> checkWhole(const std::vector<ReleaseTree>& trees, const ServiceId& service) {
  for (const auto& tree : trees) {
    if (tree.service == service && tree.damage) return *tree.damage;
  }
  return {};
}

DiskUse sumOf(const std::vector<StoredFile>& files) {
  DiskUse use;
  for (const auto& file : files) use.add(file.size);
  return use;
}

}  // namespace

Collector::Collector(Files& files, PackageLayout layout, HashFunction hash, Later later)
    : files_(files),
      layout_(layout),
      later_(std::move(later)),
      trees_(files, layout, hash),
      store_(files, layout, &sha256Of) {}

Result<std::vector<ReleaseDisk>> Collector::diskOf(const ServiceId& service) const {
  TENON_TRY(const auto all, trees_.all());
  TENON_CHECK(checkWhole(all, service));
  std::vector<ReleaseDisk> disks;
  for (const auto& tree : all) {
    if (tree.service != service) continue;
    ReleaseDisk disk{tree.release, tree.own, tree.own, {}, {}};
    for (const auto& [key, size] : tree.stored) {
      bool versions = false, services = false;
      for (const auto& other : all) {
        if (&other == &tree || !other.mayUse(key, size)) continue;
        (other.service == service ? versions : services) = true;
      }
      disk.all.add(size);
      (services ? disk.withServices : versions ? disk.withVersions : disk.alone).add(size);
    }
    disks.push_back(std::move(disk));
  }
  return disks;
}

Result<DiskUse> Collector::gainOf(const ServiceId& service, const std::vector<InstalledRelease>& releases) const {
  TENON_TRY(const auto all, trees_.all());
  TENON_CHECK(checkWhole(all, service));
  const auto goes = [&](const ReleaseTree& tree) {
    return tree.service == service && std::find(releases.begin(), releases.end(), tree.release) != releases.end();
  };
  DiskUse gain;
  std::map<ReleaseTree::Key, std::uint64_t> gone;
  for (const auto& tree : all) {
    if (!goes(tree)) continue;
    gain.files += tree.own.files;
    gain.bytes += tree.own.bytes;
    gone.insert(tree.stored.begin(), tree.stored.end());
  }
  for (const auto& file : gone) {
    const bool stays = std::any_of(all.begin(), all.end(), [&](const ReleaseTree& tree) {
      return !goes(tree) && tree.mayUse(file.first, file.second);
    });
    if (!stays) gain.add(file.second);
  }
  return gain;
}

// The store is listed first: what an install puts there after that is not in the list.
Result<std::vector<StoredFile>> Collector::findGarbage() const {
  TENON_TRY(const auto shelves, store_.shelves());
  TENON_TRY(auto stored, store_.list(shelves));
  std::set<ReleaseTree::Key> used;
  std::set<std::uint64_t> sizes;
  TENON_TRY(const auto all, trees_.all());
  for (const auto& tree : all) {
    for (const auto& [key, size] : tree.stored) used.insert(key);
    sizes.insert(tree.sizes.begin(), tree.sizes.end());
  }
  TENON_CHECK(trees_.addStaged(used));
  std::erase_if(stored, [&](const StoredFile& file) {
    return used.contains({file.sha256, file.executable}) || sizes.contains(file.size);
  });
  return stored;
}

Result<DiskUse> Collector::stored() const {
  TENON_TRY(const auto shelves, store_.shelves());
  TENON_TRY(const auto files, store_.list(shelves));
  return sumOf(files);
}

Result<DiskUse> Collector::garbage() const {
  TENON_TRY(const auto files, findGarbage());
  return sumOf(files);
}

bool Collector::isCollecting() const {
  const std::lock_guard lock(mutex_);
  return collecting_;
}

bool Collector::hasTrash() const {
  const auto trees = listIfThere(files_, layout_.trash());
  return !trees || !trees->empty();
}

void Collector::collectLater(const Told& told) {
  {
    const std::lock_guard lock(mutex_);
    if (collecting_) {
      next_ = told;
      return;
    }
    collecting_ = true;
  }
  later_([this, told] { collectWhileAsked(told); });
}

void Collector::collectWhileAsked(Told told) {
  for (bool more = true; more;) {
    const auto collected = collect();
    std::optional<Told> next;
    {
      const std::lock_guard lock(mutex_);
      next = std::exchange(next_, std::nullopt);
      more = next && !stopped_;
      collecting_ = more;
    }
    if (told) told(collected);
    if (more) told = *std::move(next);
  }
}

// A tree that cannot be deleted keeps no other one.
Result<void> Collector::emptyTrash() {
  TENON_TRY(const auto trees, listIfThere(files_, layout_.trash()));
  Result<void> emptied;
  for (const auto& tree : trees) {
    if (stopped_) break;
    if (auto removed = files_.removeTree(layout_.trash() / tree.name); !removed) emptied = std::move(removed);
  }
  return emptied;
}

Result<DiskUse> Collector::collect() {
  DiskUse removed;
  const auto emptied = emptyTrash();
  TENON_TRY(const auto files, findGarbage());
  for (const auto& file : files) {
    if (stopped_) break;
    TENON_TRY(const bool gone, store_.removeUnused(file));
    if (gone) removed.add(file.size);
  }
  TENON_CHECK(emptied);
  return removed;
}

}  // namespace tenon::host
