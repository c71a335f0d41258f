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
  SpawnFailed,         // to be tried again
  SpawnFailedForGood,  // not to be tried again: what is wrong is in the plan, or it is a trial
  ProbeOk,
  ProbeFailed,      // one failure
  ProbesExhausted,  // unhealthy_after failures in a row, or more
  LivenessLost,     // unhealthy_after failures in a row of its live endpoint: it hangs
  TrialFailed,      // a trial was ready and is not any more, or did not stay so in time
  GraceOver,        // startup_grace passed without a healthy answer
  GraceOutlived,    // likewise, of a process that had lived longer than that when it was adopted
  Exited,           // to be started again: the restart policy says so, or it was asked for
  ExitedForGood,    // a failure that is not followed by another start: policy, trial, or too many restarts
  Completed,        // ended as it should: after a stop, or with exit 0 where the policy leaves it at that
  PortLost,         // ended before it was ready, and another process has its port
  BackoffOver,
  StopGraceOver,
  Adopted,
  AdoptionFailed,
};
inline constexpr std::size_t kSupervisionEvents = 21;

enum class SupervisionAction {
  None,
  Impossible,  // our own bug: the supervisor aborts and names the pair
  Spawn,
  SpawnElsewhere,  // Spawn, on the next free port
  BeginProbing,
  BecomeReady,
  NoteFailure,
  NoteHealth,     // a healthy answer of a service that is ready: earlier failures are forgotten
  KillTree,       // its end is told later
  SendStop,       // the stop signal, then the grace
  StopThenStart,  // restart: SendStop, and start again once it has ended
  StayDown,       // the stop under way is not followed by a start
  ScheduleBackoff,
  Settle,  // no process is left: release ports and record, tell who waits
  Fail,    // as Settle, and the failure stays visible
};
inline constexpr std::size_t kSupervisionActions = 15;

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
