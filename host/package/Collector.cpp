#include "host/package/Collector.h"

#include <algorithm>

#include "host/contract/release/PackageManifest.h"
#include "host/contract/release/PackagePath.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

void add(DiskUse& use, std::uint64_t bytes) {
  ++use.files;
  use.bytes += bytes;
}

// Gone since it was listed: a change that runs beside this.
template <class T>
Result<std::optional<T>> unlessGone(Result<T> result) {
  if (!result && result.error().code() == ErrorCode::NotFound) return std::optional<T>();
  if (!result) return std::move(result).error();
  return std::optional<T>(*std::move(result));
}

}  // namespace

Collector::Collector(Files& files, PackageLayout layout, HashFunction hash, Later later)
    : files_(files), layout_(std::move(layout)), hash_(hash), later_(std::move(later)), store_(files, layout_, &sha256Of) {}

Result<std::vector<Collector::Tree>> Collector::trees() const {
  std::vector<Tree> all;
  TENON_TRY(const auto services, listServices(files_, layout_));
  for (const auto& service : services) {
    TENON_TRY(const auto index, InstalledStore(files_, layout_.service(service)).releases(hash_));
    for (const auto& [key, release] : index.releases) {
      TENON_TRY(auto tree, unlessGone(treeOf(service, release)));
      if (tree) all.push_back(*std::move(tree));
    }
  }
  return all;
}

Result<Collector::Tree> Collector::treeOf(const ServiceId& service, const InstalledRelease& release) const {
  Tree tree{service, release, {}, {}};
  const auto folder = layout_.service(service).release(release);
  const auto manifest = folder / kManifestName;
  if (!files_.exists(manifest)) {
    TENON_TRY(tree.own, sizeOfTree(folder));
    TENON_CHECK(addModels(folder, tree.stored));
    for (const auto& [key, size] : tree.stored) {
      --tree.own.files;
      tree.own.bytes -= size;
    }
    return tree;
  }
  TENON_CHECK(addManifest(manifest, tree.stored, tree.own));
  TENON_CHECK(addModels(folder, tree.stored));
  TENON_TRY(const auto signature, files_.inspect(folder / kManifestSignatureName));
  add(tree.own, signature.size);
  return tree;
}

Result<void> Collector::addManifest(const Path& path, std::map<Key, std::uint64_t>& stored, DiskUse& own) const {
  TENON_TRY(const auto text, files_.readAll(path, limits::kManifestBytes));
  TENON_TRY(const auto manifest, withContext(path.text(), PackageManifest::parse(text)));
  add(own, text.size());
  for (const auto& file : manifest.files) {
    if (file.kind == ManifestFile::Kind::Symlink || file.size == 0) {
      add(own, file.size);
    } else {
      stored[{file.sha256, file.kind == ManifestFile::Kind::Executable}] = file.size;
    }
  }
  return {};
}

Result<void> Collector::addModels(const Path& tree, std::map<Key, std::uint64_t>& stored) const {
  const auto path = tree / kServiceJsonName;
  TENON_TRY(const auto text, files_.readAll(path, limits::kServiceJsonBytes));
  TENON_TRY(const auto service, withContext(path.text(), ServiceManifest::parse(text)));
  for (const auto& model : service.models) {
    for (const auto& file : model.files) stored[{file.sha256, false}] = file.size;
  }
  return {};
}

Result<DiskUse> Collector::sizeOfTree(const Path& folder) const {
  DiskUse use;
  TENON_TRY(const auto entries, files_.list(folder));
  for (const auto& entry : entries) {
    if (entry.kind == FileKind::Folder) {
      TENON_TRY(const auto below, sizeOfTree(folder / entry.name));
      use.files += below.files;
      use.bytes += below.bytes;
    } else {
      TENON_TRY(const auto info, files_.inspect(folder / entry.name));
      add(use, info.size);
    }
  }
  return use;
}

Result<std::vector<ReleaseDisk>> Collector::diskOf(const ServiceId& service) const {
  TENON_TRY(const auto all, trees());
  std::vector<ReleaseDisk> disks;
  for (const auto& tree : all) {
    if (tree.service != service) continue;
    ReleaseDisk disk{tree.release, tree.own, tree.own, {}, {}};
    for (const auto& [key, size] : tree.stored) {
      bool versions = false, services = false;
      for (const auto& other : all) {
        if (&other == &tree || !other.stored.contains(key)) continue;
        (other.service == service ? versions : services) = true;
      }
      add(disk.all, size);
      add(services ? disk.withServices : versions ? disk.withVersions : disk.alone, size);
    }
    disks.push_back(std::move(disk));
  }
  return disks;
}

Result<DiskUse> Collector::gainOf(const ServiceId& service, const std::vector<InstalledRelease>& releases) const {
  TENON_TRY(const auto all, trees());
  const auto goes = [&](const Tree& tree) {
    return tree.service == service && std::find(releases.begin(), releases.end(), tree.release) != releases.end();
  };
  DiskUse gain;
  std::map<Key, std::uint64_t> gone;
  for (const auto& tree : all) {
    if (!goes(tree)) continue;
    gain.files += tree.own.files;
    gain.bytes += tree.own.bytes;
    gone.insert(tree.stored.begin(), tree.stored.end());
  }
  for (const auto& file : gone) {
    const bool stays = std::any_of(all.begin(), all.end(),
                                   [&](const Tree& tree) { return !goes(tree) && tree.stored.contains(file.first); });
    if (!stays) add(gain, file.second);
  }
  return gain;
}

// The store is listed first: what an install puts there after that is not in the list.
Result<std::vector<StoredFile>> Collector::findGarbage() const {
  TENON_TRY(const auto shelves, store_.shelves());
  TENON_TRY(auto stored, store_.list(shelves));
  std::set<Key> used;
  TENON_TRY(const auto all, trees());
  for (const auto& tree : all) {
    for (const auto& [key, size] : tree.stored) used.insert(key);
  }
  TENON_CHECK(addStaged(used));
  std::erase_if(stored, [&](const StoredFile& file) { return used.contains({file.sha256, file.executable}); });
  return stored;
}

// What is being installed just now uses its files, too.
Result<void> Collector::addStaged(std::set<Key>& used) const {
  TENON_TRY(const auto services, listServices(files_, layout_));
  for (const auto& service : services) {
    const auto staging = layout_.service(service).staging();
    TENON_TRY(const auto entries, unlessGone(files_.list(staging)));
    if (!entries) continue;
    for (const auto& entry : *entries) {
      std::map<Key, std::uint64_t> stored;
      DiskUse own;
      // Half written, or not there yet: then it has nothing to lose that it could not write itself.
      if (!addManifest(staging / entry.name / kManifestName, stored, own)) continue;
      // Likewise: models come last, and are looked for in the store before they are fetched.
      static_cast<void>(addModels(staging / entry.name, stored));
      for (const auto& [key, size] : stored) used.insert(key);
    }
  }
  return {};
}

Result<DiskUse> Collector::garbage() const {
  TENON_TRY(const auto files, findGarbage());
  DiskUse use;
  for (const auto& file : files) add(use, file.size);
  return use;
}

void Collector::collectLater(const Told& told) {
  if (collecting_.exchange(true)) return;
  later_([this, told] {
    const auto collected = collect();
    collecting_ = false;
    if (told) told(collected);
  });
}

Result<DiskUse> Collector::collect() {
  DiskUse removed;
  TENON_TRY(const auto files, findGarbage());
  for (const auto& file : files) {
    if (stopped_) break;
    TENON_TRY(const bool gone, store_.removeUnused(file));
    if (gone) add(removed, file.size);
  }
  return removed;
}

}  // namespace tenon::host
