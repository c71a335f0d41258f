// What the node's owner gives each service at most. Releases here ask for 512 MB of memory, and for nothing else.
#include "host/contract/service/ServiceLimits.h"

#include "host/lifecycle/preview/PlanPreview.h"
#include "tests/host/lifecycle/LifeTest.h"

namespace tenon::host {
namespace {

using State = Change::State;
using testing::HasSubstr;
using testing::IsEmpty;

class ServiceLimitsLife : public LifeTest {
 protected:
  void give(std::string_view most) {
    world_.most = ServiceLimits::parse(most).value();
    restartAgent();
  }
};

TEST_F(ServiceLimitsLife, StandBesideAServicesOwn) {
  give("memory_mb=1024, pids=64");
  installed("1.1.0");
  const auto running = world_.machine.running();
  ASSERT_EQ(running.size(), 1U);
  EXPECT_EQ(running[0].memoryBytes, 512U << 20);
  EXPECT_EQ(running[0].processes, 64U);
}

TEST_F(ServiceLimitsLife, AReleaseThatAsksForMoreIsRefusedBeforeAnythingChanges) {
  installed("1.1.0");
  give("memory_mb=256");
  const auto before = services();
  const auto starts = world_.machine.starts();
  publish("1.2.0");
  const auto change = agent().install("asr@1.2.0");
  expectEnd(change, State::Failed, ErrorCode::ResourceMissing);
  EXPECT_THAT(change->error->message(), HasSubstr("asr asks for memory_mb 512, and this node gives a service 256 at most"));
  EXPECT_EQ(change->error->field(), "platforms.linux-x64.resources.memory_mb");
  EXPECT_EQ(services(), before);
  EXPECT_EQ(world_.machine.starts(), starts);
}

TEST_F(ServiceLimitsLife, WhatRunsRunsOnWhereItCouldNotBeStartedAgain) {
  installed("1.1.0");
  const auto before = world_.machine.running();
  give("memory_mb=256");
  ASSERT_EQ(world_.machine.running().size(), 1U);
  EXPECT_EQ(world_.machine.running()[0].identity, before[0].identity);
  const auto change = agent().restartService();
  expectEnd(change, State::Failed, ErrorCode::ResourceMissing);
  EXPECT_EQ(world_.machine.running()[0].identity, before[0].identity) << "nor is it stopped for that";
  expectEnd(agent().stopService(), State::Done);
  expectEnd(agent().startService(), State::Failed, ErrorCode::ResourceMissing);
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
  give("");
  expectEnd(agent().startService(), State::Done);
  EXPECT_EQ(world_.machine.running()[0].memoryBytes, 512U << 20);
}

TEST_F(ServiceLimitsLife, APlanTellsThatItDoesNotFit) {
  give("memory_mb=256");
  publish("1.1.0");
  const auto plan = previewInstall(agent().with(), ReleaseSpec::parse("asr@1.1.0").value());
  ASSERT_TRUE(plan) << plan.error().message();
  ASSERT_EQ(plan->problems.size(), 1U);
  EXPECT_EQ(plan->problems[0].code(), ErrorCode::ResourceMissing);
}

}  // namespace
}  // namespace tenon::host
