// Install, upgrade, activate and rollback, as an operator sees them: what the change says, what serves, what lies on disk.
#include "tests/host/lifecycle/LifeTest.h"

namespace tenon::host {
namespace {

using State = Change::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Install : public LifeTest {
 protected:
  static std::vector<std::string> stepsOf(const Change& change) {
    std::vector<std::string> names;
    for (const auto& step : change.steps) names.push_back(step.name);
    return names;
  }
};

TEST_F(Install, BringsAReleaseToServe) {
  publish("1.1.0");
  const auto change = agent().install("asr");
  expectEnd(change, State::Done);
  EXPECT_EQ(change->outcome, "1.1.0 serves");
  EXPECT_EQ(change->from, "");
  EXPECT_EQ(change->to, "1.1.0");
  EXPECT_THAT(stepsOf(*change), ElementsAre("resolve", "fetch", "verify", "unpack", "plan", "activate", "start"));
  for (const auto& step : change->steps) EXPECT_EQ(step.state, ChangeStep::State::Done) << step.name;
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(disk().fault(), "");
  EXPECT_EQ(disk().leftover(), "");
  EXPECT_THAT(world_.machine.versions(), ElementsAre("1.1.0"));
}

TEST_F(Install, TellsTheRegistryAndTheEventLog) {
  installed("1.1.0");
  const auto row = agent().registry().find(asr());
  ASSERT_TRUE(row);
  EXPECT_EQ(row->name, "Speech");
  ASSERT_TRUE(row->current);
  EXPECT_EQ(row->current->release.version.text(), "1.1.0");
  EXPECT_EQ(row->installed.size(), 1U);
  EXPECT_THAT(agent().eventTypes(), testing::Contains("change-ended"));
}

TEST_F(Install, OfTheSameReleaseAgainChangesNothing) {
  installed("1.1.0");
  const auto before = services();
  const auto starts = world_.machine.starts();
  const auto again = agent().install("asr");
  expectEnd(again, State::Done);
  EXPECT_THAT(again->outcome, HasSubstr("nothing to do"));
  EXPECT_EQ(services(), before);
  EXPECT_EQ(world_.machine.starts(), starts);
  EXPECT_EQ(world_.hub.downloads, 1U);
}

TEST_F(Install, WithoutActivationStopsAtACompleteRelease) {
  installed("1.1.0");
  publish("1.2.0");
  expectEnd(agent().install("asr", {.activate = false}), State::Done);
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(disk().installedText(), "1.1.0 1.2.0");
  EXPECT_EQ(disk().fault(), "");
  EXPECT_EQ(disk().leftover(), "");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");

  const auto activated = agent().activate("asr@1.2.0");
  expectEnd(activated, State::Done);
  EXPECT_EQ(activated->from, "1.1.0");
  EXPECT_EQ(disk().currentText(), "1.2.0 good");
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  expectEnd(agent().activate("asr@1.2.0"), State::Done);
  expectEnd(agent().activate("asr@7.0.0"), State::Failed, ErrorCode::NotFound);
}

TEST_F(Install, OfAStoppedServiceCommitsAndStartsNothing) {
  installed("1.1.0");
  expectEnd(agent().stopService(), State::Done);
  publish("1.2.0");
  const auto change = agent().install("asr");
  expectEnd(change, State::Done);
  EXPECT_THAT(change->outcome, HasSubstr("the service is stopped"));
  EXPECT_EQ(disk().currentText(), "1.2.0 trial");
  EXPECT_THAT(world_.machine.versions(), IsEmpty());

  expectEnd(agent().startService(), State::Done);
  EXPECT_EQ(disk().currentText(), "1.2.0 good");
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
}

TEST_F(Install, UpgradeGoesColdByDefault) {
  installed("1.1.0");
  publish("1.2.0");
  const auto change = agent().upgrade();
  expectEnd(change, State::Done);
  EXPECT_EQ(change->from, "1.1.0");
  EXPECT_EQ(change->to, "1.2.0");
  EXPECT_THAT(stepsOf(*change),
              ElementsAre("resolve", "fetch", "verify", "reuse", "fetch", "unpack", "plan", "stop", "activate", "start"));
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  EXPECT_EQ(disk().currentText(), "1.2.0 good");
  EXPECT_EQ(disk().previousText(), "1.1.0");
  EXPECT_THAT(world_.machine.versions(), ElementsAre("1.2.0"));
}

TEST_F(Install, UpgradeGoesWarmWhereServiceJsonAsksForIt) {
  installed("1.1.0");
  publish("1.2.0", true);
  const auto change = agent().upgrade();
  expectEnd(change, State::Done);
  EXPECT_THAT(stepsOf(*change),
              ElementsAre("resolve", "fetch", "verify", "reuse", "fetch", "unpack", "plan", "start", "activate", "drain"));
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  EXPECT_EQ(disk().currentText(), "1.2.0 good");
  EXPECT_EQ(disk().previousText(), "1.1.0");
  EXPECT_THAT(world_.machine.versions(), ElementsAre("1.2.0"));
}

TEST_F(Install, UpgradeOfWhatIsNotThereIsRefused) {
  publish("1.1.0");
  expectEnd(agent().upgrade(), State::Failed, ErrorCode::NotFound);
  EXPECT_FALSE(disk().isThere());
}

TEST_F(Install, UpgradeSaysThatTheHubHasNothingNewer) {
  installed("1.2.0");
  world_.hub.withdraw("1.2.0");
  publish("1.1.0");
  const auto before = services();
  const auto change = agent().upgrade();
  expectEnd(change, State::Done);
  EXPECT_THAT(change->outcome, HasSubstr("1.2.0 is newer"));
  EXPECT_EQ(services(), before);
}

TEST_F(Install, KeepsCurrentAndPreviousOnly) {
  installed("1.1.0");
  installed("1.2.0");
  installed("1.3.0");
  EXPECT_EQ(disk().installedText(), "1.2.0 1.3.0");
  EXPECT_EQ(disk().previousText(), "1.2.0");
  EXPECT_EQ(disk().fault(), "");
}

TEST_F(Install, RollbackGoesToTheReleaseBeforeAndForthAgain) {
  installed("1.1.0");
  installed("1.2.0");
  const auto change = agent().rollback();
  expectEnd(change, State::Done);
  EXPECT_EQ(change->from, "1.2.0");
  EXPECT_EQ(change->to, "1.1.0");
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  EXPECT_EQ(world_.hub.downloads, 2U);

  expectEnd(agent().rollback(), State::Done);
  EXPECT_EQ(disk().currentText(), "1.2.0 good");
  EXPECT_EQ(disk().fault(), "");
  EXPECT_EQ(disk().leftover(), "");
}

TEST_F(Install, RollbackWithoutAReleaseBeforeIsRefused) {
  expectEnd(agent().rollback(), State::Failed, ErrorCode::NotFound);
  installed("1.1.0");
  const auto before = services();
  expectEnd(agent().rollback(), State::Failed, ErrorCode::NotFound);
  EXPECT_EQ(services(), before);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(Install, Case59OfAServiceThatIsBeingChangedIsBusy) {
  installed("1.1.0");
  publish("1.2.0");
  const auto before = services();
  const auto lock = lockService(agent().with(), asr());
  ASSERT_TRUE(lock);
  for (const auto& change : {agent().install("asr"), agent().upgrade(), agent().rollback(), agent().activate("asr@1.1.0"),
                             agent().startService(), agent().stopService(), agent().restartService(), agent().remove()}) {
    expectEnd(change, State::Failed, ErrorCode::Busy);
  }
  EXPECT_EQ(services(), before);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(Install, CanBeAborted) {
  installed("1.1.0");
  publish("1.2.0");
  const auto before = services();
  world_.hub.beforeDownload = [this] {
    const auto running = agent().book().latest(1);
    ASSERT_EQ(running.size(), 1U);
    EXPECT_EQ(running[0].state, State::Running);
    EXPECT_TRUE(agent().book().abort(running[0].number));
  };
  expectEnd(agent().install("asr"), State::Failed, ErrorCode::Cancelled);
  EXPECT_EQ(services(), before);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  EXPECT_EQ(agent().book().abort(77).error().code(), ErrorCode::NotFound);
}

}  // namespace
}  // namespace tenon::host
