#include "host/package/ReleaseStager.h"

#include "host/adapter/AtomicFile.h"

namespace tenon::host {

Result<InstalledRelease> ReleaseStager::stage(const VerifiedPackage& package, const ServiceManifest& manifest,
                                              JournalRecord journal, const Unpack& unpack) {
  const auto& wanted = package.release();
  const InstalledStore store(files_, layout_.service(wanted.service));
  const InstalledRelease release{wanted.version, wanted.platform, package.identity()};
  TENON_TRY(const auto* variant, manifest.variant(wanted.platform));
  journal.to = release;
  journal.staging = wanted.version.text() + "-" + wanted.platform.text() + "-" + uniqueSuffix();
  const auto tree = store.layout().staging() / journal.staging;

  const auto work = [&]() -> Result<void> {
    TENON_CHECK(makeServiceFolder(store.layout()));
    TENON_CHECK(store.write(journal));
    // Of nobody, since the caller holds the service's lock.
    TENON_CHECK(store.emptyStaging());
    TENON_CHECK(unpack(tree));
    TENON_CHECK(checkRequired(tree, *variant, wanted.platform));
    return moveIn(store, tree, release, package.manifest().has_value());
  };
  if (auto done = work(); !done) {
    // A full disk has its room back by the time that is told, or telling would be the next thing to fail.
    if (done.error().code() == ErrorCode::DiskFull) static_cast<void>(files_.removeTree(store.layout().staging()));
    // The first error is the one to tell; what cannot be swept now is swept at the next start.
    static_cast<void>(store.clearStaging());
    return std::move(done).error();
  }
  static_cast<void>(store.emptyStaging());  // likewise
  return release;
}

// A journal is worth nothing where its folder's own name may be lost.
Result<void> ReleaseStager::makeServiceFolder(const ServiceLayout& service) {
  TENON_CHECK(files_.makeFolders(service.folder()));
  TENON_CHECK(files_.syncFolder(layout_.services()));
  return files_.syncFolder(layout_.root());
}

Result<void> ReleaseStager::checkRequired(const Path& tree, const PlatformVariant& variant, const PlatformId& platform) {
  for (const auto& path : variant.filesRequired) {
    const bool wantsFolder = path.ends_with('/');
    const auto found = files_.inspect(tree / (wantsFolder ? path.substr(0, path.size() - 1) : path));
    if (!found && found.error().code() != ErrorCode::NotFound) return found.error();
    const bool fits = found && (found->kind == FileKind::Symlink || (found->kind == FileKind::Folder) == wantsFolder);
    if (fits) continue;
    return Error(ErrorCode::ContentMissing, "the package lacks " + path + ", which its own service.json requires")
        .withField("platforms." + platform.text() + ".files.requires")
        .withHint("pack it again with that file, or take it out of files.requires");
  }
  return {};
}

Result<void> ReleaseStager::moveIn(const InstalledStore& store, const Path& tree, const InstalledRelease& release,
                                   bool hasManifest) {
  const auto& layout = store.layout();
  const auto version = layout.version(release.version);
  TENON_CHECK(files_.makeFolders(version));
  if (!hasManifest) TENON_CHECK(store.writeIdentity(release));
  // The folders on the way first, so that the release's own name is the last to become durable.
  TENON_CHECK(files_.syncFolder(layout.folder()));
  TENON_CHECK(files_.syncFolder(layout.versions()));
  TENON_CHECK(files_.renameNew(tree, layout.release(release)));
  auto durable = files_.syncFolder(version);
  if (durable) durable = files_.syncFolder(layout.staging());
  // A release whose name may be lost is none.
  if (!durable) static_cast<void>(store.removeRelease(release));
  return durable;
}

}  // namespace tenon::host
