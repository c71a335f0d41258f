#include "host/runtime/supervision/SupervisionTable.h"

namespace tenon::host {
namespace {

using enum SupervisionState;
using enum SupervisionEvent;
using A = SupervisionAction;

struct Row {
  SupervisionState in;
  SupervisionEvent on;
  SupervisionAction action;
  SupervisionState next;
};

// Every pair of state and event has its row. Where a row says Impossible, the supervisor has already made sure that the
// event cannot come: timers and probes end with the state that began them, and a process tells its end once.
// clang-format off
constexpr Row kRows[] = {
  {Stopped,  StartRequested,     A::Spawn,           Starting},
  {Stopped,  StopRequested,      A::Settle,          Stopped},
  {Stopped,  RestartRequested,   A::Spawn,           Starting},
  {Stopped,  Spawned,            A::Impossible,      Stopped},
  {Stopped,  SpawnFailed,        A::Impossible,      Stopped},
  {Stopped,  SpawnFailedForGood, A::Impossible,      Stopped},
  {Stopped,  ProbeOk,            A::Impossible,      Stopped},
  {Stopped,  ProbeFailed,        A::Impossible,      Stopped},
  {Stopped,  ProbesExhausted,    A::Impossible,      Stopped},
  {Stopped,  LivenessLost,       A::Impossible,      Stopped},
  {Stopped,  TrialFailed,        A::Impossible,      Stopped},
  {Stopped,  GraceOver,          A::Impossible,      Stopped},
  {Stopped,  GraceOutlived,      A::Impossible,      Stopped},
  {Stopped,  Exited,             A::Impossible,      Stopped},
  {Stopped,  ExitedForGood,      A::Impossible,      Stopped},
  {Stopped,  Completed,          A::Impossible,      Stopped},
  {Stopped,  PortLost,           A::Impossible,      Stopped},
  {Stopped,  BackoffOver,        A::Impossible,      Stopped},
  {Stopped,  StopGraceOver,      A::Impossible,      Stopped},
  {Stopped,  Adopted,            A::BeginProbing,    Starting},
  {Stopped,  AdoptionFailed,     A::Settle,          Stopped},

  {Starting, StartRequested,     A::None,            Starting},
  {Starting, StopRequested,      A::SendStop,        Stopping},
  {Starting, RestartRequested,   A::StopThenStart,   Stopping},
  {Starting, Spawned,            A::BeginProbing,    Starting},
  {Starting, SpawnFailed,        A::ScheduleBackoff, Backoff},
  {Starting, SpawnFailedForGood, A::Fail,            Failed},
  {Starting, ProbeOk,            A::BecomeReady,     Ready},
  {Starting, ProbeFailed,        A::NoteFailure,     Starting},
  {Starting, ProbesExhausted,    A::NoteFailure,     Starting},
  {Starting, LivenessLost,       A::Impossible,      Starting},
  {Starting, TrialFailed,        A::NoteFailure,     Starting},
  {Starting, GraceOver,          A::KillTree,        Starting},
  {Starting, GraceOutlived,      A::NoteFailure,     Unready},
  {Starting, Exited,             A::ScheduleBackoff, Backoff},
  {Starting, ExitedForGood,      A::Fail,            Failed},
  {Starting, Completed,          A::Settle,          Stopped},
  {Starting, PortLost,           A::SpawnElsewhere,  Starting},
  {Starting, BackoffOver,        A::Impossible,      Starting},
  {Starting, StopGraceOver,      A::Impossible,      Starting},
  {Starting, Adopted,            A::Impossible,      Starting},
  {Starting, AdoptionFailed,     A::Impossible,      Starting},

  {Ready,    StartRequested,     A::None,            Ready},
  {Ready,    StopRequested,      A::SendStop,        Stopping},
  {Ready,    RestartRequested,   A::StopThenStart,   Stopping},
  {Ready,    Spawned,            A::Impossible,      Ready},
  {Ready,    SpawnFailed,        A::Impossible,      Ready},
  {Ready,    SpawnFailedForGood, A::Impossible,      Ready},
  {Ready,    ProbeOk,            A::NoteHealth,      Ready},
  {Ready,    ProbeFailed,        A::NoteFailure,     Ready},
  {Ready,    ProbesExhausted,    A::NoteFailure,     Unready},
  {Ready,    LivenessLost,       A::KillTree,        Unready},
  {Ready,    TrialFailed,        A::KillTree,        Unready},
  {Ready,    GraceOver,          A::Impossible,      Ready},
  {Ready,    GraceOutlived,      A::Impossible,      Ready},
  {Ready,    Exited,             A::ScheduleBackoff, Backoff},
  {Ready,    ExitedForGood,      A::Fail,            Failed},
  {Ready,    Completed,          A::Settle,          Stopped},
  {Ready,    PortLost,           A::Impossible,      Ready},
  {Ready,    BackoffOver,        A::Impossible,      Ready},
  {Ready,    StopGraceOver,      A::Impossible,      Ready},
  {Ready,    Adopted,            A::Impossible,      Ready},
  {Ready,    AdoptionFailed,     A::Impossible,      Ready},

  {Unready,  StartRequested,     A::None,            Unready},
  {Unready,  StopRequested,      A::SendStop,        Stopping},
  {Unready,  RestartRequested,   A::StopThenStart,   Stopping},
  {Unready,  Spawned,            A::Impossible,      Unready},
  {Unready,  SpawnFailed,        A::Impossible,      Unready},
  {Unready,  SpawnFailedForGood, A::Impossible,      Unready},
  {Unready,  ProbeOk,            A::BecomeReady,     Ready},
  {Unready,  ProbeFailed,        A::NoteFailure,     Unready},
  {Unready,  ProbesExhausted,    A::NoteFailure,     Unready},
  {Unready,  LivenessLost,       A::KillTree,        Unready},
  {Unready,  TrialFailed,        A::KillTree,        Unready},
  {Unready,  GraceOver,          A::Impossible,      Unready},
  {Unready,  GraceOutlived,      A::Impossible,      Unready},
  {Unready,  Exited,             A::ScheduleBackoff, Backoff},
  {Unready,  ExitedForGood,      A::Fail,            Failed},
  {Unready,  Completed,          A::Settle,          Stopped},
  {Unready,  PortLost,           A::Impossible,      Unready},
  {Unready,  BackoffOver,        A::Impossible,      Unready},
  {Unready,  StopGraceOver,      A::Impossible,      Unready},
  {Unready,  Adopted,            A::Impossible,      Unready},
  {Unready,  AdoptionFailed,     A::Impossible,      Unready},

  {Backoff,  StartRequested,     A::Spawn,           Starting},
  {Backoff,  StopRequested,      A::Settle,          Stopped},
  {Backoff,  RestartRequested,   A::Spawn,           Starting},
  {Backoff,  Spawned,            A::Impossible,      Backoff},
  {Backoff,  SpawnFailed,        A::Impossible,      Backoff},
  {Backoff,  SpawnFailedForGood, A::Impossible,      Backoff},
  {Backoff,  ProbeOk,            A::Impossible,      Backoff},
  {Backoff,  ProbeFailed,        A::Impossible,      Backoff},
  {Backoff,  ProbesExhausted,    A::Impossible,      Backoff},
  {Backoff,  LivenessLost,       A::Impossible,      Backoff},
  {Backoff,  TrialFailed,        A::Impossible,      Backoff},
  {Backoff,  GraceOver,          A::Impossible,      Backoff},
  {Backoff,  GraceOutlived,      A::Impossible,      Backoff},
  {Backoff,  Exited,             A::Impossible,      Backoff},
  {Backoff,  ExitedForGood,      A::Impossible,      Backoff},
  {Backoff,  Completed,          A::Impossible,      Backoff},
  {Backoff,  PortLost,           A::Impossible,      Backoff},
  {Backoff,  BackoffOver,        A::Spawn,           Starting},
  {Backoff,  StopGraceOver,      A::Impossible,      Backoff},
  {Backoff,  Adopted,            A::Impossible,      Backoff},
  {Backoff,  AdoptionFailed,     A::Impossible,      Backoff},

  {Stopping, StartRequested,     A::None,            Stopping},
  {Stopping, StopRequested,      A::StayDown,        Stopping},
  {Stopping, RestartRequested,   A::None,            Stopping},
  {Stopping, Spawned,            A::Impossible,      Stopping},
  {Stopping, SpawnFailed,        A::Impossible,      Stopping},
  {Stopping, SpawnFailedForGood, A::Impossible,      Stopping},
  {Stopping, ProbeOk,            A::Impossible,      Stopping},
  {Stopping, ProbeFailed,        A::Impossible,      Stopping},
  {Stopping, ProbesExhausted,    A::Impossible,      Stopping},
  {Stopping, LivenessLost,       A::Impossible,      Stopping},
  {Stopping, TrialFailed,        A::Impossible,      Stopping},
  {Stopping, GraceOver,          A::Impossible,      Stopping},
  {Stopping, GraceOutlived,      A::Impossible,      Stopping},
  {Stopping, Exited,             A::Spawn,           Starting},
  {Stopping, ExitedForGood,      A::Impossible,      Stopping},
  {Stopping, Completed,          A::Settle,          Stopped},
  {Stopping, PortLost,           A::Impossible,      Stopping},
  {Stopping, BackoffOver,        A::Impossible,      Stopping},
  {Stopping, StopGraceOver,      A::KillTree,        Stopping},
  {Stopping, Adopted,            A::Impossible,      Stopping},
  {Stopping, AdoptionFailed,     A::Impossible,      Stopping},

  {Failed,   StartRequested,     A::Spawn,           Starting},
  {Failed,   StopRequested,      A::Settle,          Stopped},
  {Failed,   RestartRequested,   A::Spawn,           Starting},
  {Failed,   Spawned,            A::Impossible,      Failed},
  {Failed,   SpawnFailed,        A::Impossible,      Failed},
  {Failed,   SpawnFailedForGood, A::Impossible,      Failed},
  {Failed,   ProbeOk,            A::Impossible,      Failed},
  {Failed,   ProbeFailed,        A::Impossible,      Failed},
  {Failed,   ProbesExhausted,    A::Impossible,      Failed},
  {Failed,   LivenessLost,       A::Impossible,      Failed},
  {Failed,   TrialFailed,        A::Impossible,      Failed},
  {Failed,   GraceOver,          A::Impossible,      Failed},
  {Failed,   GraceOutlived,      A::Impossible,      Failed},
  {Failed,   Exited,             A::Impossible,      Failed},
  {Failed,   ExitedForGood,      A::Impossible,      Failed},
  {Failed,   Completed,          A::Impossible,      Failed},
  {Failed,   PortLost,           A::Impossible,      Failed},
  {Failed,   BackoffOver,        A::Impossible,      Failed},
  {Failed,   StopGraceOver,      A::Impossible,      Failed},
  {Failed,   Adopted,            A::Impossible,      Failed},
  {Failed,   AdoptionFailed,     A::Impossible,      Failed},
};
// clang-format on

template <class Enum>
struct Named {
  Enum value;
  std::string_view name;
};

constexpr Named<SupervisionState> kStateNames[] = {
    {Stopped, "stopped"}, {Starting, "starting"}, {Ready, "ready"},   {Unready, "unready"},
    {Backoff, "backoff"}, {Stopping, "stopping"}, {Failed, "failed"},
};
constexpr Named<SupervisionEvent> kEventNames[] = {
    {StartRequested, "start-requested"},
    {StopRequested, "stop-requested"},
    {RestartRequested, "restart-requested"},
    {Spawned, "spawned"},
    {SpawnFailed, "spawn-failed"},
    {SpawnFailedForGood, "spawn-failed-for-good"},
    {ProbeOk, "probe-ok"},
    {ProbeFailed, "probe-failed"},
    {ProbesExhausted, "probes-exhausted"},
    {LivenessLost, "liveness-lost"},
    {TrialFailed, "trial-failed"},
    {GraceOver, "grace-over"},
    {GraceOutlived, "grace-outlived"},
    {Exited, "exited"},
    {ExitedForGood, "exited-for-good"},
    {Completed, "completed"},
    {PortLost, "port-lost"},
    {BackoffOver, "backoff-over"},
    {StopGraceOver, "stop-grace-over"},
    {Adopted, "adopted"},
    {AdoptionFailed, "adoption-failed"},
};
constexpr Named<SupervisionAction> kActionNames[] = {
    {A::None, "none"},
    {A::Impossible, "impossible"},
    {A::Spawn, "spawn"},
    {A::SpawnElsewhere, "spawn-elsewhere"},
    {A::BeginProbing, "begin-probing"},
    {A::BecomeReady, "become-ready"},
    {A::NoteFailure, "note-failure"},
    {A::NoteHealth, "note-health"},
    {A::KillTree, "kill-tree"},
    {A::SendStop, "send-stop"},
    {A::StopThenStart, "stop-then-start"},
    {A::StayDown, "stay-down"},
    {A::ScheduleBackoff, "schedule-backoff"},
    {A::Settle, "settle"},
    {A::Fail, "fail"},
};

constexpr std::size_t index(auto value) { return static_cast<std::size_t>(value); }

constexpr bool inOrder(const auto& names) {
  for (std::size_t i = 0; i < std::size(names); ++i) {
    if (index(names[i].value) != i || names[i].name.empty()) return false;
  }
  return true;
}

constexpr bool everyPairOnce() {
  bool seen[kSupervisionStates][kSupervisionEvents] = {};
  for (const Row& row : kRows) {
    bool& cell = seen[index(row.in)][index(row.on)];
    if (cell) return false;
    cell = true;
  }
  return std::size(kRows) == kSupervisionStates * kSupervisionEvents;
}

constexpr bool impossibleStaysPut() {
  for (const Row& row : kRows) {
    if ((row.action == A::Impossible || row.action == A::None) && row.next != row.in) return false;
  }
  return true;
}

static_assert(index(Failed) + 1 == kSupervisionStates && std::size(kStateNames) == kSupervisionStates);
static_assert(index(AdoptionFailed) + 1 == kSupervisionEvents && std::size(kEventNames) == kSupervisionEvents);
static_assert(index(A::Fail) + 1 == kSupervisionActions && std::size(kActionNames) == kSupervisionActions);
static_assert(inOrder(kStateNames) && inOrder(kEventNames) && inOrder(kActionNames));
static_assert(everyPairOnce(), "every state answers every event, once");
static_assert(impossibleStaysPut());

constexpr SupervisionTable makeTable() {
  SupervisionTable table{};
  for (const Row& row : kRows) table[index(row.in)][index(row.on)] = {row.action, row.next};
  return table;
}

constexpr SupervisionTable kTable = makeTable();

}  // namespace

const SupervisionTable& supervisionTable() { return kTable; }

std::string_view name(SupervisionState state) { return kStateNames[index(state)].name; }
std::string_view name(SupervisionEvent event) { return kEventNames[index(event)].name; }
std::string_view name(SupervisionAction action) { return kActionNames[index(action)].name; }

}  // namespace tenon::host
