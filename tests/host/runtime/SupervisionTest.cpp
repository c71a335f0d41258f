// The life of one instance under scripted processes: start, health, restart, stop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/runtime/RuntimeWorld.h"

namespace tenon::host {
namespace {

using State = SupervisionState;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Supervision, IsReadyOnlyWhenTheHealthCheckHasAnswered) {
  RuntimeWorld world;
  world.prober.unhealthy("connection refused");
  const auto number = world.launch(world.spec());
  world.advance(3000_ms);
  EXPECT_EQ(world.state(number), State::Starting);
  EXPECT_THAT(world.why(number), HasSubstr("connection refused"));
  world.prober.healthy();
  world.advance(500_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_EQ(world.why(number), "");
  EXPECT_THAT(world.statesSeen(), ElementsAre("starting", "ready"));
}

TEST(Supervision, TellsPidPortsAndTimeOfStart) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  const auto status = world.manager->serving(RuntimeWorld::id());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->number, number);
  EXPECT_EQ(status->port, 5101);
  EXPECT_EQ(status->ports.at("admin_ui"), 5201);
  EXPECT_EQ(status->pid, world.processes.last().pid);
  EXPECT_EQ(status->startedAt, "2026-11-24T07:45:00.123Z");
  EXPECT_EQ(status->restarts, 0u);
}

TEST(Supervision, AsksSoonAndOftenUntilTheFirstAnswerThenAtTheInterval) {
  RuntimeWorld world;
  world.prober.unhealthy("connection refused");
  world.launch(world.spec());
  world.advance(49_ms);
  EXPECT_EQ(world.prober.asked.size(), 0u);
  world.advance(1_ms);
  EXPECT_EQ(world.prober.asked.size(), 1u);
  world.advance(50_ms);  // then 100, 200, 400, 500, 500 …
  EXPECT_EQ(world.prober.asked.size(), 2u);
  world.advance(1700_ms);
  EXPECT_EQ(world.prober.asked.size(), 7u);
  world.prober.healthy();
  world.advance(500_ms);
  const auto asked = world.prober.asked.size();
  world.advance(4000_ms);
  EXPECT_EQ(world.prober.asked.size(), asked);
  world.advance(2000_ms);
  EXPECT_EQ(world.prober.asked.size(), asked + 1);
}

TEST(Supervision, KillsWhatGivesNoHealthyAnswerWithinItsGraceAndTriesAgain) {
  RuntimeWorld world;
  world.prober.unhealthy("503 warming up");
  const auto number = world.launch(world.spec());
  world.advance(20000_ms);
  EXPECT_EQ(world.state(number), State::Backoff);
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  EXPECT_THAT(world.why(number), HasSubstr("no healthy answer in 20.0 s: health 503 \u00d7"));
  // 200 ms, of which chance takes up to a quarter.
  EXPECT_THAT(world.why(number),
              testing::AnyOf(HasSubstr("warming up; next start in 0.1 s"), HasSubstr("next start in 0.2 s")));
  world.advance(250_ms);
  EXPECT_EQ(world.state(number), State::Starting);
  EXPECT_EQ(world.processes.all.size(), 2u);
}

TEST(Supervision, RestartsAtOnceWhatHadBeenHealthyAndKeepsItsPort) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.processes.die(0, 9);
  world.pump();
  EXPECT_EQ(world.state(number), State::Starting);
  EXPECT_EQ(world.why(number), "killed by signal 9");
  ASSERT_EQ(world.processes.all.size(), 2u);
  EXPECT_EQ(world.status(number)->port, 5101);
  EXPECT_EQ(world.status(number)->restarts, 1u);
  world.advance(50_ms);
  EXPECT_EQ(world.state(number), State::Ready);
}

TEST(Supervision, LeavesNoChildOfAnEndedProcessBehind) {
  RuntimeWorld world;
  world.launchReady(world.spec());
  world.processes.exit(0, 0);
  EXPECT_TRUE(world.processes.all[0].treeAlive);
  world.pump();
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  EXPECT_TRUE(world.processes.all[0].released);
}

TEST(Supervision, WaitsLongerAfterEveryCrashUpToTheCeiling) {
  RuntimeWorld world;
  world.prober.unhealthy("connection refused");
  const auto number = world.launch(world.spec());
  std::vector<long> waits;
  for (std::size_t crash = 0; crash < 6; ++crash) {
    world.processes.exit(crash, 1);
    world.pump();
    EXPECT_EQ(world.state(number), State::Backoff);
    waits.push_back(static_cast<long>(world.advanceUntil(number, State::Starting, 5000_ms).count()));
  }
  const long expected[] = {200, 400, 800, 1600, 1600, 1600};
  for (std::size_t i = 0; i < waits.size(); ++i) {
    EXPECT_GE(waits[i], expected[i] * 3 / 4) << i;
    EXPECT_LE(waits[i], expected[i]) << i;
  }
  EXPECT_EQ(world.status(number)->restarts, 6u);
}

TEST(Supervision, ForgetsEarlierCrashesAfterAHealthySpell) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.processes.exit(0, 1);
  world.pump();
  world.advance(50_ms);
  ASSERT_EQ(world.state(number), State::Ready);
  world.processes.exit(1, 1);  // too soon: the second is not immediate
  world.pump();
  EXPECT_EQ(world.state(number), State::Backoff);
  world.advance(300_ms);
  ASSERT_EQ(world.state(number), State::Ready);
  world.advance(11000_ms);
  world.processes.exit(2, 1);
  world.pump();
  EXPECT_EQ(world.state(number), State::Starting);
}

TEST(Supervision, GivesUpAfterTooManyRestartsAndStaysVisible) {
  RuntimeWorld world;
  world.prober.unhealthy("connection refused");
  auto spec = world.spec();
  spec.manifest.restart.maxRestarts = 3;
  spec.manifest.restart.window = 600000_ms;
  const auto number = world.launch(std::move(spec));
  for (std::size_t crash = 0; crash < 4; ++crash) {
    ASSERT_EQ(world.processes.all.size(), crash + 1);
    world.processes.exit(crash, 3);
    world.advance(2000_ms);
  }
  EXPECT_EQ(world.state(number), State::Failed);
  EXPECT_EQ(world.why(number), "exit 3: the model is missing; restarted 3 times in 600.0 s");
  EXPECT_EQ(world.status(number)->port, 0);
  EXPECT_FALSE(world.folder.exists("run/instances/lexicon.1.json"));
  // An operator may start it again, as new.
  ASSERT_TRUE(world.manager->restart(RuntimeWorld::id()));
  world.prober.healthy();
  world.advance(60_ms);
  EXPECT_EQ(world.state(number), State::Ready);
}

TEST(Supervision, LeavesACompletedServiceStoppedWhereThePolicySaysSo) {
  RuntimeWorld world;
  auto spec = world.spec();
  spec.manifest.restart.when = RestartPolicy::When::OnFailure;
  const auto number = world.launchReady(std::move(spec));
  world.processes.exit(0, 0);
  world.pump();
  EXPECT_EQ(world.state(number), State::Stopped);
  EXPECT_EQ(world.why(number), "exit 0");
  EXPECT_EQ(world.processes.all.size(), 1u);
}

TEST(Supervision, NeverRestartsWhatIsNotToBe) {
  RuntimeWorld world;
  auto spec = world.spec();
  spec.manifest.restart.when = RestartPolicy::When::Never;
  const auto number = world.launchReady(std::move(spec));
  world.processes.die(0, 11);
  world.advance(100000_ms);
  EXPECT_EQ(world.state(number), State::Failed);
  EXPECT_EQ(world.why(number), "killed by signal 11");
  EXPECT_EQ(world.processes.all.size(), 1u);
}

TEST(Supervision, TellsThatMemoryRanOut) {
  RuntimeWorld world;
  auto spec = world.spec();
  spec.manifest.platforms.at("linux-x64").resources.memoryMb = 512;
  const auto number = world.launchReady(std::move(spec));
  EXPECT_EQ(world.processes.last().request.memoryBytes, 512 * limits::MiB);
  world.processes.end(world.processes.all[0], ProcessEnd::How::Signalled, 9, true);
  world.pump();
  EXPECT_EQ(world.why(number), "out of memory: limit 512 MB");
}

TEST(Supervision, CallsAServiceUnreadyAfterSomeFailuresAndReadyAgainAfterOneAnswer) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.prober.unhealthy("503 out of paper");
  world.advance(11500_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  world.advance(5500_ms);
  EXPECT_EQ(world.state(number), State::Unready);
  EXPECT_THAT(world.why(number),
              testing::AllOf(testing::StartsWith("health 503 \u00d73 in 1"), testing::EndsWith(" s: out of paper")));
  EXPECT_TRUE(world.processes.all[0].alive);
  world.prober.healthy();
  world.advance(6000_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_EQ(world.why(number), "");
}

// /live answers on its own; the service is ready all the while.
void hang(RuntimeWorld& world, bool hangs) {
  world.prober.answer = [hangs](const ProbeTarget& target) {
    return target.check.endpoint == "/live" && hangs ? ProbeAnswer{false, "timed out after 3.0 s"}
                                                     : ProbeAnswer{true, "200"};
  };
}

TEST(Supervision, StartsAServiceAgainWhoseLiveEndpointFailsThoughItIsReady) {
  RuntimeWorld world;
  InstanceSpec spec = world.spec();
  spec.manifest.health.liveEndpoint = "/live";
  hang(world, false);
  const auto number = world.launchReady(std::move(spec));
  world.advance(20000_ms);
  EXPECT_EQ(world.processes.all.size(), 1u);
  hang(world, true);
  world.advance(8000_ms);
  EXPECT_TRUE(world.processes.all[0].alive) << "two failures are not three";
  world.advance(9000_ms);
  ASSERT_EQ(world.processes.all.size(), 2u);
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_EQ(world.status(number)->restarts, 1u);
  const auto told = std::find_if(world.seen.begin(), world.seen.end(),
                                 [](const InstanceStatus& each) { return each.state == State::Unready; });
  ASSERT_NE(told, world.seen.end());
  const auto died = std::find_if(told, world.seen.end(), [](const auto& each) { return each.state == State::Backoff; });
  ASSERT_NE(died, world.seen.end());
  EXPECT_THAT(died->why, testing::AllOf(testing::StartsWith("hangs: /live: health \u00d73 in 1"),
                                        testing::EndsWith(" s: timed out after 3.0 s, killed")));
}

TEST(Supervision, AsksForLifeOnlyWhatHasBeenReady) {
  RuntimeWorld world;
  InstanceSpec spec = world.spec();
  spec.manifest.health.liveEndpoint = "/live";
  world.prober.unhealthy("connection refused");
  const auto number = world.launch(std::move(spec));
  world.advance(19000_ms);
  EXPECT_EQ(world.state(number), State::Starting);
  for (const ProbeTarget& asked : world.prober.asked) EXPECT_EQ(asked.check.endpoint, "/health");
}

TEST(Supervision, StopsWithTheSignalAndForgets) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  EXPECT_TRUE(world.folder.exists("run/instances/lexicon.1.json"));
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  EXPECT_FALSE(RuntimeWorld::resolved(stopped));
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_THAT(world.processes.all[0].signals, ElementsAre("TERM"));
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  EXPECT_EQ(world.seen.back().state, State::Stopped);
  EXPECT_EQ(world.seen.back().why, "stopped");
  EXPECT_TRUE(world.manager->status(RuntimeWorld::id()).empty());
  EXPECT_FALSE(world.folder.exists("run/instances/lexicon.1.json"));
  EXPECT_EQ(world.ports.allocate(5101).value(), 5101);
}

// Some servers exit with 1 when they are asked to end: no crash, and nothing to keep quiet about.
TEST(Supervision, AStopThatEndsWithAnotherCodeIsAStopAndTellsTheCode) {
  RuntimeWorld world;
  world.processes.obedient = false;
  const auto number = world.launchReady(world.spec());
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  world.processes.exit(0, 1);
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_EQ(world.seen.back().state, State::Stopped);
  EXPECT_EQ(world.seen.back().why, "stopped: exit 1");
  EXPECT_EQ(world.processes.all.size(), 1u);
}

TEST(Supervision, Case73KillsWhatIgnoresTheSignalOnceItsGraceIsOver) {
  RuntimeWorld world;
  world.processes.obedient = false;
  auto spec = world.spec();
  spec.manifest.stop.signal = "INT";
  const auto number = world.launchReady(std::move(spec));
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.advance(9999_ms);
  EXPECT_EQ(world.state(number), State::Stopping);
  EXPECT_TRUE(world.processes.all[0].alive);
  EXPECT_THAT(world.processes.all[0].signals, ElementsAre("INT"));
  world.advance(1_ms);
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_FALSE(world.processes.all[0].treeAlive);
  EXPECT_EQ(world.seen.back().why, "did not stop within 10.0 s, killed");
}

TEST(Supervision, StopsAServiceThatWaitsForItsNextStart) {
  RuntimeWorld world;
  world.prober.unhealthy("connection refused");
  const auto number = world.launch(world.spec());
  world.processes.exit(0, 1);
  world.pump();
  ASSERT_EQ(world.state(number), State::Backoff);
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  world.advance(60000_ms);
  EXPECT_EQ(world.processes.all.size(), 1u);
}

TEST(Supervision, StopsTwiceAndStopsTheUnknownWithoutHarm) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  auto first = world.manager->stop(RuntimeWorld::id(), number);
  auto second = world.manager->stopAll(RuntimeWorld::id());
  auto unknown = world.manager->stop(ServiceId::parse("nobody").value(), 7);
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(first));
  EXPECT_TRUE(RuntimeWorld::resolved(second));
  EXPECT_TRUE(RuntimeWorld::resolved(unknown));
  EXPECT_THAT(world.processes.all[0].signals, ElementsAre("TERM"));
}

TEST(Supervision, DrainsBeforeItStops) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  auto stopped = world.manager->stop(RuntimeWorld::id(), number, 8000_ms);
  world.advance(7999_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_EQ(world.why(number), "draining for 8.0 s");
  EXPECT_TRUE(world.processes.all[0].signals.empty());
  world.advance(1_ms);
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
}

TEST(Supervision, DoesNotRestartWhatEndsWhileItDrains) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  auto stopped = world.manager->stop(RuntimeWorld::id(), number, 8000_ms);
  world.pump();
  world.processes.exit(0, 1);
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_EQ(world.processes.all.size(), 1u);
}

TEST(Supervision, RestartsOnRequestInPlace) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  ASSERT_TRUE(world.manager->restart(RuntimeWorld::id()));
  world.pump();
  ASSERT_EQ(world.processes.all.size(), 2u);
  EXPECT_EQ(world.state(number), State::Starting);
  EXPECT_EQ(world.status(number)->port, 5101);
  world.advance(50_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_EQ(world.status(number)->restarts, 0u);
}

TEST(Supervision, StaysDownWhenAStopComesDuringARestart) {
  RuntimeWorld world;
  world.processes.obedient = false;
  const auto number = world.launchReady(world.spec());
  ASSERT_TRUE(world.manager->restart(RuntimeWorld::id()));
  world.pump();
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  world.processes.exit(0, 0);
  world.pump();
  EXPECT_TRUE(RuntimeWorld::resolved(stopped));
  EXPECT_EQ(world.processes.all.size(), 1u);
}

TEST(Supervision, RefusesToRestartWhatIsNotThereOrIsBeingStopped) {
  RuntimeWorld world;
  EXPECT_EQ(world.manager->restart(RuntimeWorld::id()).error().code(), ErrorCode::NotFound);
  world.processes.obedient = false;
  const auto number = world.launchReady(world.spec());
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  EXPECT_EQ(world.manager->restart(RuntimeWorld::id()).error().code(), ErrorCode::Busy);
}

TEST(Supervision, TriesAProgramThatCannotBeSpawnedAgainLater) {
  RuntimeWorld world;
  world.processes.refuse = [](const SpawnRequest&) { return Error(ErrorCode::SpawnFailed, "no more processes"); };
  const auto number = world.launch(world.spec());
  EXPECT_EQ(world.state(number), State::Backoff);
  EXPECT_THAT(world.why(number), HasSubstr("no more processes; next start in "));
  world.processes.refuse = [](const SpawnRequest&) { return std::nullopt; };
  world.advance(300_ms);
  EXPECT_EQ(world.state(number), State::Ready);
}

TEST(Supervision, FailsAtOnceWhereThePlanIsWrong) {
  RuntimeWorld world;
  auto spec = world.spec();
  spec.plan.args = {"--port=${PROT}"};
  const auto number = world.launch(std::move(spec));
  EXPECT_EQ(world.state(number), State::Failed);
  EXPECT_THAT(world.why(number), HasSubstr("${PROT} is not a name that expands"));
  EXPECT_TRUE(world.processes.all.empty());
}

TEST(Supervision, ForgetsEarlierEndsAfterAHealthySpellAlsoWhereItWasUnreadyAtLast) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  for (int times = 1; times <= 3; ++times) {
    world.advance(RestartDecision::kHealthySpell);
    world.prober.unhealthy("503");
    world.advance(60000_ms);
    ASSERT_EQ(world.state(number), State::Unready);
    world.prober.healthy();
    world.processes.end(world.processes.all.back(), ProcessEnd::How::Exited, 1);
    world.advance(50_ms);
    ASSERT_EQ(world.state(number), State::Ready) << times;
  }
}

TEST(Supervision, TakesTheNextPortWhereTheFirstIsTaken) {
  RuntimeWorld world;
  world.taken = {5101, 5102};
  const auto number = world.launchReady(world.spec());
  EXPECT_EQ(world.status(number)->port, 5103);
  EXPECT_EQ(world.prober.asked.back().port, 5103);
}

// Case 72.
TEST(Supervision, Case72MovesToTheNextPortWhenItsOwnWasTakenBetweenChoiceAndBind) {
  RuntimeWorld world;
  world.processes.onSpawn = [&](ScriptedProcesses::Process& process) {
    if (world.processes.all.size() > 1) return;
    world.taken.insert(5101);
    world.processes.end(process, ProcessEnd::How::Exited, 98);
  };
  auto spec = world.spec();
  spec.trial = true;  // it is not the release's fault
  const auto number = world.launch(std::move(spec));
  world.advance(50_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_EQ(world.status(number)->port, 5102);
  EXPECT_EQ(world.status(number)->restarts, 1u);
  EXPECT_THAT(world.log.lines, testing::Contains(HasSubstr("port 5101 was taken by another process: exit 98")));
}

TEST(Supervision, DoesNotMoveFromPortToPortForEver) {
  RuntimeWorld world;
  world.prober.unhealthy("connection refused");
  world.processes.onSpawn = [&](ScriptedProcesses::Process& process) {
    for (const auto& [key, value] : process.request.env) {
      if (key == "SERVICE_PORT") world.taken.insert(static_cast<std::uint16_t>(std::stoi(value)));
    }
    world.processes.end(process, ProcessEnd::How::Exited, 98);
  };
  auto spec = world.spec();
  spec.trial = true;
  const auto number = world.launch(std::move(spec));
  world.pump();
  world.pump();
  EXPECT_EQ(world.state(number), State::Failed);
  EXPECT_EQ(world.processes.all.size(), static_cast<std::size_t>(limits::kPortMoves) + 1);
}

// Case 70.
TEST(Supervision, Case70DoesNotBelieveAnAnswerFromAnotherProcess) {
  RuntimeWorld world;
  world.processes.listenerIsOurs[5101] = false;
  const auto number = world.launch(world.spec());
  world.advance(2000_ms);
  EXPECT_EQ(world.state(number), State::Starting);
  EXPECT_THAT(world.why(number), HasSubstr("port 5101 answers from another process"));
  world.processes.listenerIsOurs[5101] = true;
  world.advance(600_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  const int lookUps = world.processes.listenerLookUps;
  world.advance(60000_ms);
  EXPECT_EQ(world.processes.listenerLookUps, lookUps);
}

TEST(Supervision, Case70AnAnswerToAnEarlierLifeIsNobodys) {
  RuntimeWorld world;
  world.prober.hangs = true;
  const auto number = world.launch(world.spec());
  world.advance(50_ms);
  ASSERT_EQ(world.prober.held.size(), 1u);
  world.processes.exit(0, 1);
  world.pump();
  world.prober.held[0]({true, "200"});
  world.pump();
  EXPECT_EQ(world.state(number), State::Backoff);
  world.advance(200_ms);
  EXPECT_EQ(world.state(number), State::Starting);
}

TEST(Supervision, WithoutAHealthCheckIsReadyOnceItHasLivedForItsGrace) {
  RuntimeWorld world;
  auto spec = world.spec();
  spec.manifest.health.type = HealthCheck::Type::None;
  spec.manifest.health.startupGrace = 2000_ms;
  const auto number = world.launch(std::move(spec));
  world.advance(1999_ms);
  EXPECT_EQ(world.state(number), State::Starting);
  world.advance(1_ms);
  EXPECT_EQ(world.state(number), State::Ready);
  EXPECT_FALSE(world.loop.nextDue());  // nothing to ask for, nothing to wait for
}

// ---- its log ----

TEST(Supervision, NotesInTheLogWhereEachRunBegins) {
  RuntimeWorld world;
  world.launchReady(world.spec());
  world.folder.write("current.log", "first run\n");
  world.processes.die(0, 9);
  world.pump();
  ASSERT_EQ(world.processes.all.size(), 2u);
  world.folder.write("current.log", "first run\nsecond run\n");
  const auto log = world.logs.open(world.spec().log).value();
  const auto run = previousRun(log->marks().read(), log->begin());
  ASSERT_TRUE(run);
  EXPECT_EQ(run->begin, 0u);
  EXPECT_EQ(run->end, 10u);
}

TEST(Supervision, ALogIsWatchedAsLongAsSomethingMayWriteThere) {
  RuntimeWorld world;
  const auto number = world.launchReady(world.spec());
  world.logLoop.runDue();
  EXPECT_TRUE(world.logLoop.nextDue());
  auto stopped = world.manager->stop(RuntimeWorld::id(), number);
  world.pump();
  ASSERT_TRUE(RuntimeWorld::resolved(stopped));
  world.logLoop.runDue();
  EXPECT_FALSE(world.logLoop.nextDue());
}

}  // namespace
}  // namespace tenon::host
