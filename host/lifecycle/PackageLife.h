// The life of a package on this node: install, upgrade, activate, rollback. The only file that knows the order of things; it
// reads from top to bottom like the line
//   Release → DownloadedPackage → VerifiedPackage → UnpackedPackage → CurrentRelease → RunningService → change record
// Each call blocks for as long as its change takes, on a worker thread; two services go side by side, one service never.
#pragma once

#include <optional>

#include "host/lifecycle/Life.h"
#include "host/lifecycle/ReleaseSwitch.h"

namespace tenon::host {

class PackageLife {
 public:
  explicit PackageLife(LifeCollaborators with) : with_(std::move(with)) {}

  // All end `change` themselves, whatever comes of it.
  void install(ChangeRecorder& change, const ReleaseSpec& wanted, const InstallOptions& options);
  void upgrade(ChangeRecorder& change, const ServiceId& service, const InstallOptions& options);
  void activate(ChangeRecorder& change, const ReleaseSpec& wanted);  // [origin: activateService]
  void rollback(ChangeRecorder& change, const ServiceId& service);

 private:
  Result<void> installBundle(ChangeRecorder& change, const ReleaseSpec& wanted, InstallOptions options);
  Result<void> tryInstall(ChangeRecorder& change, const ReleaseSpec& wanted, const InstallOptions& options);
  Result<void> installOffer(ChangeRecorder& change, ServiceDisk& disk, const Offer& offer, const InstallOptions& options);
  Result<void> tryActivate(ChangeRecorder& change, const ReleaseSpec& wanted);
  Result<void> tryRollback(ChangeRecorder& change, const ServiceId& service);
  struct Target {
    InstalledRelease release;
    bool isNew = false;
  };
  Result<void> switchTo(ChangeRecorder& change, ServiceDisk& disk, const Target& target);
  Result<void> accept(const ServiceDisk& disk, const VerifiedPackage& package, const ServiceManifest& manifest,
                      const Offer& offer, const InstallOptions& options);
  // What the release requires is here, and who requires this service can go on with it.
  Result<void> checkNeeds(const ServiceManifest& release, const PlatformId& platform) const;
  Result<void> settle(ChangeRecorder& change, ServiceDisk& disk, const Target& target, ReleaseSwitch::Report report);
  void abandon(ServiceDisk& disk, const InstalledRelease& release);
  void undo(ServiceDisk& disk);

  LifeCollaborators with_;
};

}  // namespace tenon::host
