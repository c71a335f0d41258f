// The OS side of an instance: its ports, its prepare steps, and the one process that it has at a time. Decides nothing.
// Destroying it leaves the process running. Loop's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/runtime/process/GpuCheck.h"
#include "host/runtime/process/OneShot.h"
#include "host/runtime/supervision/SupervisionTools.h"

namespace tenon::host {

class ServiceProcess {
 public:
  struct Told {
    std::function<Result<void>()> portsKnown;      // before anything is started; an error is that of the spawn
    std::function<void(Result<void>)> spawned;     // after spawn(), once; perhaps before it returns
    std::function<void(const ProcessEnd&)> ended;  // the tree is gone by then
  };
  // `spec` outlives this.
  ServiceProcess(SupervisionTools& tools, const InstanceSpec& spec, InstanceNumber number, Told told);

  // Ports where it has none yet, the GPU's memory where it needs some, prepare steps before the first start, then the
  // process.
  void spawn();
  // As spawn(), on the next free port of every one that another process has taken.
  void spawnElsewhere();
  // Its end may be told before watchAdopted() returns.
  void adopt(const InstanceRecord& record, ProcessId process);
  void watchAdopted() { watchFor(process_); }

  // To the main process.
  void signal(const std::string& name);
  void killTree();
  // Ends what runs before the process. True: there were some, and nothing else will be told of this start.
  bool cancelPreparation();
  // Of a start that failed: what it lacked may be there the next time, however its error reads.
  bool mayPass() const { return lacksGpu_; }
  // Somebody else has a port of ours. Asked when no process of ours is left.
  bool portLost() const;
  void releasePorts();

  ProcessId process() const { return process_; }
  std::int64_t pid() const { return pid_; }
  const std::string& identity() const { return identity_; }
  // How its latest process is kept to itself, in one line; "" before the first.
  const std::string& isolation() const { return isolation_; }
  const PortSet& ports() const { return ports_; }

 private:
  Result<void> allocatePorts();
  void checkGpu();
  void prepare();
  void prepareNext();
  void prepared(const OneShot::Outcome& outcome);
  void spawnMain();
  Result<void> trySpawnMain();
  void notSpawned(Error error);
  void runEnds();
  void watchFor(ProcessId process);
  void ended(const ProcessEnd& end);

  SupervisionTools& tools_;
  const InstanceSpec& spec_;
  const InstanceNumber number_;
  const Told told_;

  GpuCheck gpu_;
  bool lacksGpu_ = false;
  OneShot step_;
  std::vector<SpawnRequest> steps_;
  std::size_t stepsDone_ = 0;
  bool prepared_ = false;
  bool writes_ = false;  // something of ours may write to the log

  bool hasPorts_ = false;
  PortSet ports_;
  std::optional<SpawnRequest> request_;  // the same at every start on the same ports

  ProcessId process_ = 0;
  std::int64_t pid_ = 0;
  std::string identity_, isolation_;
};

}  // namespace tenon::host
