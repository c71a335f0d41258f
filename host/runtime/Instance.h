// One running (or to be run) release of a service, as values: what to run, what is seen of it, and the record by which a
// restarted agent finds it again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/adapter/Processes.h"
#include "host/base/Clock.h"
#include "host/base/Path.h"
#include "host/contract/CurrentRelease.h"
#include "host/contract/service/LaunchPlan.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/runtime/supervision/SupervisionTable.h"

namespace tenon::host {

// <id>.<n>; n never repeats within a service's life on this node.
using InstanceNumber = std::uint64_t;

// How an instance is kept to itself.
struct InstanceIsolation {
  Isolation level = Isolation::None;
  std::optional<std::uint32_t> user = {};  // of its own
  std::string noUser = {};                 // why it has none, where it should
  Path node = {};                          // the node's folder, of which it reaches its own part
  std::optional<Error> fault = {};         // every start fails with it
};

struct InstanceSpec {
  ServiceManifest manifest;
  InstalledRelease release;
  LaunchPlan plan;
  Path packageDir, dataDir, log;
  Environment policyEnv;  // what `tenon set` wrote
  bool trial = false;     // has to prove itself: never restarted
  InstanceIsolation isolation = {};
  std::optional<Error> fault = {};  // why it may not be started; what runs of it already runs on
};

struct InstanceStatus {
  ServiceId service;
  InstanceNumber number = 0;
  InstalledRelease release;
  bool serving = true;  // false: a candidate of a warm switch
  SupervisionState state = SupervisionState::Stopped;
  std::string why;
  std::uint16_t port = 0;
  std::map<std::string, std::uint16_t> ports;
  std::int64_t pid = 0;
  std::string startedAt;
  std::uint64_t restarts = 0;
  std::string isolation = {};              // "standard, user 70012"; "" before the first start
  std::optional<EndpointPolicy> endpoint;  // what its service.json asks for
  bool trial = false;                      // has yet to prove itself
  bool frozen = false;                     // stands still on request
  ProcessId process = 0;                   // the adapter's handle; 0: none runs
};

// run/instances/<id>.<n>.json. Not durable on purpose: it only has to outlive the agent, and a reboot ends every process.
struct InstanceRecord {
  ServiceId service;
  InstanceNumber number = 0;
  InstalledRelease release;
  bool serving = true, trial = false;
  std::string identity;  // the adapter's, opaque
  std::int64_t pid = 0;
  std::uint16_t port = 0;
  std::map<std::string, std::uint16_t> ports;
  std::string startedAt;
  std::uint64_t restarts = 0;
  std::string isolation = {};  // as in the status; "none" of one that an agent from before isolation started
  bool frozen = false;

  static Result<InstanceRecord> parse(std::string_view text);
  std::string toJson() const;
};

// One answer of a health check, for the evidence of a failed trial.
struct ProbeResult {
  Millis sinceStart{0};
  bool healthy = false;
  std::string text;  // "503 CUDA out of memory", "connection refused", "timed out after 3.0 s"
};

// How a trial ended.
struct TrialReport {
  bool proven = false;
  Error error{ErrorCode::HealthTimeout,
              ""};                  // where it was not: health-timeout, crash-loop, spawn-failed, port-taken, cancelled
  std::vector<ProbeResult> probes;  // the last 100
  std::uint16_t port = 0;
};

}  // namespace tenon::host
