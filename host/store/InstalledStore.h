// What lies in a service's folder: releases, the small records, staging. The tree is the truth; installed.json is derived from it
// and rebuilt when it is lost or wrong.
#pragma once

#include <optional>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/LaunchPlan.h"
#include "host/contract/ServiceRecords.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

class InstalledStore {
 public:
  InstalledStore(Files& files, ServiceLayout layout) : files_(files), layout_(std::move(layout)) {}

  const ServiceLayout& layout() const { return layout_; }

  // installed.json where it is whole, else what versions/ holds (and then writes it again). Each release's hash is that of its
  // MANIFEST, or what `origin.json` beside service.json says for a package without one.
  Result<InstalledIndex> releases(HashFunction hash) const;
  Result<void> write(const InstalledIndex& index) const;

  // Missing is the default value. Error: state-corrupt.
  Result<WantedState> wanted() const;
  Result<void> write(const WantedState& wanted) const;
  Result<ServicePolicy> policy() const;
  Result<void> write(const ServicePolicy& policy) const;
  Result<RefusedReleases> refused() const;
  Result<void> write(const RefusedReleases& refused) const;

  Result<LaunchPlan> plan(const InstalledRelease& release) const;  // not-found
  Result<void> write(const InstalledRelease& release, const LaunchPlan& plan) const;

  // The transaction in flight.
  Result<std::optional<JournalRecord>> journal() const;
  Result<void> write(const JournalRecord& journal) const;
  Result<void> dropJournal() const;

  // Removes whatever an interrupted install left under _staging/.
  Result<void> clearStaging() const;
  // Removes a release's tree, its plan, and the version's folder when it is empty.
  Result<void> removeRelease(const InstalledRelease& release) const;

 private:
  Files& files_;
  ServiceLayout layout_;
};

// Ids of the services that have a folder, sorted; foreign names are left alone.
Result<std::vector<ServiceId>> listServices(Files& files, const PackageLayout& layout);

}  // namespace tenon::host
