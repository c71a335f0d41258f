// Start, stop, restart and remove of a service that is installed.
#include "host/lifecycle/ServiceLife.h"

#include <future>
#include <thread>

#include "tests/host/lifecycle/LifeTest.h"
#include "tests/support/ForwardingFiles.h"

namespace tenon::host {
namespace {

using State = Change::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ServiceLifeTest : public LifeTest {};

TEST_F(ServiceLifeTest, StopsAndStarts) {
  installed("1.1.0");
  const auto before = releasesUnder(files_, folder_ / "services");
  expectEnd(agent().stopService(), State::Done);
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
  EXPECT_EQ(agent().serving(), "");
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_FALSE(disk().store.wanted().value().running);

  expectEnd(agent().startService(), State::Done);
  EXPECT_THAT(world_.machine.versions(), ElementsAre("1.1.0"));
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  EXPECT_TRUE(disk().store.wanted().value().running);
  auto after = releasesUnder(files_, folder_ / "services");
  after.erase("asr/wanted.json");
  EXPECT_EQ(after, before);
}

TEST_F(ServiceLifeTest, StartOfOneThatRunsDoesNothing) {
  installed("1.1.0");
  const auto before = services();
  const auto starts = world_.machine.starts();
  const auto change = agent().startService();
  expectEnd(change, State::Done);
  EXPECT_THAT(change->outcome, HasSubstr("nothing to do"));
  EXPECT_EQ(world_.machine.starts(), starts);
  EXPECT_EQ(services(), before);
}

TEST_F(ServiceLifeTest, RestartIsAnotherProcessOfTheSameRelease) {
  installed("1.1.0");
  const auto before = world_.machine.running();
  expectEnd(agent().restartService(), State::Done);
  ASSERT_EQ(world_.machine.running().size(), 1U);
  EXPECT_NE(world_.machine.running()[0].identity, before[0].identity);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(ServiceLifeTest, StartThatFailsSaysWhyAndChangesNoRelease) {
  installed("1.1.0");
  expectEnd(agent().stopService(), State::Done);
  world_.machine.teach("1.1.0", Conduct::NeverAnswers);
  expectEnd(agent().startService(), State::Failed, ErrorCode::HealthTimeout);
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
}

TEST_F(ServiceLifeTest, NothingCanBeDoneToWhatIsNotInstalled) {
  for (const auto& change : {agent().startService(), agent().stopService(), agent().restartService(), agent().remove(),
                             agent().remove(true), agent().activate("asr")}) {
    expectEnd(change, State::Failed, ErrorCode::NotFound);
  }
  EXPECT_FALSE(disk().isThere());
}

TEST_F(ServiceLifeTest, RemoveKeepsDataAndLogs) {
  installed("1.1.0");
  installed("1.2.0");
  folder_.write("services/asr/data/learned", "much");
  folder_.write("cache/asr/of-a-third.zip.part", "broken off");
  expectEnd(agent().remove(), State::Done);
  EXPECT_FALSE(folder_.exists("cache/asr"));
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
  EXPECT_EQ(disk().currentText(), "");
  EXPECT_THAT(releasesUnder(files_, folder_ / "services"), IsEmpty());
  EXPECT_EQ(folder_.read("services/asr/data/learned"), "much");
  EXPECT_FALSE(agent().registry().find(asr()));
  expectEnd(agent().remove(), State::Failed, ErrorCode::NotFound);

  expectEnd(agent().install("asr"), State::Done);
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  EXPECT_EQ(folder_.read("services/asr/data/learned"), "much");
}

TEST_F(ServiceLifeTest, PurgeLeavesNothingAlsoAfterARemove) {
  installed("1.1.0");
  expectEnd(agent().remove(), State::Done);
  EXPECT_TRUE(disk().isThere());
  expectEnd(agent().remove(true), State::Done);
  EXPECT_FALSE(disk().isThere());
}

// Half a tree that a removal left must not be taken for a release.
TEST_F(ServiceLifeTest, ARemovalThatFailedIsFinishedBeforeTheNextInstall) {
  installed("1.1.0");
  struct Refuses : ForwardingFiles {
    using ForwardingFiles::ForwardingFiles;
    bool refusing = true;
    // As a disk does that fails in the middle: a part is gone.
    Result<void> removeTree(const Path& path) override {
      if (!refusing || path.name() != "plans") return ForwardingFiles::removeTree(path);
      return Error(ErrorCode::IoError, "bad sector");
    }
  };
  killAgent();
  Refuses refusing(files_);
  agent_ = std::make_unique<LifeAgent>(world_, refusing, folder_.path());
  ASSERT_TRUE(agent_->start());
  expectEnd(agent().remove(), State::Failed, ErrorCode::IoError);
  EXPECT_FALSE(folder_.exists("services/asr/versions"));
  EXPECT_TRUE(folder_.exists("services/asr/plans"));
  expectEnd(agent().install("asr"), State::Failed, ErrorCode::IoError);
  refusing.refusing = false;
  expectEnd(agent().install("asr"), State::Done);
  EXPECT_TRUE(folder_.exists("services/asr/versions/1.1.0/linux-x64/app/serve"));
  EXPECT_EQ(disk().fault(), "");
  killAgent();
}

// A service that has just been taken up, or loads for long.
TEST_F(ServiceLifeTest, AStartOfWhatIsStartingWaitsForIt) {
  installed("1.1.0");
  const auto starts = world_.machine.starts();
  killAgent();
  agent_ = std::make_unique<LifeAgent>(world_, files_, folder_.path());
  ASSERT_TRUE(agent_->begin());
  agent().recover();
  expectEnd(agent().startService(), State::Done);
  EXPECT_EQ(world_.machine.starts(), starts);
}

// A start may take as long as the service loads, and nobody has to wait for that who wants it gone.
TEST_F(ServiceLifeTest, WhatIsStartingCanBeStartedAgainStoppedAndRemoved) {
  installed("1.1.0");
  for (const bool removes : {false, true}) {
    expectEnd(agent().stopService(), State::Done);
    world_.machine.teach("1.1.0", Conduct::NeverAnswers);
    world_.machine.timeStands = true;
    const auto startAs = [this](std::size_t count) {
      auto change = std::async(std::launch::async, [this] { return agent().startService(); });
      while (agent().book().running().size() < count) std::this_thread::yield();
      while (agent().book().read(agent().book().running().back()).value().steps.empty()) std::this_thread::yield();
      while (!lockService(agent().with(), asr())) std::this_thread::yield();
      return change;
    };
    auto one = startAs(1), other = startAs(2);
    const auto ended = removes ? agent().remove() : agent().stopService();
    world_.machine.timeStands = false;
    expectEnd(ended, State::Done);
    expectEnd(one.get(), State::Failed, ErrorCode::Cancelled);
    expectEnd(other.get(), State::Failed, ErrorCode::Cancelled);
    EXPECT_THAT(world_.machine.versions(), IsEmpty());
    EXPECT_EQ(agent().serving(), "");
  }
  EXPECT_FALSE(agent().registry().find(asr()));
}

}  // namespace
}  // namespace tenon::host
