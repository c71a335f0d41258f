// Programs that run to their end: prepare steps before the first start, and exec health checks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/runtime/process/GpuCheck.h"
#include "tests/host/runtime/RuntimeWorld.h"

namespace tenon::host {
namespace {

using State = SupervisionState;
using testing::HasSubstr;

InstanceSpec withSteps(RuntimeWorld& world, std::size_t steps) {
  auto spec = world.spec();
  for (std::size_t i = 0; i < steps; ++i) spec.plan.prepare.push_back({"app/run", {std::to_string(i)}, {}});
  return spec;
}

TEST(PrepareSteps, RunOneAfterTheOtherBeforeTheServiceAndOnlyOnce) {
  RuntimeWorld world;
  const auto number = world.launch(withSteps(world, 2));
  ASSERT_EQ(world.processes.all.size(), 1u);
  EXPECT_EQ(world.state(number), State::Starting);
  world.advance(60000_ms);  // no grace runs meanwhile
  EXPECT_EQ(world.state(number), State::Starting);
  world.processes.exit(0, 0);
  world.pump();
  ASSERT_EQ(world.processes.all.size(), 2u);
  EXPECT_EQ(withoutMark(world.processes.all[1].request.name), "lexicon.1.prepare");
  world.processes.exit(1, 0);
  world.pump();
  ASSERT_EQ(world.processes.all.size(), 3u);
  EXPECT_EQ(withoutMark(world.processes.all[2].request.name), "lexicon.1");
  world.advance(50_ms);
  ASSERT_EQ(world.state(number), State::Ready);
  world.processes.die(2, 9);
  world.pump();
  ASSERT_EQ(world.processes.all.size(), 4u);
  EXPECT_EQ(withoutMark(world.processes.all[3].request.name), "lexicon.1");
}

TEST(PrepareSteps, ThatFailTellTheirLastLine) {
  RuntimeWorld world;
  auto spec = withSteps(world, 2);
  spec.trial = true;
  const auto number = world.launch(std::move(spec));
  auto proof = world.manager->prove(number, RuntimeWorld::id(), 0_ms);
  world.folder.write("current.log", "collecting\nERROR: no wheel for numpy\x1b[0m\n");
  world.processes.exit(0, 1);
  world.pump();
  EXPECT_EQ(world.state(number), State::Failed);
  const TrialReport report = proof.get();
  EXPECT_EQ(report.error.code(), ErrorCode::SpawnFailed);
  EXPECT_THAT(report.error.message(), HasSubstr("prepare step 1 of 2 (run): exit 1: ERROR: no wheel for numpy"));
  EXPECT_EQ(report.error.message().find('\x1b'), std::string::npos);
  EXPECT_EQ(world.processes.all.size(), 1u);
}

TEST(PrepareSteps, AreKilledWhenTheServiceIsStopped) {
  RuntimeWorld world;
  const auto number = world.launch(withSteps(world, 1));
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  EXPECT_TRUE(world.processes.all[0].released);
  EXPECT_EQ(world.processes.all.size(), 1u);
}

TEST(PrepareSteps, ThatNeverEndAreKilledAtTheirDeadline) {
  RuntimeWorld world;
  auto spec = withSteps(world, 1);
  spec.trial = true;
  const auto number = world.launch(std::move(spec));
  world.advance(limits::kPrepareDeadline);
  EXPECT_EQ(world.state(number), State::Failed);
  EXPECT_THAT(world.why(number), HasSubstr("not done after 1800.0 s"));
  EXPECT_FALSE(world.processes.all[0].treeAlive);
}

InstanceSpec withHealthProgram(RuntimeWorld& world) {
  world.folder.write("package/health/check", "#!");
  auto spec = world.spec();
  spec.manifest.health.type = HealthCheck::Type::Exec;
  spec.manifest.health.endpoint = "health/check";
  return spec;
}

TEST(HealthProgram, IsHealthyWhenItExitsWithZero) {
  RuntimeWorld world;
  const auto number = world.launch(withHealthProgram(world));
  world.advance(50_ms);
  ASSERT_EQ(world.processes.all.size(), 2u);
  EXPECT_EQ(withoutMark(world.processes.all[1].request.name), "lexicon.1.health");
  EXPECT_EQ(world.state(number), State::Starting);
  world.processes.exit(1, 0);
  world.pump();
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_TRUE(world.processes.all[1].released);
  EXPECT_TRUE(world.prober.asked.empty());
}

TEST(HealthProgram, IsUnhealthyOtherwiseAndSaysWhatItWrote) {
  RuntimeWorld world;
  const auto number = world.launch(withHealthProgram(world));
  world.advance(50_ms);
  world.folder.write("health.1.log", "replica lags by 90 s\n");
  world.processes.exit(1, 2);
  world.pump();
  EXPECT_EQ(world.why(number), "health \u00d71: exit 2: replica lags by 90 s");
}

TEST(HealthProgram, ThatHangsIsKilledAtItsTimeout) {
  RuntimeWorld world;
  const auto number = world.launch(withHealthProgram(world));
  world.advance(3050_ms);
  EXPECT_FALSE(world.processes.all[1].treeAlive);
  EXPECT_EQ(world.why(number), "health \u00d71: timed out after 3.0 s");
  world.advance(100_ms);
  EXPECT_EQ(world.processes.all.size(), 3u);  // and is tried again
}

TEST(HealthProgram, GoesWithItsService) {
  RuntimeWorld world;
  const auto number = world.launch(withHealthProgram(world));
  world.advance(50_ms);
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_EQ(world.processes.aliveCount(), 0u);
  EXPECT_TRUE(world.processes.all[1].released);
  EXPECT_FALSE(world.folder.exists("health.1.log"));
}

TEST(HealthProgram, ThatIsMissingIsToldBeforeAnythingIsStarted) {
  RuntimeWorld world;
  auto spec = withHealthProgram(world);
  spec.manifest.health.endpoint = "health/none";
  const auto number = world.launch(std::move(spec));
  EXPECT_EQ(world.state(number), State::Failed);
  EXPECT_EQ(world.why(number), "the package has no health program health/none");
  EXPECT_TRUE(world.processes.all.empty());
}

// A GPU's memory, asked before each start.
class GpuMemory : public testing::Test {
 protected:
  InstanceSpec spec(std::uint64_t megabytes) {
    auto spec = world_.spec();
    spec.log = world_.folder / "logs/1.2.0.log";  // a first start: no folder of the service is there
    spec.manifest.platforms.at("linux-x64").resources.gpuMemoryMb = megabytes;
    return spec;
  }
  void tellsOfGpus() { world_.folder.write("bin/nvidia-smi", ""); }
  std::size_t started() const { return world_.processes.all.size(); }
  std::string last() { return withoutMark(world_.processes.last().request.name); }
  Path answerOf(std::size_t process) const { return world_.processes.all.at(process).request.output; }
  // nvidia-smi's end, and what it had said.
  void answers(std::size_t process, const std::string& text, int code = 0) {
    world_.folder.write("logs/" + answerOf(process).name(), text);
    world_.processes.exit(process, code);
    world_.pump();
    EXPECT_FALSE(world_.files->exists(answerOf(process)));
  }

  RuntimeWorld world_;
};

TEST_F(GpuMemory, ThatIsFreeIsAskedBeforeEachStart) {
  tellsOfGpus();
  const auto number = world_.launch(spec(2000));
  ASSERT_EQ(started(), 1u);
  EXPECT_EQ(last(), "lexicon.1.gpu");
  EXPECT_TRUE(world_.folder.exists("logs")) << "its answer has a folder";
  EXPECT_EQ(world_.state(number), State::Starting);
  answers(0, "1024\n 2048\n");
  ASSERT_EQ(started(), 2u);
  EXPECT_EQ(last(), "lexicon.1");
  world_.advance(50_ms);
  ASSERT_EQ(world_.state(number), State::Ready);
  world_.processes.die(1, 9);
  world_.pump();
  ASSERT_EQ(started(), 3u);
  answers(2, "1999\n");  // what the dead one had comes back in a moment
  EXPECT_EQ(started(), 3u);
  world_.advance(1000_ms);
  ASSERT_EQ(started(), 4u);
  answers(3, "2000\n");
  EXPECT_EQ(last(), "lexicon.1");
}

TEST_F(GpuMemory, ThatIsNotFreeIsTriedForLater) {
  tellsOfGpus();
  const auto number = world_.launch(spec(2000));
  for (std::size_t asked = 0; asked < 5; ++asked) {
    ASSERT_EQ(started(), asked + 1);
    answers(asked, "1999\n");
    if (asked < 4) world_.advance(1000_ms);
  }
  EXPECT_EQ(world_.state(number), State::Backoff);
  EXPECT_THAT(world_.why(number), HasSubstr("needs 2000 MB of a GPU's memory: 1999 MB are free"));
  world_.advance(1700_ms);
  ASSERT_EQ(started(), 6u);
  answers(5, "4000\n");
  EXPECT_EQ(last(), "lexicon.1");
}

TEST_F(GpuMemory, ThatATrialDoesNotGetFailsIt) {
  tellsOfGpus();
  auto trial = spec(1);
  trial.trial = true;
  const auto number = world_.launch(std::move(trial));
  auto proof = world_.manager->prove(number, RuntimeWorld::id(), 0_ms);
  for (std::size_t asked = 0; asked < 5; ++asked) {
    answers(asked, "NVIDIA-SMI has failed\n", 9);
    world_.advance(1000_ms);
  }
  EXPECT_EQ(world_.state(number), State::Failed);
  const TrialReport report = proof.get();
  EXPECT_EQ(report.error.code(), ErrorCode::ResourceMissing);
  EXPECT_THAT(report.error.message(), HasSubstr("it says: NVIDIA-SMI has failed"));
}

TEST_F(GpuMemory, ThatNobodyTellsOfIsMissing) {
  const auto without = world_.launch(spec(1));
  EXPECT_EQ(started(), 0u);
  EXPECT_EQ(world_.state(without), State::Failed);
  EXPECT_THAT(world_.why(without), HasSubstr("this node has no nvidia-smi"));
}

TEST_F(GpuMemory, IsNoMoreAskedForWhenTheServiceIsStopped) {
  tellsOfGpus();
  const auto number = world_.launch(spec(1));
  world_.folder.write("logs/" + answerOf(0).name(), "0\n");
  auto stopped = world_.manager->stop(RuntimeWorld::id(), number);
  world_.pump();
  world_.advance(5000_ms);
  EXPECT_EQ(started(), 1u);
  EXPECT_FALSE(world_.files->exists(answerOf(0)));
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

TEST_F(GpuMemory, IsNotAskedForWhereNoneIsNeeded) {
  world_.launch(spec(0));
  EXPECT_EQ(last(), "lexicon.1");
}

TEST(FreeGpuMegabytes, AreTheNumbersThatStandAlone) {
  EXPECT_EQ(freeGpuMegabytes("1024\r\n 2048 \r\n"), 2048u);
  EXPECT_EQ(freeGpuMegabytes("2026-11-30 10:00:00 a warning\n512\n0000:01:00.0: lost\n"), 512u);
  EXPECT_FALSE(freeGpuMegabytes("12 MiB\nNo devices were found\n"));
  EXPECT_FALSE(freeGpuMegabytes(""));
}

}  // namespace
}  // namespace tenon::host
