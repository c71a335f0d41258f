// What is done to a running service at once: frozen, thawed, signalled, measured.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/host/runtime/RuntimeWorld.h"

namespace tenon::host {
namespace {

using State = SupervisionState;
using testing::ElementsAre;

class Moment : public testing::Test {
 protected:
  Result<void> freeze(bool on) {
    auto answer = world.manager->freeze(RuntimeWorld::id(), on);
    world.pump();
    EXPECT_TRUE(RuntimeWorld::resolved(answer));
    return answer.get();
  }
  std::size_t asked() const { return world.prober.asked.size(); }

  RuntimeWorld world;
};

TEST_F(Moment, WhatIsFrozenIsNotAskedAndStaysWhatItWas) {
  const auto number = world.launchReady(world.spec());
  ASSERT_TRUE(freeze(true));
  EXPECT_TRUE(world.processes.last().frozen);
  EXPECT_TRUE(world.status(number)->frozen);
  EXPECT_EQ(world.why(number), "frozen on request");
  const auto before = asked();
  world.prober.unhealthy("would hang");
  world.advance(600000_ms);
  EXPECT_EQ(asked(), before);
  EXPECT_EQ(world.state(number), State::Ready);
  ASSERT_TRUE(freeze(true));  // so already

  world.prober.healthy();
  ASSERT_TRUE(freeze(false));
  EXPECT_FALSE(world.processes.last().frozen);
  world.advance(1_ms);
  EXPECT_EQ(asked(), before + 1);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_EQ(world.why(number), "");
  EXPECT_FALSE(world.status(number)->frozen);
}

TEST_F(Moment, WhatIsNotWellAfterwardsIsJudgedAsEver) {
  const auto number = world.launchReady(world.spec());
  ASSERT_TRUE(freeze(true));
  world.prober.unhealthy("503");
  ASSERT_TRUE(freeze(false));
  world.advance(60000_ms);
  EXPECT_NE(world.state(number), State::Ready);
}

TEST_F(Moment, WhatIsFrozenGoesOnToHearThatItIsToStop) {
  const auto number = world.launchReady(world.spec());
  ASSERT_TRUE(freeze(true));
  auto stopped = world.manager->stop(RuntimeWorld::id(), number, 5000_ms);  // and has nothing to drain
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_FALSE(world.processes.last().frozen);
  EXPECT_THAT(world.processes.last().signals, ElementsAre("TERM"));
}

TEST_F(Moment, WhatIsFrozenEndsAndIsStartedAnew) {
  const auto number = world.launchReady(world.spec());
  ASSERT_TRUE(freeze(true));
  world.processes.die(0, 9);
  world.pump();
  world.advance(50_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_FALSE(world.status(number)->frozen);
  EXPECT_EQ(world.processes.all.size(), 2U);
}

TEST_F(Moment, ANewAgentTakesItUpAsItStands) {
  const auto number = world.launchReady(world.spec());
  ASSERT_TRUE(freeze(true));
  world.restartAgent();
  world.manager->adoptRecorded([&](const InstanceRecord&) { return std::optional(world.spec()); }, world.helpers);
  const auto before = asked();
  world.advance(600000_ms);  // far beyond its grace
  EXPECT_EQ(asked(), before);
  EXPECT_EQ(world.processes.aliveCount(), 1U);
  EXPECT_TRUE(world.status(number)->frozen);
  EXPECT_EQ(world.why(number), "frozen on request");
  ASSERT_TRUE(freeze(false));
  world.advance(1_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_FALSE(world.processes.last().frozen);
}

TEST_F(Moment, WhatDoesNotServeIsNotFrozen) {
  EXPECT_EQ(freeze(true).error().code(), ErrorCode::NotFound);
  world.prober.unhealthy("starting");
  world.launch(world.spec());
  EXPECT_EQ(freeze(true).error().code(), ErrorCode::Busy);
  EXPECT_FALSE(world.processes.last().frozen);
}

TEST_F(Moment, ATrialIsNotFrozen) {
  auto spec = world.spec();
  spec.trial = true;
  world.launchReady(std::move(spec));
  EXPECT_EQ(freeze(true).error().code(), ErrorCode::Busy);
}

TEST_F(Moment, WhatCannotBeFrozenRunsOnAndIsAsked) {
  const auto number = world.launchReady(world.spec());
  world.processes.unfreezable = Error(ErrorCode::Timeout, "some of it still runs");
  EXPECT_EQ(freeze(true).error().code(), ErrorCode::Timeout);
  EXPECT_FALSE(world.status(number)->frozen);
  const auto before = asked();
  world.advance(6000_ms);
  EXPECT_GT(asked(), before);
}

TEST_F(Moment, ASignalGoesToTheOneThatServes) {
  EXPECT_EQ(world.manager->signal(RuntimeWorld::id(), "HUP").error().code(), ErrorCode::NotFound);
  world.processes.obedient = false;
  world.launchReady(world.spec());
  ASSERT_TRUE(world.manager->signal(RuntimeWorld::id(), "HUP"));
  EXPECT_THAT(world.processes.last().signals, ElementsAre("HUP"));
}

TEST_F(Moment, UsageIsToldWhileItRuns) {
  EXPECT_EQ(world.manager->usage(RuntimeWorld::id()).error().code(), ErrorCode::NotFound);
  const auto number = world.launchReady(world.spec());
  EXPECT_TRUE(world.manager->usage(RuntimeWorld::id()));
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  EXPECT_EQ(world.manager->usage(RuntimeWorld::id()).error().code(), ErrorCode::NotFound);
}

// ---- programs in a service's place ----

class ExecutionTest : public Moment {
 protected:
  Result<std::uint64_t> execute(std::vector<std::string> argv) {
    auto answer = world.manager->execute(RuntimeWorld::id(), std::move(argv));
    world.pump();
    EXPECT_TRUE(RuntimeWorld::resolved(answer));
    return answer.get();
  }
  Result<Execution> ask(std::uint64_t number) {
    auto answer = world.manager->execution(number);
    world.pump();
    EXPECT_TRUE(RuntimeWorld::resolved(answer));
    return answer.get();
  }
};

TEST_F(ExecutionTest, RunsAsTheServiceRunsAndInItsContainment) {
  world.launchReady(world.spec());
  const auto service = world.processes.last();
  ASSERT_TRUE(execute({"app/run", "-v", "${PORT}", ""}));
  const auto& program = world.processes.last();
  ASSERT_EQ(world.processes.all.size(), 2U);
  EXPECT_EQ(program.request.into, service.process);
  EXPECT_EQ(program.request.env, service.request.env);
  EXPECT_EQ(program.request.cwd, service.request.cwd);
  EXPECT_EQ(program.request.argv[0], service.request.argv[0]);
  EXPECT_THAT(std::vector(program.request.argv.begin() + 1, program.request.argv.end()), ElementsAre("-v", "${PORT}", ""));
  EXPECT_NE(program.request.output, service.request.output);
}

TEST_F(ExecutionTest, ItsEndIsToldAndTheServiceGoesOn) {
  const auto number = world.launchReady(world.spec());
  const auto one = execute({"app/run"});
  ASSERT_TRUE(one) << one.error().message();
  EXPECT_TRUE(ask(*one)->running);
  world.processes.exit(1, 3);
  world.pump();
  const auto ended = ask(*one);
  ASSERT_TRUE(ended);
  EXPECT_FALSE(ended->running);
  EXPECT_EQ(ended->end.code, 3);
  EXPECT_EQ(world.state(number), State::Ready);
  world.manager->endExecution(*one);
  EXPECT_EQ(ask(*one).error().code(), ErrorCode::NotFound);
}

TEST_F(ExecutionTest, OneThatNobodyAsksAboutIsEndedAndForgotten) {
  world.launchReady(world.spec());
  const auto one = execute({"app/run"});
  ASSERT_TRUE(one);
  world.advance(9000_ms);
  ASSERT_TRUE(ask(*one));
  world.advance(9000_ms);
  EXPECT_TRUE(world.processes.all[1].alive);
  world.advance(1001_ms);
  EXPECT_FALSE(world.processes.all[1].alive);
  EXPECT_EQ(ask(*one).error().code(), ErrorCode::NotFound);
}

TEST_F(ExecutionTest, OneThatWritesWithoutEndIsEnded) {
  world.launchReady(world.spec());
  const auto one = execute({"app/run"});
  ASSERT_TRUE(one);
  world.folder.write("run/exec/1.log", "");
  std::filesystem::resize_file(world.folder.text() + "/run/exec/1.log", limits::kExecutionBytes + 1);
  const auto ended = ask(*one);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->notStarted->code(), ErrorCode::LimitExceeded);
  EXPECT_FALSE(world.processes.all[1].alive);
}

TEST_F(ExecutionTest, WhatCannotBeRunIsToldAtOnce) {
  EXPECT_EQ(execute({"app/run"}).error().code(), ErrorCode::NotFound);
  world.launchReady(world.spec());
  EXPECT_EQ(execute({}).error().code(), ErrorCode::Usage);
  ASSERT_TRUE(freeze(true));
  EXPECT_EQ(execute({"app/run"}).error().code(), ErrorCode::Busy);
  ASSERT_TRUE(freeze(false));
  EXPECT_EQ(execute({"no/such"}).error().code(), ErrorCode::SpawnFailed);
  for (std::size_t i = 0; i < Executions::kMost; ++i) ASSERT_TRUE(execute({"app/run"}));
  EXPECT_EQ(execute({"app/run"}).error().code(), ErrorCode::Busy);
}

}  // namespace
}  // namespace tenon::host
