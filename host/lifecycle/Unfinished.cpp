#include "host/lifecycle/Unfinished.h"

namespace tenon::host {
namespace {

bool isRemoval(const JournalRecord& journal) { return journal.operation == "remove" || journal.operation == "purge"; }

}  // namespace

Result<bool> isBeingRemoved(const ServiceDisk& disk) {
  TENON_TRY(const auto journal, disk.store.journal());
  return journal && isRemoval(*journal);
}

Result<void> finishUnfinished(const LifeCollaborators& with, ServiceDisk& disk) {
  TENON_TRY(const auto unfinished, disk.store.journal());
  if (!unfinished) return {};
  const JournalRecord& journal = *unfinished;
  if (isRemoval(journal)) {
    with.runtime.stopAll(disk.service()).wait();
    return removeFiles(with, disk, journal.operation == "purge");
  }
  TENON_TRY(const auto current, disk.current.read());
  const bool committed = current && journal.to && current->release == *journal.to;
  const bool kept = committed || (current && current->previous == journal.to);
  // Not committed: what was being installed goes. A release that had been installed before is named by the operation.
  if (!kept && journal.operation == "install" && journal.to) TENON_CHECK(disk.store.removeRelease(*journal.to));
  TENON_TRY(const auto releases, disk.releases());
  TENON_CHECK(disk.store.write(releases));
  if (committed && current->state == CurrentRelease::State::Good) TENON_CHECK(rememberGood(with, disk, current->release));
  return disk.store.dropJournal();
}

// The commit point goes first: from then on the service is not installed, and the rest is clearing up. The journal goes
// last, once what it speaks of is gone for good: else half a release might be taken for a whole one after a power cut.
Result<void> removeFiles(const LifeCollaborators& with, ServiceDisk& disk, bool purge) {
  const auto& layout = disk.store.layout();
  TENON_CHECK(disk.current.clear());
  const Path downloads = with.layout.cache(disk.service());
  for (const Path& tree : {layout.versions(), layout.staging(), layout.plans(), downloads})
    TENON_CHECK(with.files.removeTree(tree));
  for (const Path& file : {layout.installed(), layout.wanted(), layout.refused(), layout.policy()}) {
    TENON_CHECK(with.files.removeFile(file));
  }
  if (purge) {
    TENON_CHECK(with.logs.removeOld(layout.logs(), {}, 0));
    for (const Path& tree : {layout.data(), layout.logs()}) TENON_CHECK(with.files.removeTree(tree));
    TENON_CHECK(with.isolation.forget(disk.service()));
  }
  TENON_CHECK(with.files.syncFolder(layout.folder()));
  TENON_CHECK(disk.store.dropJournal());
  if (!purge) return {};
  TENON_CHECK(with.files.removeTree(layout.folder()));
  return with.files.syncFolder(layout.folder().parent());
}

}  // namespace tenon::host
