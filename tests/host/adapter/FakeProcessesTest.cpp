#include "tests/support/FakeProcesses.h"

#include <gtest/gtest.h>

#include "tests/support/FakePlatformAdapter.h"
#include "tests/support/MachineFiles.h"

namespace tenon::host {

namespace {

SpawnRequest named(const std::string& name) {
  SpawnRequest request;
  request.name = name;
  return request;
}

constexpr Millis kNow{0};

}  // namespace

TEST(FakeProcesses, TellsAnEndOnceWhenTheTestSaysSo) {
  FakeProcesses processes;
  const auto spawned = processes.spawn(named("a"));
  ASSERT_TRUE(spawned);
  EXPECT_TRUE(processes.wait(kNow)->empty());
  processes.exit(spawned->process, 3);
  processes.exit(spawned->process, 4);
  const auto ends = processes.wait(kNow);
  ASSERT_EQ(ends->size(), 1u);
  EXPECT_EQ(ends->front().code, 3);
  EXPECT_TRUE(processes.wait(kNow)->empty());
}

TEST(FakeProcesses, WritesDownSignalsAndKills) {
  FakeProcesses processes;
  const auto spawned = processes.spawn(named("a"));
  ASSERT_TRUE(processes.signal(spawned->process, "TERM"));
  EXPECT_TRUE(processes.nth(0).alive);
  ASSERT_TRUE(processes.killTree(spawned->process));
  EXPECT_EQ(processes.nth(0).signals, std::vector<std::string>{"TERM"});
  EXPECT_TRUE(processes.nth(0).treeKilled);
  EXPECT_EQ(processes.wait(kNow)->front().code, 9);
  processes.release(spawned->process);
  EXPECT_FALSE(processes.signal(spawned->process, "TERM"));
}

TEST(FakeProcesses, ObeysASignalWhereToldTo) {
  FakeProcesses processes;
  processes.obey("TERM", 15);
  const auto spawned = processes.spawn(named("a"));
  ASSERT_TRUE(processes.signal(spawned->process, "TERM"));
  EXPECT_EQ(processes.wait(kNow)->front().how, ProcessEnd::How::Signalled);
}

TEST(FakeProcesses, AdoptsWhatRunsAndNothingElse) {
  FakeProcesses processes;
  processes.runAlready("identity");
  const auto adopted = processes.adopt("identity");
  ASSERT_TRUE(adopted);
  EXPECT_TRUE(processes.last().adopted);
  processes.exit(*adopted, 0);
  EXPECT_EQ(processes.adopt("identity").error().code(), ErrorCode::NotFound);
  EXPECT_EQ(processes.adopt("another").error().code(), ErrorCode::NotFound);
}

TEST(FakeProcesses, FailsTheNextSpawnOnly) {
  FakeProcesses processes;
  processes.failNextSpawn(Error(ErrorCode::SpawnFailed, "no"));
  EXPECT_EQ(processes.spawn(named("a")).error().code(), ErrorCode::SpawnFailed);
  EXPECT_TRUE(processes.spawn(named("a")));
  EXPECT_EQ(processes.count(), 1u);
}

TEST(FakeProcesses, WakeEndsTheNextWait) {
  FakeProcesses processes;
  processes.wake();
  EXPECT_TRUE(processes.wait(Millis(-1))->empty());
}

TEST(FakePlatformAdapter, JoinsTheTwoUnderFactsOfTheTestsOwn) {
  MachineFiles files;
  FakePlatformAdapter adapter(*files);
  adapter.changeFacts().platforms = {"linux-arm64"};
  EXPECT_EQ(static_cast<PlatformAdapter&>(adapter).facts().platforms.front(), "linux-arm64");
  const auto spawned = adapter.processes().spawn(named("a"));
  adapter.fakeProcesses().listenOn(spawned->process, 80);
  EXPECT_EQ(*adapter.processes().ownsListener(spawned->process, 80), std::optional<bool>(true));
  EXPECT_EQ(*adapter.processes().ownsListener(spawned->process, 81), std::nullopt);
}

}  // namespace tenon::host
