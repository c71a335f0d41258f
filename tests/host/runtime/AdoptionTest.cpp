// The agent may go away: what it finds again, and what it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/runtime/RuntimeWorld.h"

namespace tenon::host {
namespace {

using State = SupervisionState;
using testing::HasSubstr;

std::vector<InstanceStatus> adopt(RuntimeWorld& world) {
  return world.manager->adoptRecorded([&](const InstanceRecord&) { return std::optional(world.spec()); }, world.helpers);
}

TEST(Adoption, TakesUpWhatRunsAndTouchesNothing) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  const auto before = *world.status(number);
  world.restartAgent();
  const auto adopted = adopt(world);
  ASSERT_EQ(adopted.size(), 1u);
  EXPECT_EQ(adopted[0].service, RuntimeWorld::id());
  EXPECT_EQ(adopted[0].pid, before.pid);
  ASSERT_TRUE(world.manager->serving(RuntimeWorld::id()));  // before the loop has turned
  world.advance(1_ms);                                      // asked at once
  EXPECT_EQ(world.state(number), State::Ready);
  const auto after = *world.status(number);
  EXPECT_EQ(after.pid, before.pid);
  EXPECT_EQ(after.port, before.port);
  EXPECT_EQ(after.ports, before.ports);
  EXPECT_EQ(after.startedAt, before.startedAt);
  EXPECT_EQ(world.processes.all.size(), 1u);
  EXPECT_TRUE(world.processes.all[0].signals.empty());
}

// It had been ready, and what was and is not is left alone; an agent that comes anew is no reason to kill it.
TEST(Adoption, LeavesAloneWhatHadBeenReadyAndIsNot) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.prober.unhealthy("503");
  world.advance(world.spec().manifest.health.startupGrace + 60000_ms);
  ASSERT_EQ(world.state(number), State::Unready);
  world.restartAgent();
  adopt(world);
  world.advance(3600000_ms);
  EXPECT_EQ(world.state(number), State::Unready);
  EXPECT_EQ(world.processes.all.size(), 1u);
  EXPECT_EQ(world.processes.aliveCount(), 1u);
  world.prober.healthy();
  world.advance(60000_ms);
  EXPECT_EQ(world.state(number), State::Ready);
}

// It had its port, whoever has it by now.
TEST(Adoption, StartsAgainOnItsPortsWhatHadBeenReadyAndEndsUnready) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.prober.unhealthy("503");
  world.advance(world.spec().manifest.health.startupGrace + 60000_ms);
  world.restartAgent();
  adopt(world);
  world.advance(3600000_ms);
  ASSERT_EQ(world.state(number), State::Unready);
  world.taken.insert(world.status(number)->port);
  world.processes.end(world.processes.all[0], ProcessEnd::How::Exited, 1);
  world.prober.healthy();
  world.advance(60000_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_EQ(world.processes.aliveCount(), 1u);
}

TEST(Adoption, StartsAgainWhatNeverBecameReadyWithinItsGrace) {
  RuntimeWorld world;
  world.prober.unhealthy("503");
  const auto number = world.launch(world.spec());
  world.restartAgent();
  adopt(world);
  world.advance(world.spec().manifest.health.startupGrace + 1000_ms);
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  EXPECT_GT(world.processes.all.size(), 1u);
  EXPECT_NE(world.state(number), State::Unready);
}

TEST(Adoption, SupervisesWhatItTookUp) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.restartAgent();
  adopt(world);
  world.advance(1_ms);
  world.processes.end(world.processes.all[0], ProcessEnd::How::Unknown, 0);
  world.pump();
  EXPECT_EQ(world.state(number), State::Starting);
  EXPECT_EQ(world.why(number), "ended, exit status unknown");
  ASSERT_EQ(world.processes.all.size(), 2u);
  EXPECT_EQ(world.status(number)->port, 5101);
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
}

TEST(Adoption, ItsLogIsWatchedUntilItEnds) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.restartAgent();
  world.logs.runEnds(world.spec().log);  // the keeper of the agent that died knows no more
  world.logLoop.runDue();
  ASSERT_FALSE(world.logLoop.nextDue());
  adopt(world);
  world.pump();
  world.logLoop.runDue();
  EXPECT_TRUE(world.logLoop.nextDue());
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  ASSERT_TRUE(RuntimeWorld::resolved(stopped));
  world.logLoop.runDue();
  EXPECT_FALSE(world.logLoop.nextDue());
}

TEST(Adoption, RemovesTheRecordOfWhatNoLongerRuns) {
  RuntimeWorld world;
  world.launchReady(world.spec());
  world.manager->detach();
  world.processes.die(0, 9);
  world.restartAgent();
  EXPECT_TRUE(adopt(world).empty());
  world.pump();
  EXPECT_FALSE(world.folder.exists("run/instances/lexicon.1.json"));
  EXPECT_TRUE(world.manager->status(RuntimeWorld::id()).empty());
  EXPECT_EQ(world.launch(world.spec()), 2u);
}

// The adapter refuses whatever it cannot prove to be the same process; nothing is done to that one.
TEST(Adoption, Case60LeavesAProcessAloneThatBearsTheSameNumber) {
  RuntimeWorld world;
  world.launchReady(world.spec());
  auto record = InstanceRecord::parse(world.folder.read("run/instances/lexicon.1.json")).value();
  record.identity = "identity of another start";
  world.folder.write("run/instances/lexicon.1.json", record.toJson());
  world.restartAgent();
  EXPECT_TRUE(adopt(world).empty());
  world.pump();
  EXPECT_TRUE(world.processes.all[0].alive);
  EXPECT_TRUE(world.processes.all[0].signals.empty());
}

TEST(Adoption, EndsWhatBelongsToNoServiceAnyMore) {
  RuntimeWorld world;
  world.launchReady(world.spec());
  world.restartAgent();
  const auto adopted = world.manager->adoptRecorded([](const InstanceRecord&) { return std::nullopt; }, world.helpers);
  world.pump();
  EXPECT_TRUE(adopted.empty());
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  EXPECT_FALSE(world.folder.exists("run/instances/lexicon.1.json"));
}

TEST(Adoption, EndsWhatTheLastAgentHadStartedAndNotYetWrittenDown) {
  RuntimeWorld world;
  adopt(world);  // as an agent does when it starts
  world.launchReady(world.spec());
  std::filesystem::remove(TempFolder::native(world.folder / "run/instances/lexicon.1.json"));
  world.restartAgent();
  EXPECT_TRUE(adopt(world).empty());
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  world.launchReady(world.spec());  // and starts it anew
  EXPECT_TRUE(world.processes.all[1].treeAlive);
}

TEST(Adoption, EndsThePrepareStepThatTheLastAgentWaitedFor) {
  RuntimeWorld world;
  adopt(world);
  auto spec = world.spec();
  spec.plan.prepare = {{"app/run", {"prepare"}, {}}};
  world.launch(std::move(spec));
  ASSERT_EQ(withoutMark(world.processes.last().request.name), "lexicon.1.prepare");
  world.restartAgent();
  EXPECT_TRUE(adopt(world).empty());
  EXPECT_FALSE(world.processes.last().treeAlive);
}

TEST(Adoption, EndsNothingThatItTookUpHoweverManyAgentsAgo) {
  RuntimeWorld world;
  adopt(world);
  world.launchReady(world.spec());
  for (int life = 0; life < 3; ++life) {
    world.restartAgent();
    ASSERT_EQ(adopt(world).size(), 1u);
  }
  EXPECT_TRUE(world.processes.all[0].treeAlive);
  EXPECT_EQ(world.processes.all.size(), 1u);
}

TEST(Adoption, LearnsOfAnEndThatComesWhileItTakesUp) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.restartAgent();
  adopt(world);
  world.processes.die(0, 9);
  world.ends.waitAndDispatch(0_ms);  // told before the loop has heard of the instance
  world.pump();
  EXPECT_EQ(world.state(number), State::Backoff);
  EXPECT_EQ(world.why(number).substr(0, 18), "killed by signal 9");
  world.advance(300_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_EQ(world.processes.all.size(), 2u);
}

TEST(Adoption, KeepsATrialATrialAndACandidateACandidate) {
  RuntimeWorld world;
  world.launchReady(world.spec());
  auto trial = world.spec();
  trial.trial = true;
  const auto number = world.launchReady(std::move(trial), false);
  world.restartAgent();
  EXPECT_EQ(adopt(world).size(), 2u);
  world.advance(1_ms);
  EXPECT_FALSE(world.status(number)->serving);
  auto proof = world.manager->prove(number, RuntimeWorld::id(), 5000_ms);
  world.pump();
  world.processes.exit(1, 1);
  world.pump();
  EXPECT_EQ(world.state(number), State::Failed);
  EXPECT_EQ(proof.get().error.code(), ErrorCode::CrashLoop);
}

TEST(Adoption, KeepsThePortsOfWhatItTookUpFromOthers) {
  RuntimeWorld world;
  world.launchReady(world.spec());
  world.restartAgent();
  world.ports.release(5101);
  adopt(world);
  world.pump();
  EXPECT_EQ(world.ports.allocate(5101).value(), 5102);
}

TEST(Adoption, GoesOnWhereARecordIsTorn) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.folder.write("run/instances/other.4.json", "{\"service_id\": \"oth");
  world.folder.write("run/instances/other.3.json", world.folder.read("run/instances/lexicon.1.json"));
  world.folder.write("run/instances/.lexicon.1.json.0123456789abcdef.tmp", "half");
  world.restartAgent();
  EXPECT_EQ(adopt(world).size(), 1u);
  world.advance(1_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_FALSE(world.folder.exists("run/instances/other.4.json"));
  EXPECT_FALSE(world.folder.exists("run/instances/other.3.json"));
}

TEST(Detachment, LeavesEveryProcessAndAnswersWhoWaits) {
  RuntimeWorld world;
  world.processes.obedient = false;
  const auto number = world.launchReady(world.spec());
  auto proof = world.manager->prove(number, RuntimeWorld::id(), 60000_ms);
  auto stopped = world.manager->stop(RuntimeWorld::id(), number, 8000_ms);
  world.pump();
  world.manager->detach();
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_EQ(proof.get().error.code(), ErrorCode::Cancelled);
  world.processes.exit(0, 1);
  world.pump();
  EXPECT_EQ(world.processes.all.size(), 1u);
  EXPECT_TRUE(world.folder.exists("run/instances/lexicon.1.json"));
}

TEST(Detachment, LetsNoCallHang) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.loop.stop();
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  auto proof = world.manager->prove(number, RuntimeWorld::id(), 0_ms);
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_EQ(proof.get().error.code(), ErrorCode::Cancelled);
}

TEST(InstanceRecord, ReadsBackWhatItWrites) {
  InstanceRecord record{RuntimeWorld::id(),
                        7,
                        RuntimeWorld::release("1.2.0"),
                        false,
                        true,
                        "{\"pid\":1}",
                        4711,
                        5101,
                        {{"admin", 5201}},
                        "2026-11-24T07:45:00.123Z",
                        3,
                        "standard, user 70012"};
  const auto back = InstanceRecord::parse(record.toJson());
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->number, 7u);
  EXPECT_EQ(back->release, record.release);
  EXPECT_FALSE(back->serving);
  EXPECT_TRUE(back->trial);
  EXPECT_EQ(back->identity, record.identity);
  EXPECT_EQ(back->pid, 4711);
  EXPECT_EQ(back->ports, record.ports);
  EXPECT_EQ(back->restarts, 3u);
  EXPECT_EQ(back->isolation, "standard, user 70012");
}

TEST(InstanceRecord, OfAnAgentFromBeforeIsolationIsOfAServiceWithout) {
  const InstanceRecord record{RuntimeWorld::id(), 7, RuntimeWorld::release("1.2.0"), true, false, "{\"pid\":1}", 4711};
  std::string text = record.toJson();
  const std::string member = ",\"isolation\":\"\"";
  ASSERT_NE(text.find(member), std::string::npos) << text;
  const auto back = InstanceRecord::parse(text.erase(text.find(member), member.size()));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->isolation, "none");
}

TEST(InstanceRecord, RefusesWhatIsNoRecord) {
  for (const char* text : {"", "[]", "{}", R"({"service_id":"a","instance":0})"}) {
    const auto record = InstanceRecord::parse(text);
    ASSERT_FALSE(record) << text;
    EXPECT_EQ(record.error().code(), ErrorCode::StateCorrupt);
  }
}

}  // namespace
}  // namespace tenon::host
