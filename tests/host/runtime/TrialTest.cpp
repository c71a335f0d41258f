// Releases that have to prove themselves, and the instances that stand beside them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/runtime/RuntimeWorld.h"

namespace tenon::host {
namespace {

using State = SupervisionState;
using testing::HasSubstr;

InstanceSpec trialOf(RuntimeWorld& world) {
  InstanceSpec spec = world.spec();
  spec.trial = true;
  return spec;
}

std::future<TrialReport> prove(RuntimeWorld& world, InstanceNumber number, Millis probation = 5000_ms) {
  auto proof = world.manager->prove(number, RuntimeWorld::id(), probation);
  world.pump();
  return proof;
}

TEST(Trial, IsProvenWhenHealthyForItsProbation) {
  RuntimeWorld world;
  const auto number = world.launch(trialOf(world));
  auto proof = prove(world, number);
  world.advance(5000_ms);
  EXPECT_FALSE(RuntimeWorld::resolved(proof));
  world.advance(1200_ms);
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  const TrialReport report = proof.get();
  EXPECT_TRUE(report.proven);
  EXPECT_EQ(report.port, 5101);
  EXPECT_GE(report.probes.size(), 5u);
  EXPECT_EQ(report.probes.front().text, "200");
  EXPECT_EQ(report.probes.front().sinceStart, 50_ms);
}

TEST(Trial, OfNoProbationIsProvenByItsFirstAnswer) {
  RuntimeWorld world;
  const auto number = world.launch(world.spec());
  auto proof = prove(world, number, 0_ms);
  world.advance(50_ms);
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  EXPECT_TRUE(proof.get().proven);
  EXPECT_EQ(world.state(number), State::Ready);
}

TEST(Trial, Case69CountsFromTheLastBreak) {
  RuntimeWorld world;
  const auto number = world.launch(trialOf(world));
  auto proof = prove(world, number);
  world.advance(4000_ms);
  world.prober.unhealthy("503 once");
  world.advance(1300_ms);
  world.prober.healthy();
  world.advance(4000_ms);
  EXPECT_FALSE(RuntimeWorld::resolved(proof));
  world.advance(4000_ms);
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  EXPECT_TRUE(proof.get().proven);
}

// Case 69.
TEST(Trial, Case69ThatIsHealthyOnlyNowAndThenFails) {
  RuntimeWorld world;
  const auto number = world.launch(trialOf(world));
  auto proof = prove(world, number);
  int turn = 0;
  world.prober.answer = [&](const ProbeTarget&) {
    return ++turn % 3 == 0 ? ProbeAnswer{false, "503"} : ProbeAnswer{true, "200"};
  };
  world.advance(30000_ms);
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  const TrialReport report = proof.get();
  EXPECT_FALSE(report.proven);
  EXPECT_EQ(report.error.code(), ErrorCode::HealthTimeout);
  EXPECT_THAT(report.error.message(), HasSubstr("never for 5.0 s without a break"));
  EXPECT_EQ(world.state(number), State::Failed);
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  EXPECT_EQ(world.processes.all.size(), 1u);
}

// Case 67.
TEST(Trial, Case67ThatNeverAnswersFailsWhenItsGraceIsOver) {
  RuntimeWorld world;
  world.prober.unhealthy("connection refused");
  const auto number = world.launch(trialOf(world));
  auto proof = prove(world, number);
  world.advance(19999_ms);
  EXPECT_FALSE(RuntimeWorld::resolved(proof));
  world.advance(1_ms);
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  const TrialReport report = proof.get();
  EXPECT_EQ(report.error.code(), ErrorCode::HealthTimeout);
  EXPECT_THAT(report.error.message(), HasSubstr("no healthy answer in 20.0 s: health \u00d7"));
  EXPECT_FALSE(report.error.hint().empty());
  EXPECT_EQ(report.port, 5101);
  EXPECT_EQ(report.probes.back().text, "connection refused");
  EXPECT_EQ(world.state(number), State::Failed);
  EXPECT_FALSE(world.processes.all[0].treeAlive);
}

// Case 68.
TEST(Trial, Case68ThatCrashesWithinItsProbationFailsAndIsNotRestarted) {
  RuntimeWorld world;
  const auto number = world.launch(trialOf(world));
  auto proof = prove(world, number);
  world.advance(300_ms);
  ASSERT_EQ(world.state(number), State::Ready);
  world.processes.exit(0, 3);
  world.pump();
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  const TrialReport report = proof.get();
  EXPECT_EQ(report.error.code(), ErrorCode::CrashLoop);
  EXPECT_EQ(report.error.message(), "exit 3 after 0.3 s: the model is missing");
  world.advance(100000_ms);
  EXPECT_EQ(world.processes.all.size(), 1u);
  EXPECT_EQ(world.state(number), State::Failed);
}

TEST(Trial, ThatTurnsUnreadyFails) {
  RuntimeWorld world;
  const auto number = world.launch(trialOf(world));
  auto proof = prove(world, number);
  world.advance(300_ms);
  world.prober.unhealthy("503 CUDA out of memory");
  world.advance(5000_ms);
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  const TrialReport report = proof.get();
  EXPECT_EQ(report.error.code(), ErrorCode::HealthTimeout);
  EXPECT_THAT(report.error.message(), HasSubstr("CUDA out of memory"));
}

TEST(Trial, ThatCannotBeSpawnedSaysWhy) {
  RuntimeWorld world;
  world.processes.refuse = [](const SpawnRequest&) { return Error(ErrorCode::SpawnFailed, "exec format error"); };
  const auto number = world.launch(trialOf(world));
  const TrialReport report = prove(world, number).get();
  EXPECT_EQ(report.error.code(), ErrorCode::SpawnFailed);
  EXPECT_EQ(report.error.message(), "exec format error");
  EXPECT_EQ(world.state(number), State::Failed);
}

TEST(Trial, ThatIsStoppedIsCancelled) {
  RuntimeWorld world;
  const auto number = world.launch(trialOf(world));
  auto proof = prove(world, number);
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  EXPECT_EQ(proof.get().error.code(), ErrorCode::Cancelled);
}

TEST(Trial, ThatIsNotThereIsCancelled) {
  RuntimeWorld world;
  EXPECT_EQ(prove(world, 77).get().error.code(), ErrorCode::Cancelled);
}

TEST(Trial, IsRestartedLikeAnyOtherOnceConfirmed) {
  RuntimeWorld world;
  const auto number = world.launch(trialOf(world));
  EXPECT_TRUE(InstanceRecord::parse(world.folder.read("run/instances/lexicon.1.json"))->trial);
  auto proof = prove(world, number, 0_ms);
  world.advance(50_ms);
  ASSERT_TRUE(proof.get().proven);
  world.manager->confirm(RuntimeWorld::id(), number);
  world.pump();
  EXPECT_FALSE(InstanceRecord::parse(world.folder.read("run/instances/lexicon.1.json"))->trial);
  world.processes.exit(0, 1);
  world.pump();
  EXPECT_EQ(world.processes.all.size(), 2u);
}

TEST(Proof, OfAnInstanceThatIsNoTrialBearsTwoEndsAndNotAThird) {
  RuntimeWorld world;
  world.prober.unhealthy("connection refused");
  const auto number = world.launch(world.spec());
  auto proof = prove(world, number, 0_ms);
  for (std::size_t crash = 0; crash < 3; ++crash) {
    EXPECT_FALSE(RuntimeWorld::resolved(proof));
    world.processes.exit(crash, 3);
    world.advance(1000_ms);
  }
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  EXPECT_EQ(proof.get().error.code(), ErrorCode::CrashLoop);
  EXPECT_EQ(world.processes.all.size(), 4u);  // it goes on trying
}

TEST(Proof, OfAnInstanceThatIsNoTrialEndsWithItsFirstGrace) {
  RuntimeWorld world;
  world.prober.unhealthy("connection refused");
  const auto number = world.launch(world.spec());
  auto proof = prove(world, number, 0_ms);
  world.advance(20000_ms);
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  EXPECT_EQ(proof.get().error.code(), ErrorCode::HealthTimeout);
  EXPECT_EQ(world.state(number), State::Backoff);
}

TEST(Proof, WithoutAHealthCheckIsGivenByTime) {
  RuntimeWorld world;
  auto spec = trialOf(world);
  spec.manifest.health.type = HealthCheck::Type::None;
  spec.manifest.health.startupGrace = 1000_ms;
  const auto number = world.launch(std::move(spec));
  auto proof = prove(world, number, 2000_ms);
  world.advance(2900_ms);
  EXPECT_FALSE(RuntimeWorld::resolved(proof));
  world.advance(1000_ms);
  ASSERT_TRUE(RuntimeWorld::resolved(proof));
  EXPECT_TRUE(proof.get().proven);
}

TEST(Proof, KeepsTheLastHundredAnswers) {
  RuntimeWorld world;
  auto spec = trialOf(world);
  spec.manifest.health.startupGrace = 120000_ms;
  world.prober.unhealthy("503");
  const auto number = world.launch(std::move(spec));
  auto proof = prove(world, number);
  world.advance(120000_ms);
  EXPECT_EQ(proof.get().probes.size(), 100u);
}

TEST(Promotion, MovesTheServiceToItsCandidateInOneStep) {
  RuntimeWorld world;
  const auto old = world.launchReady(world.spec());
  auto next = trialOf(world);
  next.release = RuntimeWorld::release("1.3.0");
  const auto candidate = world.launchReady(std::move(next), false);
  EXPECT_EQ(candidate, old + 1);
  EXPECT_EQ(world.status(candidate)->port, 5102);
  EXPECT_EQ(world.manager->serving(RuntimeWorld::id())->number, old);
  world.manager->promote(RuntimeWorld::id(), candidate);
  world.pump();
  EXPECT_EQ(world.manager->serving(RuntimeWorld::id())->number, candidate);
  EXPECT_FALSE(world.status(old)->serving);
  EXPECT_FALSE(InstanceRecord::parse(world.folder.read("run/instances/lexicon.1.json"))->serving);
  EXPECT_TRUE(InstanceRecord::parse(world.folder.read("run/instances/lexicon.2.json"))->serving);
  auto stopped = world.manager->stop(RuntimeWorld::id(), old);
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_EQ(world.state(candidate), State::Ready);
  EXPECT_EQ(world.processes.aliveCount(), 1u);
}

TEST(Promotion, OfWhatIsNotThereChangesNothing) {
  RuntimeWorld world;
  const auto old = world.launchReady(world.spec());
  world.manager->promote(RuntimeWorld::id(), 99);
  world.pump();
  EXPECT_EQ(world.manager->serving(RuntimeWorld::id())->number, old);
}

}  // namespace
}  // namespace tenon::host
