// ServiceLife's part that gives disk back: every release but the current one.
#include "host/base/Text.h"
#include "host/lifecycle/ServiceLife.h"

namespace tenon::host {

namespace {

std::string versionsOf(const std::vector<InstalledRelease>& releases) {
  return joined(releases, [](const InstalledRelease& release) { return release.version.text(); });
}

Result<PrunePreview> previewOn(const LifeCollaborators& with, const ServiceDisk& disk) {
  TENON_TRY(const auto current, disk.current.read());
  // Not disk.releases(), which writes: a preview holds no lock.
  TENON_TRY(const auto installed, with.collector.releasesOf(disk.service()));
  if (!current) {
    return Error{ErrorCode::NotFound, "no release of " + disk.service().text() + " is current"}.withHint(
        "tenon remove " + disk.service().text() + " removes what is left of it");
  }
  PrunePreview preview;
  for (const auto& release : installed) {
    if (release != current->release) preview.releases.push_back(release);
  }
  TENON_TRY(preview.gain, with.collector.gainOf(disk.service(), preview.releases));
  return preview;
}

}  // namespace

Result<PrunePreview> previewPrune(const LifeCollaborators& with, const ServiceId& service) {
  return previewOn(with, ServiceDisk(with, service));
}

void ServiceLife::prune(ChangeRecorder& change, const ServiceId& service) {
  if (const auto result = tryPrune(change, service); !result) change.failed(result.error(), "the current release serves on");
}

Result<void> ServiceLife::tryPrune(ChangeRecorder& change, const ServiceId& service) {
  TENON_TRY(const auto lock, lockService(with_, service));
  ServiceDisk disk(with_, service);
  TENON_TRY(const auto preview, previewOn(with_, disk));
  TENON_TRY(auto current, disk.current.read());
  if (current->state == CurrentRelease::State::Trial) {
    return Error{ErrorCode::Busy,
                 current->release.version.text() + " has not proved itself yet: the one before may be needed"}
        .withHint("try again once it is ready; tenon status " + service.text() + " tells");
  }
  if (preview.releases.empty()) {
    change.done("nothing to remove: only " + current->release.version.text() + " is installed");
    return {};
  }
  change.step("remove", versionsOf(preview.releases));
  // First of all: nobody may go back to what is about to go.
  if (current->previous) {
    current->previous.reset();
    TENON_CHECK(disk.current.write(*current));
  }
  TENON_CHECK(removeReleases(with_, disk, preview.releases));
  TENON_CHECK(disk.releases());  // writes installed.json anew
  refreshRegistry(with_, disk);
  collectLogs(with_, disk, 0);
  change.done("removed " + versionsOf(preview.releases) + ": " + std::to_string(preview.gain.bytes) + " bytes in " +
              std::to_string(preview.gain.files) + " files");
  return {};
}

}  // namespace tenon::host
