// What operators ask of an installed service, and what a starting agent owes it: start, stop, restart, remove, boot.
#pragma once

#include "host/base/WorkerPool.h"
#include "host/lifecycle/Life.h"
#include "host/lifecycle/ReleaseSwitch.h"

namespace tenon::host {

struct RemoveOptions {
  bool purge = false;  // the service's own data and logs too
};

// What prune() would remove, and what the disk gains by it. Error: not-found.
struct PrunePreview {
  std::vector<InstalledRelease> releases;
  DiskUse gain;
};
Result<PrunePreview> previewPrune(const LifeCollaborators& with, const ServiceId& service);

// Variables that are set for a service: values, or none where one is no longer to be set.
using EnvironmentChanges = std::map<std::string, std::optional<std::string>>;

struct NodeEnvironment {
  std::map<std::string, std::string> set;
  std::vector<std::string> undeclared;  // of these, what the current release does not name; none where none is installed
};

class ServiceLife {
 public:
  explicit ServiceLife(LifeCollaborators with) : with_(std::move(with)) {}

  // All block, on a worker thread, and end `change` themselves.
  void start(ChangeRecorder& change, const ServiceId& service);
  void stop(ChangeRecorder& change, const ServiceId& service);
  void restart(ChangeRecorder& change, const ServiceId& service);
  void remove(ChangeRecorder& change, const ServiceId& service, const RemoveOptions& options);

  // Removes every release but the current one, with all that only they use. There is no rollback then.
  void prune(ChangeRecorder& change, const ServiceId& service);

  // At once, and no change: errors as of ServiceRuntimeManager. The event log is told.
  Result<void> signal(const ServiceId& service, const std::string& name);
  Result<void> freeze(const ServiceId& service, bool on);  // waits for the loop, as does
  Result<std::uint64_t> execute(const ServiceId& service, std::vector<std::string> argv);

  // What the node's owner has set for it, over what its releases say. A running service has it after a restart, an upgrade,
  // or the next start of the agent; one that crashes meanwhile comes back as it was. Also of a service that is yet to be
  // installed: it may need it for its first start. A wrong value changes nothing: usage, limit-exceeded; the driver's
  // errors.
  Result<NodeEnvironment> environment(const ServiceId& service) const;
  Result<void> setEnvironment(const ServiceId& service, const EnvironmentChanges& changes);

  // Before the agent answers anybody: finishes or undoes what a dead agent left, and adopts what still runs. Services that
  // are wanted and do not run are answered for `resume`, each behind those that it requires. `helpers`: what is one
  // service's own is looked through by them, too.
  std::vector<ServiceId> recover(WorkerPool& helpers);
  // Launches one of those and waits for nothing, where its release has nothing to prove: a thousand services start as fast
  // as they can be spawned, and not four at a time. Nothing: `resume` has to start it, or to tell why it cannot.
  std::optional<InstanceNumber> launchWanted(const ServiceId& service);
  // Follows the start of what was launched, or starts it where it is wanted still; a trial goes on with its trial. On a
  // worker thread. False: another change has the service, and this one has yet to be asked again.
  bool resume(ChangeRecorder& change, const ServiceId& service, std::optional<InstanceNumber> launched);

 private:
  Result<void> tryStart(ChangeRecorder& change, const ServiceId& service);
  // These hold the service by `lock` as long as they change something of it.
  Result<void> startStillWanted(ChangeRecorder& change, const ServiceId& service, FileLock lock);
  Result<void> startInstalled(ChangeRecorder& change, ServiceDisk& disk, const CurrentRelease& current, FileLock lock);
  Result<void> startCurrent(ChangeRecorder& change, ServiceDisk& disk, const CurrentRelease& current, InstanceSpec spec,
                            FileLock lock);
  Result<void> followLaunched(ChangeRecorder& change, const ServiceId& service, InstanceNumber number, FileLock lock);
  Result<void> awaitServing(ChangeRecorder& change, const ServiceDisk& disk, const CurrentRelease& current,
                            InstanceNumber number, FileLock lock);
  Result<void> tryStop(ChangeRecorder& change, const ServiceId& service);
  Result<void> tryRestart(ChangeRecorder& change, const ServiceId& service);
  Result<void> tryRemove(ChangeRecorder& change, const ServiceId& service, const RemoveOptions& options);
  Result<void> startTrial(ChangeRecorder& change, ServiceDisk& disk, InstanceSpec spec, const CurrentRelease& current);
  Result<void> tryPrune(ChangeRecorder& change, const ServiceId& service);
  Result<CurrentRelease> installed(const ServiceDisk& disk) const;

  bool recoverService(const ServiceId& service);  // false: its removal has to be finished, once nothing of it runs
  void finishRemoval(const ServiceId& service);
  void tellFailed(const std::string& service, const Error& why);
  Result<std::optional<ServiceFound>> repairCurrent(ServiceDisk& disk);  // nothing: it was mended
  std::optional<InstanceSpec> specOf(const InstanceRecord& record);
  InstanceSpec whatRuns(const InstanceRecord& record, const Error& why);
  // Of the current release of a service that is wanted, where it has nothing to prove.
  std::optional<InstanceSpec> standingSpec(const ServiceId& service) const;

  LifeCollaborators with_;
};

}  // namespace tenon::host
