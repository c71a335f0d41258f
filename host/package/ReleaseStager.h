// Brings a verified package under versions/ by one rename: journal, tree in _staging/, checks, rename, and every name
// durable in that order. A crash at any call leaves the release there as a whole, or not there.
#pragma once

#include <functional>

#include "host/contract/service/ServiceManifest.h"
#include "host/package/Unpacker.h"
#include "host/store/InstalledStore.h"

namespace tenon::host {

class ReleaseStager {
 public:
  using Unpack = std::function<Result<UnpackedPackage>(const Path& tree)>;

  // `files` outlives the stager.
  ReleaseStager(Files& files, PackageLayout layout) : files_(files), layout_(std::move(layout)) {}

  // On an error nothing is left but the journal. Errors: content-missing (files.requires), already-exists, the unpacker's.
  Result<InstalledRelease> stage(const VerifiedPackage& package, const ServiceManifest& manifest, JournalRecord journal,
                                 const Unpack& unpack);

 private:
  Result<void> makeServiceFolder(const ServiceLayout& service);
  Result<void> checkRequired(const Path& tree, const PlatformVariant& variant, const PlatformId& platform);
  Result<void> moveIn(const InstalledStore& store, const Path& tree, const InstalledRelease& release, bool hasManifest);

  Files& files_;
  PackageLayout layout_;
};

}  // namespace tenon::host
