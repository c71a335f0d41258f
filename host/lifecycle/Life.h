// What the operations on services share: the rooms below them, and the disk of one service opened as a whole.
#pragma once

#include <string>
#include <vector>

#include "host/contract/service/ServiceLimits.h"
#include "host/driver/DriverCatalog.h"
#include "host/lifecycle/ChangeBook.h"
#include "host/lifecycle/EndpointKeeper.h"
#include "host/lifecycle/IsolationPolicy.h"
#include "host/observe/EventLog.h"
#include "host/package/ServicePackageManager.h"
#include "host/package/disk/Collector.h"
#include "host/package/trust/NodeTrust.h"
#include "host/registry/ServiceRegistry.h"
#include "host/runtime/ServiceRuntimeManager.h"
#include "host/store/CurrentStore.h"
#include "host/store/InstalledStore.h"

namespace tenon::host {

// All outlive those who hold this.
struct LifeCollaborators {
  Files& files;
  PackageLayout layout;
  HashFunction hash;
  ServicePackageManager& packages;
  DriverCatalog& drivers;
  ServiceRuntimeManager& runtime;
  ServiceLogs& logs;
  ServiceRegistry& registry;
  EventLog& events;
  std::vector<std::string> platforms;  // of the adapter
  std::string adapter;                 // "linux 0.1.0", for plans
  NodeTrust& trust;
  Collector& collector;
  EndpointKeeper& endpoints;
  PackageSource hub;
  IsolationPolicy& isolation;
  ServiceLimits most;  // of memory and the like, for each service
};

// One service's files.
class ServiceDisk {
 public:
  ServiceDisk(const LifeCollaborators& with, const ServiceId& service)
      : service_(service),
        store(with.files, with.layout.service(service)),
        current(with.files, with.layout.service(service), service, with.hash),
        hash_(with.hash) {}

  const ServiceId& service() const { return service_; }
  Result<InstalledIndex> releases() const { return store.releases(hash_); }

 private:
  ServiceId service_;

 public:
  InstalledStore store;
  CurrentStore current;

 private:
  HashFunction hash_;
};

// Holds the service against other changes, in this process and others: busy where one runs.
Result<FileLock> lockService(const LifeCollaborators& with, const ServiceId& service);

// A release that lies on disk as something to run: service.json, the stored plan (made anew only where there is none), the
// operator's policy.
Result<InstanceSpec> readSpec(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release);

// Asks a driver for the plan of a release on disk, by what the node's owner has set, or is about to; planRelease stores it,
// too.
Result<LaunchPlan> makePlan(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release,
                            const ServiceManifest& manifest, const ServicePolicy& policy);
Result<LaunchPlan> planRelease(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release,
                               const ServiceManifest& manifest, const ServicePolicy& policy);

Environment environmentOf(const ServicePolicy& policy);
// What the node's owner has set for the service is what this release can take. Else the start would fail, and the release
// with it.
Result<void> checkEnvironment(const InstanceSpec& release);

// Keeps current and previous, removes every other release, and writes installed.json [origin]. Never fails the change that
// was committed before it: what could not be removed is told to the event log, and goes with the next change.
void collectReleases(const LifeCollaborators& with, ServiceDisk& disk);

// Removes the logs of versions that are not installed any more, but those of the `spare` that wrote last. Never fails a
// change: the event log is told.
void collectLogs(const LifeCollaborators& with, const ServiceDisk& disk, std::size_t spare);

// What trust asks of a release that lies here.
Result<Candidate> candidateOf(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release);

struct InstallOptions {
  bool force = false;  // also a release that failed here before
  bool allowDowngrade = false;
  bool activate = true;        // false: stop once the release lies complete under versions/
  std::optional<Path> bundle;  // a file in the hub's place; the same is asked of what is in it
};

// What is asked of every release that is to be installed, also of one that lies here already: that it did not fail here
// before, that trust has nothing against it, and that it is not older than what runs.
Result<void> acceptCandidate(const LifeCollaborators& with, const ServiceDisk& disk, const Candidate& candidate,
                             const Offer& offer, const InstallOptions& options);

// Step 12: a release that has proven healthy raises its floor, and that of the index it came by. An error leaves the change
// as it is; the event log says so, and the next start of the agent does it where the journal stayed.
Result<void> rememberGood(const LifeCollaborators& with, const ServiceDisk& disk, const InstalledRelease& release);

// Deletes, in the background, what is in the trash and what the store alone has by now. The event log tells what went.
void collectStore(const LifeCollaborators& with);

// Releases go from their service now, and from the disk in the background; also those before one that cannot.
Result<void> removeReleases(const LifeCollaborators& with, const ServiceDisk& disk,
                            const std::vector<InstalledRelease>& releases);

// Makes it wanted that the service runs, or not; touches the disk only where that is new.
Result<void> wantRunning(ServiceDisk& disk, bool running);

// What a service's folder says is installed and serves. Nothing: a file or a tree that cannot be read.
struct ServiceFound {
  std::optional<InstalledIndex> installed;
  std::optional<CurrentRelease> current;
};

// Tells the registry what the disk says now, or what it was found to say; a service with nothing installed leaves it.
void refreshRegistry(const LifeCollaborators& with, const ServiceDisk& disk);
void refreshRegistry(const LifeCollaborators& with, const ServiceDisk& disk, const ServiceFound& found);

// Waits for a trial's answer; a cancelled change stops the instance, and the answer then says so.
TrialReport awaitProof(ServiceRuntimeManager& runtime, const ServiceId& service, InstanceNumber number, Millis probation,
                       const std::atomic<bool>& cancelled);

}  // namespace tenon::host
