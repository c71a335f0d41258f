// The whole policy of supervision: what every event means in every state. The loop that walks it holds none.
//
// A service is ready only when its health check has answered in this process's life. A trial (a release that has to prove
// itself) is never restarted: its first failure is the answer.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tenon::host {

enum class SupervisionState { Stopped, Starting, Ready, Unready, Backoff, Stopping, Failed };
inline constexpr std::size_t kSupervisionStates = 7;

enum class SupervisionEvent {
  StartRequested,
  StopRequested,
  RestartRequested,
  Spawned,
  SpawnFailed,
  ProbeOk,
  ProbeFailed,       // one failure
  ProbesExhausted,   // unhealthy_after failures in a row, when it had been ready
  GraceOver,         // startup_grace passed without a healthy answer
  Exited,            // to be started again: the restart policy says so
  ExitedForGood,     // not to be started again: policy, trial, or too many restarts
  BackoffOver,
  StopGraceOver,
  Adopted,
  AdoptionFailed,
};
inline constexpr std::size_t kSupervisionEvents = 15;

enum class SupervisionAction {
  None,
  Impossible,      // our own bug: the supervisor asserts
  Spawn,
  BeginProbing,
  BecomeReady,
  CountFailure,
  KillAndWait,     // kill the tree; its Exited comes
  SendStop,        // the stop signal, then the grace
  KillTree,
  ScheduleBackoff,
  CancelBackoff,
  Settle,          // no process is left: release, tell who waits
  Fail,            // as Settle, and the failure stays visible
  StopThenStart,   // restart: SendStop, and start again once it has ended
};

struct SupervisionCell {
  SupervisionAction action;
  SupervisionState next;
};

using SupervisionTable = std::array<std::array<SupervisionCell, kSupervisionEvents>, kSupervisionStates>;
const SupervisionTable& supervisionTable();

std::string_view name(SupervisionState state);
std::string_view name(SupervisionEvent event);
std::string_view name(SupervisionAction action);

}  // namespace tenon::host
