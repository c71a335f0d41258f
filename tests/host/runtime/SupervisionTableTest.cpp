#include "host/runtime/supervision/SupervisionTable.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
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

// The table as people read it: docs/supervision.md, whole.
std::string asMarkdown() {
  std::ostringstream out;
  out << R"(# How a service is supervised
Drawn from `host/runtime/supervision/SupervisionTable.cpp`: every event in every state. `tenon status` tells the state and why.
**ready** means that the health check answered in this process's life. A trial is a release that has yet to prove itself; it is never restarted.

```mermaid
stateDiagram-v2
  [*] --> stopped
)";
  for (std::size_t s = 0; s < kSupervisionStates; ++s) {
    std::map<State, std::string> ways;
    forEveryCell([&](State state, Event event) {
      const State next = cell(state, event).next;
      if (state != static_cast<State>(s) || next == state) return;
      ways[next] += (ways[next].empty() ? "" : ", ") + std::string(name(event));
    });
    for (const auto& [next, events] : ways) {
      out << "  " << name(static_cast<State>(s)) << " --> " << name(next) << " : " << events << "\n";
    }
  }
  out << "```\n\nWhat is done, and the state after it where it is another. `–`: nothing. Empty: cannot come; the agent "
         "would end and name the pair.\n\n|";
  for (std::size_t s = 0; s < kSupervisionStates; ++s) out << " | " << name(static_cast<State>(s));
  out << " |\n|---";
  for (std::size_t s = 0; s < kSupervisionStates; ++s) out << "|---";
  out << "|\n";
  for (std::size_t e = 0; e < kSupervisionEvents; ++e) {
    out << "| " << name(static_cast<Event>(e));
    for (std::size_t s = 0; s < kSupervisionStates; ++s) {
      const SupervisionCell found = cell(static_cast<State>(s), static_cast<Event>(e));
      out << " | ";
      if (found.action == Action::None) out << "–";
      if (found.action == Action::None || found.action == Action::Impossible) continue;
      out << name(found.action);
      if (found.next != static_cast<State>(s)) out << " → " << name(found.next);
    }
    out << " |\n";
  }
  return out.str();
}

TEST(SupervisionTable, IsWhatItsPageSays) {
  std::ifstream file(TENON_SOURCE_DIR "/docs/supervision.md");
  std::stringstream page;
  page << file.rdbuf();
  std::ofstream(TENON_BINARY_DIR "/supervision.md") << asMarkdown();
  EXPECT_EQ(page.str(), asMarkdown()) << "if the table is right: cp " TENON_BINARY_DIR "/supervision.md docs/";
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
