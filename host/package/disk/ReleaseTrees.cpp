#include "host/package/disk/ReleaseTrees.h"

#include "host/contract/release/PackageManifest.h"
#include "host/contract/release/PackagePath.h"
#include "host/contract/service/ServiceManifest.h"

namespace tenon::host {
namespace {

// What the disk itself says of a file is no word about its content.
Error damageOf(const Path& path, const Error& error) {
  if (error.code() == ErrorCode::StateCorrupt) return error;
  const bool names = error.message().find(path.text()) != std::string::npos;
  const bool disk = error.code() == ErrorCode::IoError || error.code() == ErrorCode::Denied;
  return Error(disk ? error.code() : ErrorCode::StateCorrupt, (names ? "" : path.text() + ": ") + error.message());
}

template <class T>
Result<T> orDamage(const Path& path, Result<T> result) {
  if (!result) return damageOf(path, result.error());
  return result;
}

}  // namespace

Result<std::vector<ReleaseTree>> ReleaseTrees::all() const {
  std::vector<ReleaseTree> trees;
  TENON_TRY(const auto services, listServices(files_, layout_));
  for (const auto& service : services) {
    TENON_TRY(const auto found, find(service));
    for (const auto& each : found) {
      TENON_TRY(auto tree, treeOf(service, each));
      if (tree) trees.push_back(*std::move(tree));
    }
  }
  return trees;
}

Result<std::vector<InstalledRelease>> ReleaseTrees::releasesOf(const ServiceId& service) const {
  std::vector<InstalledRelease> releases;
  TENON_TRY(const auto found, find(service));
  for (const auto& each : found) {
    if (each.damage) return *each.damage;
    releases.push_back(each.release);
  }
  return releases;
}

Result<std::vector<InstalledStore::Found>> ReleaseTrees::find(const ServiceId& service) const {
  const auto layout = layout_.service(service);
  TENON_TRY(auto all, InstalledStore(files_, layout).find(hash_));
  for (auto& each : all) {
    if (each.damage) each.damage = damageOf(layout.release(each.release) / kManifestName, *each.damage);
  }
  return all;
}

Result<std::optional<ReleaseTree>> ReleaseTrees::treeOf(const ServiceId& service, const InstalledStore::Found& found) const {
  ReleaseTree tree{service, found.release, {}, {}, found.damage, {}};
  // As much as it says is of use even where something else in it is damaged.
  const auto whole = read(tree);
  if (!whole && !tree.damage) tree.damage = whole.error();
  if (!tree.damage) return std::optional(std::move(tree));

  const auto folder = layout_.service(service).release(found.release);
  const auto sizes = eachSize(folder, [&](std::uint64_t size) { tree.sizes.insert(size); });
  TENON_TRY(const bool there, isThere(folder));
  if (!there) return std::optional<ReleaseTree>();  // gone since it was listed: a change that runs beside this
  TENON_CHECK(sizes);
  return std::optional(std::move(tree));
}

Result<void> ReleaseTrees::read(ReleaseTree& tree) const {
  const auto folder = layout_.service(tree.service).release(tree.release);
  TENON_TRY(const bool hasManifest, isThere(folder / kManifestName));
  if (!hasManifest) return readWithoutManifest(tree);
  const auto manifest = addManifest(folder / kManifestName, tree.stored, tree.own);
  const auto models = addModels(folder, tree.stored);
  TENON_CHECK(manifest);
  TENON_CHECK(models);
  const auto signature = files_.inspect(folder / kManifestSignatureName);
  if (signature) tree.own.add(signature->size);
  return {};
}

Result<void> ReleaseTrees::readWithoutManifest(ReleaseTree& tree) const {
  const auto layout = layout_.service(tree.service);
  const auto folder = layout.release(tree.release);
  TENON_TRY(const bool hasIdentity, isThere(layout.identity(tree.release.version, tree.release.platform)));
  if (!hasIdentity) return Error(ErrorCode::StateCorrupt, (folder / kManifestName).text() + " is missing");
  TENON_CHECK(orDamage(folder, eachSize(folder, [&](std::uint64_t size) { tree.own.add(size); })));
  TENON_CHECK(addModels(folder, tree.stored));
  for (const auto& [key, size] : tree.stored) {
    --tree.own.files;
    tree.own.bytes -= size;
  }
  return {};
}

Result<void> ReleaseTrees::addManifest(const Path& path, Stored& stored, DiskUse& own) const {
  TENON_TRY(const auto text, orDamage(path, files_.readAll(path, limits::kManifestBytes)));
  TENON_TRY(const auto manifest, orDamage(path, PackageManifest::parse(text)));
  own.add(text.size());
  for (const auto& file : manifest.files) {
    if (file.kind == ManifestFile::Kind::Symlink || file.size == 0) {
      own.add(file.size);
    } else {
      stored[{file.sha256, file.kind == ManifestFile::Kind::Executable}] = file.size;
    }
  }
  return {};
}

Result<void> ReleaseTrees::addModels(const Path& tree, Stored& stored) const {
  const auto path = tree / kServiceJsonName;
  TENON_TRY(const auto text, orDamage(path, files_.readAll(path, limits::kServiceJsonBytes)));
  TENON_TRY(const auto service, orDamage(path, ServiceManifest::parse(text)));
  for (const auto& model : service.models) {
    for (const auto& file : model.files) stored[{file.sha256, false}] = file.size;
  }
  return {};
}

Result<void> ReleaseTrees::eachSize(const Path& folder, const std::function<void(std::uint64_t)>& tell) const {
  TENON_TRY(const auto entries, files_.list(folder));
  for (const auto& entry : entries) {
    if (entry.kind == FileKind::Folder) {
      TENON_CHECK(eachSize(folder / entry.name, tell));
    } else {
      TENON_TRY(const auto info, files_.inspect(folder / entry.name));
      tell(info.size);
    }
  }
  return {};
}

Result<void> ReleaseTrees::addStaged(std::set<ReleaseTree::Key>& used) const {
  TENON_TRY(const auto services, listServices(files_, layout_));
  for (const auto& service : services) {
    const auto staging = layout_.service(service).staging();
    TENON_TRY(const auto entries, listIfThere(files_, staging));
    for (const auto& entry : entries) {
      Stored stored;
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

Result<bool> ReleaseTrees::isThere(const Path& path) const {
  const auto info = files_.inspect(path);
  if (!info && info.error().code() != ErrorCode::NotFound) return info.error();
  return info.has_value();
}

}  // namespace tenon::host
