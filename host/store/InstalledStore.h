// What lies in a service's folder: releases, the small records, staging. The tree is the truth; installed.json is derived
// from it and made anew where it is lost or wrong. Any thread; two writers of one service never at once (they hold the
// service's lock).
#pragma once

#include <optional>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/ServiceRecords.h"
#include "host/contract/TrustFloors.h"
#include "host/contract/service/LaunchPlan.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

class InstalledStore {
 public:
  // `files` outlives the store.
  InstalledStore(Files& files, ServiceLayout layout) : files_(files), layout_(std::move(layout)) {}

  const ServiceLayout& layout() const { return layout_; }

  // What versions/ holds. Hashes are taken from installed.json where it knows the release, else computed; where
  // installed.json is missing, corrupt or says something else than the tree, it is written again. A folder without an
  // identity (no MANIFEST, no .identity beside it) is no release. Each release's hash is that of its MANIFEST, or what
  // `<platform>.identity` beside the tree says for a package without one.
  Result<InstalledIndex> releases(HashFunction hash) const;
  // The same by reading alone, for who holds no lock: one whose identity cannot be read is told with that.
  struct Found {
    InstalledRelease release;
    std::optional<Error> damage;
  };
  Result<std::vector<Found>> find(HashFunction hash) const;
  Result<void> write(const InstalledIndex& index) const;
  // The next releases() computes every hash.
  Result<void> forgetHashes() const;

  // What the release in this folder was verified by, read from the tree. Error: not-found, state-corrupt.
  Result<Digest> identityOf(const SemVer& version, const PlatformId& platform, HashFunction hash) const;
  // For a package without MANIFEST, before its tree is moved in. Makes the version's folder.
  Result<void> writeIdentity(const InstalledRelease& release) const;

  // Missing is the default value. Error: state-corrupt.
  Result<WantedState> wanted() const;
  Result<void> write(const WantedState& wanted) const;
  Result<ServicePolicy> policy() const;
  Result<void> write(const ServicePolicy& policy) const;
  Result<RefusedReleases> refused() const;
  Result<void> write(const RefusedReleases& refused) const;

  Result<LaunchPlan> plan(const InstalledRelease& release) const;  // not-found
  Result<void> write(const InstalledRelease& release, const LaunchPlan& plan) const;

  // The index that the release came by, whose floor rises once it has proven healthy, however long that takes.
  Result<std::optional<IndexFloor>> index(const InstalledRelease& release) const;  // state-corrupt
  Result<void> write(const InstalledRelease& release, const IndexFloor& index) const;
  Result<void> dropIndex(const InstalledRelease& release) const;

  // The transaction in flight.
  Result<std::optional<JournalRecord>> journal() const;
  Result<void> write(const JournalRecord& journal) const;
  Result<void> dropJournal() const;

  // The next start of that release asks its driver again.
  Result<void> dropPlan(const InstalledRelease& release) const;

  // Removes whatever a crash left: all of _staging/, temporaries, version folders that hold no release.
  Result<void> clearStaging() const;
  // What is in _staging/ goes as by moveAside(), and where the trash is on another disk it is deleted here and now.
  Result<void> emptyStaging() const;
  // Moves a tree, where there is one, by one rename into the trash, so that no half of a release is ever seen and nobody
  // waits for many files; package/disk/Collector empties it. Where the trash is on another disk, into _staging/.
  Result<void> moveAside(const Path& tree) const;
  // Moves a release's tree aside, removes its plan, and the version's folder when it is empty.
  Result<void> removeRelease(const InstalledRelease& release) const;

 private:
  Result<std::vector<Found>> findBeside(const InstalledIndex& known, HashFunction hash) const;
  Result<void> record(const Path& path, const std::string& text) const;
  Result<void> sweepVersion(const Path& version) const;
  Result<void> toTrash(const Path& tree) const;
  Files& files_;
  ServiceLayout layout_;
};

// The folder's entries; none where it is missing.
Result<std::vector<FolderEntry>> listIfThere(Files& files, const Path& folder);

// Ids of the services that have a folder, sorted; foreign names are left alone.
Result<std::vector<ServiceId>> listServices(Files& files, const PackageLayout& layout);

}  // namespace tenon::host
