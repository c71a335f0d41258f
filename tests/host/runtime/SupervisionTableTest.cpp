#include "host/runtime/supervision/SupervisionTable.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace tenon::host {
namespace {

using State = SupervisionState;
using Event = SupervisionEvent;
using Action = SupervisionAction;

SupervisionCell cell(State state, Event event) {
  return supervisionTable()[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

template <class Visit>
void forEveryCell(Visit visit) {
  for (std::size_t s = 0; s < kSupervisionStates; ++s) {
    for (std::size_t e = 0; e < kSupervisionEvents; ++e) visit(static_cast<State>(s), static_cast<Event>(e));
  }
}

// The table as people review it; the test's failure message shows it whole.
std::string dump() {
  std::ostringstream out;
  forEveryCell([&](State state, Event event) {
    const SupervisionCell found = cell(state, event);
    if (found.action == Action::Impossible) return;
    out << name(state) << " + " << name(event) << " = " << name(found.action) << ", " << name(found.next) << "\n";
  });
  return out.str();
}

TEST(SupervisionTable, SaysWhatThePolicySays) {
  EXPECT_EQ(dump(), R"(stopped + start-requested = spawn, starting
stopped + stop-requested = settle, stopped
stopped + restart-requested = spawn, starting
stopped + adopted = begin-probing, starting
stopped + adoption-failed = settle, stopped
starting + start-requested = none, starting
starting + stop-requested = send-stop, stopping
starting + restart-requested = stop-then-start, stopping
starting + spawned = begin-probing, starting
starting + spawn-failed = schedule-backoff, backoff
starting + spawn-failed-for-good = fail, failed
starting + probe-ok = become-ready, ready
starting + probe-failed = note-failure, starting
starting + probes-exhausted = note-failure, starting
starting + trial-failed = note-failure, starting
starting + grace-over = kill-tree, starting
starting + exited = schedule-backoff, backoff
starting + exited-for-good = fail, failed
starting + completed = settle, stopped
starting + port-lost = spawn-elsewhere, starting
ready + start-requested = none, ready
ready + stop-requested = send-stop, stopping
ready + restart-requested = stop-then-start, stopping
ready + probe-ok = note-health, ready
ready + probe-failed = note-failure, ready
ready + probes-exhausted = note-failure, unready
ready + trial-failed = kill-tree, unready
ready + exited = schedule-backoff, backoff
ready + exited-for-good = fail, failed
ready + completed = settle, stopped
unready + start-requested = none, unready
unready + stop-requested = send-stop, stopping
unready + restart-requested = stop-then-start, stopping
unready + probe-ok = become-ready, ready
unready + probe-failed = note-failure, unready
unready + probes-exhausted = note-failure, unready
unready + trial-failed = kill-tree, unready
unready + exited = schedule-backoff, backoff
unready + exited-for-good = fail, failed
unready + completed = settle, stopped
backoff + start-requested = spawn, starting
backoff + stop-requested = settle, stopped
backoff + restart-requested = spawn, starting
backoff + backoff-over = spawn, starting
stopping + start-requested = none, stopping
stopping + stop-requested = stay-down, stopping
stopping + restart-requested = none, stopping
stopping + exited = spawn, starting
stopping + completed = settle, stopped
stopping + stop-grace-over = kill-tree, stopping
failed + start-requested = spawn, starting
failed + stop-requested = settle, stopped
failed + restart-requested = spawn, starting
)");
}

TEST(SupervisionTable, BecomesReadyByAnAnswerAlone) {
  forEveryCell([](State state, Event event) {
    if (state == State::Ready) return;
    EXPECT_EQ(cell(state, event).next == State::Ready, cell(state, event).action == Action::BecomeReady);
    EXPECT_TRUE(cell(state, event).next != State::Ready || event == Event::ProbeOk);
  });
}

TEST(SupervisionTable, CanBeStoppedInEveryState) {
  for (std::size_t s = 0; s < kSupervisionStates; ++s) {
    const State next = cell(static_cast<State>(s), Event::StopRequested).next;
    EXPECT_TRUE(next == State::Stopping || next == State::Stopped) << name(static_cast<State>(s));
  }
}

TEST(SupervisionTable, LeavesNoStateWithoutAWayOut) {
  for (std::size_t s = 0; s < kSupervisionStates; ++s) {
    std::set<State> next;
    forEveryCell([&](State state, Event event) {
      if (state == static_cast<State>(s)) next.insert(cell(state, event).next);
    });
    next.erase(static_cast<State>(s));
    EXPECT_FALSE(next.empty()) << name(static_cast<State>(s));
  }
}

TEST(SupervisionTable, UsesEveryActionAndEveryEvent) {
  std::set<Action> actions;
  std::set<Event> events;
  forEveryCell([&](State state, Event event) {
    actions.insert(cell(state, event).action);
    if (cell(state, event).action != Action::Impossible) events.insert(event);
  });
  EXPECT_EQ(actions.size(), kSupervisionActions);
  EXPECT_EQ(events.size(), kSupervisionEvents);
}

TEST(SupervisionTable, NamesEverythingOnce) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kSupervisionStates; ++i) names.insert(name(static_cast<State>(i)));
  EXPECT_EQ(names.size(), kSupervisionStates);
  names.clear();
  for (std::size_t i = 0; i < kSupervisionEvents; ++i) names.insert(name(static_cast<Event>(i)));
  EXPECT_EQ(names.size(), kSupervisionEvents);
  EXPECT_EQ(name(State::Unready), "unready");
  EXPECT_EQ(name(Event::ExitedForGood), "exited-for-good");
}

}  // namespace
}  // namespace tenon::host
