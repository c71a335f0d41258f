// A release that does not prove itself: the old one serves again (or still), the evidence says why, and what failed is not
// tried again unasked.
#include <thread>

#include "host/base/Limits.h"
#include "host/lifecycle/preview/PlanPreview.h"
#include "tests/host/lifecycle/LifeTest.h"

namespace tenon::host {
namespace {

using State = Change::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FailedTrial : public LifeTest {
 protected:
  std::string evidence(const Change& change, const std::string& file) {
    return files_.readAll(folder_ / "changes" / change.evidence / file, limits::MiB).value_or("(missing)");
  }
  // 1.1.0 serves, 1.2.0 does not work.
  Result<Change> upgradeToABadOne(bool warm, Conduct conduct = Conduct::NeverAnswers) {
    installed("1.1.0");
    publish("1.2.0", warm);
    world_.machine.teach("1.2.0", conduct);
    return agent().upgrade();
  }
  void expectBackOn110() {
    EXPECT_EQ(disk().currentText(), "1.1.0 good");
    EXPECT_EQ(disk().installedText(), "1.1.0");
    EXPECT_EQ(disk().fault(), "");
    EXPECT_EQ(disk().leftover(), "");
    EXPECT_EQ(agent().serving(), "1.1.0 ready");
    EXPECT_THAT(world_.machine.versions(), ElementsAre("1.1.0"));
  }
};

TEST_F(FailedTrial, Case67GoesBackCold) {
  const auto change = upgradeToABadOne(false);
  expectEnd(change, State::RolledBack, ErrorCode::HealthTimeout);
  EXPECT_EQ(change->outcome, "back to 1.1.0");
  EXPECT_THAT(change->error->message(), HasSubstr("warming up"));
  EXPECT_EQ(change->exitStatus(), 3);
  EXPECT_EQ(change->steps.back().name, "rollback");
  expectBackOn110();
}

TEST_F(FailedTrial, KeepsTheOldOneServingWhereItIsWarm) {
  installed("1.1.0");
  const auto before = world_.machine.running();
  publish("1.2.0", true);
  world_.machine.teach("1.2.0", Conduct::NeverAnswers);
  const auto change = agent().upgrade();
  expectEnd(change, State::RolledBack, ErrorCode::HealthTimeout);
  EXPECT_EQ(change->outcome, "kept 1.1.0; callers saw no gap");
  ASSERT_EQ(world_.machine.running().size(), 1U);
  EXPECT_EQ(world_.machine.running()[0].identity, before[0].identity);
  expectBackOn110();
}

TEST_F(FailedTrial, TellsThatItEndedAtOnce) {
  const auto change = upgradeToABadOne(false, Conduct::ExitsAtOnce);
  expectEnd(change, State::RolledBack, ErrorCode::CrashLoop);
  EXPECT_THAT(change->error->message(), HasSubstr("exit 3"));
  expectBackOn110();
}

TEST_F(FailedTrial, LeavesEvidence) {
  const auto change = upgradeToABadOne(false);
  ASSERT_TRUE(change);
  ASSERT_FALSE(change->evidence.empty());
  EXPECT_THAT(evidence(*change, "why.txt"), HasSubstr("health-timeout: "));
  EXPECT_THAT(evidence(*change, "probes.txt"), HasSubstr("unhealthy 503 warming up"));
  EXPECT_THAT(evidence(*change, "plan.json"), HasSubstr("app/serve"));
  EXPECT_THAT(evidence(*change, "serving-plan.json"), HasSubstr("app/serve"));
  EXPECT_EQ(evidence(*change, "environment.diff"), "-OF=1.1.0\n+OF=1.2.0\n");
}

TEST_F(FailedTrial, Case76TheSameReleaseIsRefusedUnlessForced) {
  expectEnd(upgradeToABadOne(false), State::RolledBack, ErrorCode::HealthTimeout);
  const auto before = services();
  expectEnd(agent().upgrade(), State::Failed, ErrorCode::ReleaseRefused);
  EXPECT_EQ(services(), before);
  expectBackOn110();
  const auto plan = previewInstall(agent().with(), ReleaseSpec::parse("asr").value());
  ASSERT_TRUE(plan) << plan.error().message();
  ASSERT_EQ(plan->problems.size(), 1U);
  EXPECT_EQ(plan->problems[0].code(), ErrorCode::ReleaseRefused);

  world_.machine.teach("1.2.0", Conduct::Serves);
  expectEnd(agent().upgrade({.force = true}), State::Done);
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
}

// Brought here without activation, it stays here when its trial fails; that must not make a way around the refusal.
TEST_F(FailedTrial, Case76AlsoWhereItIsStillInstalled) {
  installed("1.1.0");
  publish("1.2.0");
  world_.machine.teach("1.2.0", Conduct::NeverAnswers);
  expectEnd(agent().install("asr", {.activate = false}), State::Done);
  expectEnd(agent().activate("asr@1.2.0"), State::RolledBack, ErrorCode::HealthTimeout);
  EXPECT_EQ(disk().installedText(), "1.1.0 1.2.0");
  expectEnd(agent().upgrade(), State::Failed, ErrorCode::ReleaseRefused);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(FailedTrial, OfAFirstInstallLeavesNothingInstalled) {
  publish("1.1.0");
  world_.machine.teach("1.1.0", Conduct::NeverAnswers);
  const auto change = agent().install("asr");
  expectEnd(change, State::Failed, ErrorCode::HealthTimeout);
  EXPECT_EQ(change->outcome, "nothing is installed");
  EXPECT_FALSE(change->evidence.empty());
  EXPECT_EQ(disk().currentText(), "");
  EXPECT_EQ(disk().installedText(), "");
  EXPECT_EQ(disk().leftover(), "");
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
  EXPECT_EQ(agent().serving(), "");
}

TEST_F(FailedTrial, Case74WhereTheOldOneFailsTooBothStop) {
  installed("1.1.0");
  publish("1.2.0");
  world_.machine.teach("1.1.0", Conduct::ExitsAtOnce);
  world_.machine.teach("1.2.0", Conduct::NeverAnswers);
  const auto change = agent().upgrade();
  expectEnd(change, State::Failed, ErrorCode::NoGoodRelease);
  EXPECT_EQ(change->outcome, "no release serves");
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(disk().fault(), "");
}

TEST_F(FailedTrial, OfARollbackComesBack) {
  installed("1.1.0");
  installed("1.2.0");
  world_.machine.teach("1.1.0", Conduct::NeverAnswers);
  expectEnd(agent().rollback(), State::RolledBack, ErrorCode::HealthTimeout);
  EXPECT_EQ(disk().currentText(), "1.2.0 good");
  EXPECT_EQ(disk().previousText(), "1.1.0");
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  EXPECT_EQ(disk().leftover(), "");
}

// 1.1.0 was good, 1.2.0 never started: it is no place to go back to.
TEST_F(FailedTrial, WhatNeverStartedIsNoWayBack) {
  installed("1.1.0");
  expectEnd(agent().stopService(), State::Done);
  for (const std::string version : {"1.2.0", "1.3.0"}) {
    publish(version);
    world_.machine.teach(version, Conduct::NeverAnswers);
    expectEnd(agent().upgrade(), State::Done);
    EXPECT_EQ(disk().currentText(), version + " trial");
    EXPECT_EQ(disk().previousText(), "1.1.0");
  }
  expectEnd(agent().startService(), State::RolledBack, ErrorCode::HealthTimeout);
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(disk().fault(), "");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  EXPECT_THAT(world_.machine.versions(), ElementsAre("1.1.0"));
}

// The next agent goes on with the trial, as after a kill.
TEST_F(FailedTrial, AnAgentThatEndsWithinATrialLeavesItToTheNext) {
  installed("1.1.0");
  publish("1.2.0");
  world_.machine.teach("1.2.0", Conduct::NeverAnswers);
  world_.machine.timeStands = true;  // else the trial may be over before it is seen here
  std::thread upgrade([this] { expectEnd(agent().upgrade(), State::Failed, ErrorCode::Cancelled); });
  while (disk().currentText() != "1.2.0 trial") std::this_thread::yield();
  agent().detach();
  upgrade.join();
  world_.machine.timeStands = false;
  EXPECT_EQ(disk().currentText(), "1.2.0 trial");
  EXPECT_EQ(disk().previousText(), "1.1.0");
  EXPECT_EQ(disk().fault(), "");
  world_.machine.teach("1.2.0", Conduct::Serves);
  restartAgent();
  EXPECT_EQ(disk().currentText(), "1.2.0 good");
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
}

}  // namespace
}  // namespace tenon::host
