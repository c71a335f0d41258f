// The packages of this node: from a hub's list to a complete, verified release under versions/, and its removal. It changes
// what is there, never what is current or running.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "host/contract/ServiceManifest.h"
#include "host/package/Downloader.h"
#include "host/package/HubClient.h"
#include "host/package/Unpacker.h"
#include "host/store/InstalledStore.h"

namespace tenon::host {

// A complete release under versions/, that may become current.
struct StagedRelease {
  InstalledRelease release;
  ServiceManifest manifest;
  bool wasThere = false;  // the very same release was installed before
};

// A step of the work, for progress; detail is one line.
class PackageProgress {
 public:
  virtual ~PackageProgress() = default;
  virtual void step(std::string_view name, std::string_view detail) = 0;           // begins; ends the one before
  virtual void bytes(std::uint64_t done, std::uint64_t total) = 0;                 // any thread
};

// Any thread; two calls for one service never at once (the caller holds the service's lock).
class ServicePackageManager {
 public:
  struct Collaborators {
    Files& files;
    WorkerPool& pool;
    Downloader& downloader;
    HubClient* hub;               // null: no hub is configured
    const SignatureVerifier& verifier;
  };
  ServicePackageManager(Collaborators with, PackageLayout layout, std::vector<std::string> platforms)
      : with_(with), layout_(std::move(layout)), platforms_(std::move(platforms)) {}

  // What the hub would give. usage (no hub) with a hint, not-found, platform-unsupported, network-*.
  Result<HubVariant> resolve(const ReleaseSpec& wanted);

  // Fetch, verify, unpack, move into versions/. Journals what it does; on an error nothing of it is left.
  // `accept` is asked once the package is verified and before a byte is unpacked: plan, floors, refusals are its business.
  using Accept = std::function<Result<void>(const VerifiedPackage&, const ServiceManifest&)>;
  Result<StagedRelease> fetch(const HubVariant& variant, const Accept& accept, JournalRecord journal,
                              const std::atomic<bool>& cancelled, PackageProgress& progress);

  // The manifest of a release that lies under versions/.
  Result<ServiceManifest> manifestOf(const ServiceId& service, const InstalledRelease& release);

  // Bytes free where packages go.
  Result<std::uint64_t> freeSpace();

 private:
  Result<StagedRelease> stage(const VerifiedPackage& package, ServiceManifest manifest, JournalRecord journal,
                              PackageProgress& progress);
  Collaborators with_;
  PackageLayout layout_;
  std::vector<std::string> platforms_;
};

}  // namespace tenon::host
