#include <algorithm>
#include <set>
#include <sstream>
#include <thread>

#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

namespace {

using How = ProcessEnd::How;

constexpr Millis kNow{0};
constexpr Millis kForever{-1};

}  // namespace

TEST_P(ProcessSuite, DescribesItsMachine) {
  const auto& facts = adapter_->facts();
  EXPECT_FALSE(facts.name.empty());
  EXPECT_FALSE(facts.version.empty());
  EXPECT_FALSE(facts.platforms.empty());
  EXPECT_GE(facts.cpus, 1u);
  EXPECT_GT(facts.memoryBytes, 0u);
  const std::set<std::string> known = {"cgroup-v2", "cgroup-v1", "process-group", "job-object"};
  EXPECT_TRUE(known.contains(facts.containment)) << facts.containment;
  EXPECT_TRUE(!facts.containmentWhy.empty() || facts.containment == "cgroup-v2" || facts.containment == "job-object");
  EXPECT_FALSE(facts.searchPath.empty());
  EXPECT_FALSE(facts.executable.empty());
  RecordProperty("containment", facts.containment + ": " + facts.containmentWhy);
}

TEST_P(ProcessSuite, AProcessHasTheEnvironmentAndFolderOfItsRequestAndNoOther) {
  auto request = requestFor({"report"});
  request.env = {{"GREETING", "h\xC3\xA9llo \"you\"\n"}, {"EMPTY", ""}};
  const auto spawned = spawn(request);
  EXPECT_EQ(waitForEnd(spawned.process).code, 0) << output();
  EXPECT_EQ(waitForLine("cwd "), folder_.text());
  EXPECT_EQ(waitForLine("env GREETING="), "h\xC3\xA9llo \"you\"\\n");
  EXPECT_EQ(waitForLine("env EMPTY="), "");
  const int own = system().ownEntries + (hasGroups() ? 0 : 1);  // a process-group is known by an entry more
  EXPECT_EQ(waitForLine("environment entries "), std::to_string(2 + own));
}

TEST_P(ProcessSuite, ArgumentsArriveAsTheyAre) {
  const auto spawned = spawn({"arguments", "", "two words", "\xF0\x9F\x8C\x8D", "$HOME;*"});
  EXPECT_EQ(waitForEnd(spawned.process).code, 0);
  EXPECT_EQ(output(), "[]\n[two words]\n[\xF0\x9F\x8C\x8D]\n[$HOME;*]\n");
}

TEST_P(ProcessSuite, BothStreamsAreAppendedToTheOutput) {
  folder_.write("output.log", "before\n");
  EXPECT_EQ(waitForEnd(spawn({"print", "one"}).process).code, 0);
  EXPECT_EQ(waitForEnd(spawn({"complain", "two"}).process).code, 0);
  EXPECT_EQ(output(), "before\none\ntwo\n");
}

TEST_P(ProcessSuite, TellsTheExitCode) {
  const auto end = waitForEnd(spawn({"exit", "37"}).process);
  EXPECT_EQ(end.how, How::Exited);
  EXPECT_EQ(end.code, 37);
  EXPECT_FALSE(end.outOfMemory);
}

TEST_P(ProcessSuite, TellsTheSignalThatEndedIt) {
  const auto spawned = spawn({"sleep"});
  ASSERT_TRUE(processes().signal(spawned.process, "TERM"));
  const auto end = waitForEnd(spawned.process);
  EXPECT_EQ(end.how, How::Signalled);
  EXPECT_EQ(end.code, 15);
}

TEST_P(ProcessSuite, TellsEachEndOnce) {
  const auto spawned = spawn({"exit", "0"});
  waitForEnd(spawned.process);
  const auto again = processes().wait(kNow);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
}

TEST_P(ProcessSuite, TellsManyEndsThatComeTogether) {
  std::vector<SpawnedProcess> all;
  for (int number = 0; number < 100; ++number) all.push_back(spawn({"exit", std::to_string(number)}));
  for (int number = 0; number < 100; ++number) {
    EXPECT_EQ(waitForEnd(all[static_cast<std::size_t>(number)].process).code, number);
  }
}

TEST_P(ProcessSuite, SpawnsFromManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::array<Result<SpawnedProcess>, 8> spawned = {};
  for (auto& one : spawned) {
    threads.emplace_back([&] { one = processes().spawn(requestFor({"exit", "5"})); });
  }
  for (auto& thread : threads) thread.join();
  std::set<ProcessId> distinct;
  for (const auto& one : spawned) {
    ASSERT_TRUE(one) << one.error().message();
    own(one->process);
    distinct.insert(one->process);
    EXPECT_EQ(waitForEnd(one->process).code, 5);
  }
  EXPECT_EQ(distinct.size(), spawned.size());
}

TEST_P(ProcessSuite, AWaitThatIsOverInTimeTellsNothing) {
  spawn({"sleep"});
  const auto ends = processes().wait(kNow);
  ASSERT_TRUE(ends);
  EXPECT_TRUE(ends->empty());
}

TEST_P(ProcessSuite, WakeEndsTheNextWait) {
  processes().wake();
  const auto ends = processes().wait(kForever);
  ASSERT_TRUE(ends);
  EXPECT_TRUE(ends->empty());
}

TEST_P(ProcessSuite, WakeEndsTheWaitThatRuns) {
  std::thread waker([&] { processes().wake(); });
  const auto ends = processes().wait(kForever);
  waker.join();
  ASSERT_TRUE(ends);
  EXPECT_TRUE(ends->empty());
}

TEST_P(ProcessSuite, KillTreeEndsEverythingThatTheSpawnLedTo) {
  const auto spawned = spawn({"stubborn"});  // ignores TERM, and so does its child, in a session of its own
  const std::string grandchild = waitForLine("grandchild ");
  ASSERT_TRUE(processes().signal(spawned.process, "TERM"));
  EXPECT_EQ(waitForLine("got TERM in main"), "");
  ASSERT_TRUE(processes().killTree(spawned.process));
  EXPECT_FALSE(runAgent({"is-alive", std::to_string(spawned.pid)}) == "yes");
  EXPECT_FALSE(runAgent({"is-alive", grandchild}) == "yes");
  const auto end = waitForEnd(spawned.process);
  EXPECT_EQ(end.how, How::Signalled);
  EXPECT_EQ(end.code, 9);
  EXPECT_FALSE(end.outOfMemory);
}

TEST_P(ProcessSuite, KillTreeFindsWhatAnEndedMainProcessLeftBehind) {
  const auto spawned = spawn({"abandon"});
  const std::string grandchild = waitForLine("grandchild ");
  EXPECT_EQ(waitForEnd(spawned.process).how, How::Exited);
  EXPECT_EQ(runAgent({"is-alive", grandchild}), "yes");
  ASSERT_TRUE(processes().killTree(spawned.process));
  EXPECT_EQ(runAgent({"is-alive", grandchild}), "no");
}

TEST_P(ProcessSuite, KillTreeDoesNotTouchAnotherTree) {
  const auto one = spawn({"sleep"});
  const auto other = spawn({"sleep"});
  ASSERT_TRUE(processes().killTree(one.process));
  EXPECT_EQ(waitForEnd(one.process).code, 9);
  EXPECT_EQ(runAgent({"is-alive", std::to_string(other.pid)}), "yes");
}

TEST_P(ProcessSuite, SignalAndKillOfAnEndedProcessAreNoErrors) {
  const auto spawned = spawn({"exit", "0"});
  waitForEnd(spawned.process);
  EXPECT_TRUE(processes().signal(spawned.process, "TERM"));
  EXPECT_TRUE(processes().killTree(spawned.process));
}

TEST_P(ProcessSuite, RefusesAnUnknownSignalByName) {
  const auto spawned = spawn({"sleep"});
  const auto sent = processes().signal(spawned.process, "SIGTERM");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code(), ErrorCode::Usage);
  EXPECT_NE(sent.error().message().find("TERM"), std::string::npos);
}

TEST_P(ProcessSuite, AReleasedProcessIsForgotten) {
  const auto spawned = processes().spawn(requestFor({"exit", "0"}));
  ASSERT_TRUE(spawned);
  waitForEnd(spawned->process);
  processes().release(spawned->process);
  EXPECT_FALSE(processes().stats(spawned->process));
  EXPECT_FALSE(processes().signal(spawned->process, "TERM"));
  processes().release(spawned->process);
}

TEST_P(ProcessSuite, TellsWhatATreeUses) {
  const auto spawned = spawn({"burn", "30"});
  waitForLine("done");
  const auto stats = processes().stats(spawned.process);
  ASSERT_TRUE(stats) << stats.error().message();
  EXPECT_EQ(waitForCount(spawned.process, 2), 2u);
  EXPECT_GE(stats->cpuMicros, 20000u);
  EXPECT_GT(stats->residentBytes, 100000u);
}

TEST_P(ProcessSuite, AFrozenTreeStandsStillAndGoesOnWhenItIsThawed) {
  const auto spawned = spawn({"burn-on"});
  waitForLine("burning");
  const auto used = [&] { return processes().stats(spawned.process).value().cpuMicros; };
  const auto growsOn = [&](std::uint64_t from) {
    for (int look = 0; look < 300 && used() <= from; ++look) std::this_thread::sleep_for(Millis{10});
    return used() > from;
  };
  // For half a second, sooner or later: what it used last may be counted later, and where others want the processor, too,
  // it comes late to the place where it stops.
  const auto standsStill = [&] {
    int still = 0;
    auto before = used();
    for (int look = 0; look < 100 && still < 5; ++look) {
      std::this_thread::sleep_for(Millis{100});
      const auto now = used();
      still = now == before ? still + 1 : 0;
      before = now;
    }
    return still == 5;
  };
  EXPECT_TRUE(growsOn(used()));
  for (int round = 0; round < 2; ++round) {
    SCOPED_TRACE(round);
    ASSERT_TRUE(processes().freeze(spawned.process, true));
    ASSERT_TRUE(processes().freeze(spawned.process, true));  // so already
    EXPECT_TRUE(standsStill());
    const auto frozen = used();
    EXPECT_EQ(waitForCount(spawned.process, 2), 2u);
    ASSERT_TRUE(processes().freeze(spawned.process, false));
    ASSERT_TRUE(processes().freeze(spawned.process, false));
    EXPECT_TRUE(growsOn(frozen));
  }
}

TEST_P(ProcessSuite, AFrozenTreeIsAdoptedThawedAndKilled) {
  const auto spawned = spawn({"burn-on"});
  waitForLine("burning");
  ASSERT_TRUE(processes().freeze(spawned.process, true));
  const auto another = openAnother();
  const auto adopted = another->processes().adopt(spawned.identity);
  ASSERT_TRUE(adopted) << adopted.error().message();
  const auto used = [&] { return processes().stats(spawned.process).value().cpuMicros; };
  const auto frozen = used();
  ASSERT_TRUE(another->processes().freeze(*adopted, false));
  for (int look = 0; look < 300 && used() <= frozen; ++look) std::this_thread::sleep_for(Millis{10});
  EXPECT_GT(used(), frozen);
  ASSERT_TRUE(processes().freeze(spawned.process, true));
  ASSERT_TRUE(processes().killTree(spawned.process));
  EXPECT_EQ(waitForEnd(spawned.process).code, 9);
  another->processes().release(*adopted);
}

TEST_P(ProcessSuite, WhatJoinsAnothersContainmentEndsWithIt) {
  const auto host = spawn({"sleep"});
  auto request = requestFor({"burn", "0"});  // with a child of its own
  request.into = host.process;
  const auto guest = spawn(request);
  waitForLine("done");
  EXPECT_EQ(waitForCount(host.process, 3), 3u);
  EXPECT_EQ(waitForCount(guest.process, 2), 2u);
  ASSERT_TRUE(processes().killTree(host.process));
  const auto end = waitForEnd(guest.process);
  EXPECT_TRUE(end.how == How::Signalled ? end.code == 9 : end.code == 128 + 9) << end.code;  // the latter on Windows
  EXPECT_EQ(waitForCount(guest.process, 0), 0u);
}

TEST_P(ProcessSuite, WhatEndsInAnothersContainmentLeavesItAlone) {
  const auto host = spawn({"sleep"});
  auto request = requestFor({"exit", "3"});
  request.into = host.process;
  const auto brief = spawn(request);
  EXPECT_EQ(waitForEnd(brief.process).code, 3);
  processes().release(brief.process);
  request.argv = requestFor({"burn", "0"}).argv;
  const auto killed = spawn(request);
  waitForLine("done");
  ASSERT_TRUE(processes().killTree(killed.process));
  EXPECT_EQ(waitForEnd(killed.process).code, 9);
  processes().release(killed.process);
  EXPECT_EQ(waitForCount(host.process, 1), 1u);
  EXPECT_EQ(runAgent({"is-alive", std::to_string(host.pid)}), "yes");
}

TEST_P(ProcessSuite, NothingJoinsWhatHasEnded) {
  const auto host = spawn({"exit", "0"});
  waitForEnd(host.process);
  auto request = requestFor({"sleep"});
  request.into = host.process;
  EXPECT_EQ(processes().spawn(request).error().code(), ErrorCode::NotFound);
  request.into = ProcessId{1} << 40;
  EXPECT_EQ(processes().spawn(request).error().code(), ErrorCode::Usage);
}

TEST_P(ProcessSuite, AnEndedTreeUsesNothing) {
  const auto spawned = spawn({"exit", "0"});
  waitForEnd(spawned.process);
  const auto stats = processes().stats(spawned.process);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->processes, 0u);
  EXPECT_EQ(stats->residentBytes, 0u);
}

TEST_P(ProcessSuite, TellsWhoListens) {
  TENON_NEEDS(tellsListeners);
  const auto listening = spawn({"listen"});
  const auto other = spawn({"sleep"});
  const auto port = static_cast<std::uint16_t>(std::stoi(waitForLine("port ")));
  const auto mine = processes().ownsListener(listening.process, port);
  ASSERT_TRUE(mine) << mine.error().message();
  EXPECT_EQ(*mine, std::optional<bool>(true));
  EXPECT_EQ(*processes().ownsListener(other.process, port), std::optional<bool>(false));
  ASSERT_TRUE(processes().killTree(listening.process));
  EXPECT_EQ(*processes().ownsListener(other.process, port), std::nullopt);
}

TEST_P(ProcessSuite, OfAPortWithoutAListenerNothingIsTold) {
  const auto spawned = spawn({"sleep"});
  const auto owns = processes().ownsListener(spawned.process, 1);  // tcpmux, which nobody has served for decades
  ASSERT_TRUE(owns) << owns.error().message();
  EXPECT_EQ(*owns, std::nullopt);
}

}  // namespace tenon::host
