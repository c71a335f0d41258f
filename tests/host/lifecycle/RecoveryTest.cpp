// What a starting agent makes of what the last one left: changes, journals, processes, and files that cannot be believed.
#include <thread>

#include "host/adapter/AtomicFile.h"
#include "tests/host/lifecycle/LifeTest.h"
#include "tests/support/ForwardingFiles.h"

namespace tenon::host {
namespace {

using State = Change::State;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class RecoveryTest : public LifeTest {
 protected:
  // As an agent leaves it that was killed in the middle of this.
  void dieWith(const JournalRecord& journal) {
    killAgent();
    ASSERT_TRUE(disk().store.write(journal));
    restartAgent();
    EXPECT_EQ(agent().recoveryFault(), "");
    EXPECT_EQ(disk().leftover(), "");
    EXPECT_EQ(disk().fault(), "");
  }
  // A new agent that has recovered nothing yet.
  void beginAgain() {
    agent_ = std::make_unique<LifeAgent>(world_, files_, folder_.path());
    ASSERT_TRUE(agent_->begin());
  }
  // 1.1.0 serves and 1.2.0 lies beside it.
  void haveBoth() {
    installed("1.1.0");
    publish("1.2.0");
    expectEnd(agent().install("asr", {.activate = false}), State::Done);
  }
  void commit(const std::string& version, CurrentRelease::State state, int attempts) {
    auto there = disk();
    const auto before = there.current.read().value().value();
    ASSERT_TRUE(there.current.write(
        {.service = asr(), .release = release(version), .state = state, .previous = before.release, .attempts = attempts}));
  }
};

TEST_F(RecoveryTest, EndsTheChangesThatRanAndLeavesTheOthers) {
  for (const auto& [state, error] :
       std::vector<std::pair<State, std::optional<Error>>>{{State::Running, std::nullopt},
                                                           {State::Done, std::nullopt},
                                                           {State::Failed, Error(ErrorCode::DiskFull, "full")},
                                                           {State::RolledBack, Error(ErrorCode::HealthTimeout, "late")}}) {
    Change change;
    change.number = agent().store().next();
    change.operation = "install";
    change.service = "asr";
    change.startedAt = "2026-11-24T07:45:00.123Z";
    change.state = state;
    change.error = error;
    change.steps.push_back({.name = "fetch"});
    ASSERT_TRUE(agent().store().save(change));
  }
  restartAgent();
  const auto read = [this](std::uint64_t number) { return agent().book().read(number); };
  expectEnd(read(1), State::Failed, ErrorCode::Cancelled);
  EXPECT_EQ(read(1)->steps[0].state, ChangeStep::State::Failed);
  expectEnd(read(2), State::Done);
  expectEnd(read(3), State::Failed, ErrorCode::DiskFull);
  expectEnd(read(4), State::RolledBack, ErrorCode::HealthTimeout);
  installed("1.1.0");
  EXPECT_EQ(agent().book().latest(1)[0].number, 5U);
}

TEST_F(RecoveryTest, TakesUpWhatRuns) {
  installed("1.1.0");
  const auto before = world_.machine.running();
  const auto starts = world_.machine.starts();
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  EXPECT_EQ(world_.machine.starts(), starts);
  EXPECT_EQ(world_.machine.running()[0].identity, before[0].identity);
  EXPECT_THAT(agent().eventTypes(), Contains("service-adopted"));
}

TEST_F(RecoveryTest, StartsWhatIsWantedAfterAReboot) {
  installed("1.1.0");
  killAgent();
  world_.machine.restore({});
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

// No change has begun yet, and nobody waits for anything.
TEST_F(RecoveryTest, LaunchesWhatHasNothingToProveBeforeItsChangeBegins) {
  installed("1.1.0");
  killAgent();
  world_.machine.restore({});  // a reboot
  beginAgain();
  const auto starts = world_.machine.starts();
  ASSERT_EQ(agent().recover().size(), 1U);
  const auto launched = agent().launchWanted(asr());
  ASSERT_TRUE(launched);
  EXPECT_FALSE(agent().launchWanted(asr()));
  expectEnd(agent().resume(asr(), launched), State::Done);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  EXPECT_EQ(world_.machine.starts(), starts + 1);
}

TEST_F(RecoveryTest, LeavesWhatWasLaunchedToAChangeThatCameFirst) {
  installed("1.1.0");
  killAgent();
  world_.machine.restore({});  // a reboot
  beginAgain();
  ASSERT_EQ(agent().recover().size(), 1U);
  const auto launched = agent().launchWanted(asr());
  ASSERT_TRUE(launched);
  expectEnd(agent().stopService(), State::Done);
  expectEnd(agent().resume(asr(), launched), State::Done);
  EXPECT_EQ(agent().serving(), "");
}

TEST_F(RecoveryTest, LaunchesNoTrialAndNothingThatIsNotWanted) {
  haveBoth();
  expectEnd(agent().stopService(), State::Done);
  EXPECT_FALSE(agent().launchWanted(asr()));
  expectEnd(agent().startService(), State::Done);
  killAgent();
  world_.machine.restore({});  // a reboot
  commit("1.2.0", CurrentRelease::State::Trial, 0);
  beginAgain();
  ASSERT_EQ(agent().recover().size(), 1U);
  EXPECT_FALSE(agent().launchWanted(asr()));
}

TEST_F(RecoveryTest, Case82AServiceWhoseDriverIsGoneRunsOnAndStartsAgain) {
  installed("1.1.0");
  const auto starts = world_.machine.starts();
  world_.hasDriver = false;
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  EXPECT_EQ(world_.machine.starts(), starts);
  killAgent();
  world_.machine.restore({});  // a reboot
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  expectEnd(agent().stopService(), State::Done);
  expectEnd(agent().startService(), State::Done);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  publish("1.2.0");
  expectEnd(agent().install("asr"), State::Failed, ErrorCode::DriverMissing);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(RecoveryTest, LeavesAStoppedServiceStopped) {
  installed("1.1.0");
  expectEnd(agent().stopService(), State::Done);
  restartAgent();
  EXPECT_EQ(agent().serving(), "");
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
}

// An agent that is killed within the grace of a stop must not cost a database its own end.
TEST_F(RecoveryTest, StopsGentlyWhatTheLastAgentWasStopping) {
  installed("1.1.0");
  killAgent();
  ASSERT_TRUE(disk().store.write(WantedState{.running = false}));
  restartAgent();
  EXPECT_THAT(agent().eventTypes(), Contains("service-adopted"));
  while (!agent().serving().empty()) std::this_thread::yield();
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
}

TEST_F(RecoveryTest, EndsWhatRunsOfAReleaseThatIsNotCurrent) {
  haveBoth();
  killAgent();
  commit("1.2.0", CurrentRelease::State::Good, 0);
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  EXPECT_THAT(world_.machine.versions(), ElementsAre("1.2.0"));
}

// The agent died between the commit of a warm switch and telling its runtime of it.
TEST_F(RecoveryTest, OfACandidateThatWasCommittedMakesItServe) {
  installed("1.1.0");
  killAgent();
  const auto names = files_.list(folder_ / "run/instances").value();
  ASSERT_EQ(names.size(), 1U);
  const std::string file = "run/instances/" + names[0].name;
  auto record = InstanceRecord::parse(folder_.read(file)).value();
  record.serving = false;
  record.trial = true;
  folder_.write(file, record.toJson());
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  const auto after = InstanceRecord::parse(folder_.read(file)).value();
  EXPECT_TRUE(after.serving);
  EXPECT_FALSE(after.trial);
}

TEST_F(RecoveryTest, UndoesAnInstallThatWasNotCommitted) {
  haveBoth();
  dieWith({.change = 9, .operation = "install", .to = release("1.2.0"), .staging = "1.2.0-linux-x64-0123456789abcdef"});
  EXPECT_EQ(disk().installedText(), "1.1.0");
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(RecoveryTest, UndoesAFirstInstallThatNeverGotToItsRelease) {
  installed("1.1.0");
  const auto never = release("1.1.0");
  expectEnd(agent().remove(true), State::Done);
  killAgent();
  ASSERT_TRUE(files_.makeFolders(folder_ / "services/asr/_staging/1.1.0-linux-x64-0123456789abcdef/app"));
  dieWith({.change = 9, .operation = "install", .to = never, .staging = "1.1.0-linux-x64-0123456789abcdef"});
  EXPECT_EQ(disk().installedText(), "");
  EXPECT_EQ(agent().serving(), "");
}

TEST_F(RecoveryTest, FinishesAnInstallThatWasCommitted) {
  haveBoth();
  killAgent();
  commit("1.2.0", CurrentRelease::State::Trial, 1);
  dieWith({.change = 9, .operation = "install", .to = release("1.2.0"), .staging = ""});
  EXPECT_EQ(disk().currentText(), "1.2.0 good");
  EXPECT_EQ(disk().previousText(), "1.1.0");
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  EXPECT_THAT(world_.machine.versions(), ElementsAre("1.2.0"));
}

TEST_F(RecoveryTest, KeepsBothReleasesOfAnActivationThatWasNotCommitted) {
  haveBoth();
  dieWith({.change = 9, .operation = "activate", .to = release("1.2.0"), .staging = ""});
  EXPECT_EQ(disk().installedText(), "1.1.0 1.2.0");
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
}

TEST_F(RecoveryTest, FinishesARemoval) {
  installed("1.1.0");
  dieWith({.change = 9, .operation = "remove", .to = std::nullopt, .staging = ""});
  EXPECT_EQ(disk().installedText(), "");
  EXPECT_EQ(disk().currentText(), "");
  EXPECT_TRUE(disk().isThere());
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
}

// It would go on writing where its files go.
TEST_F(RecoveryTest, FinishesAPurgeOnceNothingRuns) {
  installed("1.1.0");
  killAgent();
  struct Watches : ForwardingFiles {
    Watches(Files& files, const Machine& which) : ForwardingFiles(files), machine(which) {}
    const Machine& machine;
    std::vector<std::size_t> running;  // when data goes
    Result<void> removeTree(const Path& path) override {
      if (path.name() == "data") running.push_back(machine.running().size());
      return ForwardingFiles::removeTree(path);
    }
  };
  ASSERT_TRUE(disk().store.write(JournalRecord{.change = 9, .operation = "purge"}));
  Watches watching(files_, world_.machine);
  agent_ = std::make_unique<LifeAgent>(world_, watching, folder_.path());
  ASSERT_TRUE(agent_->start());
  EXPECT_THAT(watching.running, ElementsAre(0U));
  EXPECT_FALSE(disk().isThere());
  killAgent();
}

TEST_F(RecoveryTest, FinishesAPurge) {
  installed("1.1.0");
  dieWith({.change = 9, .operation = "purge", .to = std::nullopt, .staging = ""});
  EXPECT_FALSE(disk().isThere());
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
}

TEST_F(RecoveryTest, Case75ATrialThatNeverProvesItselfIsGivenUp) {
  haveBoth();
  killAgent();
  commit("1.2.0", CurrentRelease::State::Trial, limits::kTrialAttempts);
  restartAgent();
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  const auto refused = disk().store.refused().value().releases;
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].version.text(), "1.2.0");
  expectEnd(agent().book().latest(1).at(0), State::RolledBack, ErrorCode::CrashLoop);
}

TEST_F(RecoveryTest, Case75CountsTheStartsOfATrialOnDisk) {
  haveBoth();
  killAgent();
  commit("1.2.0", CurrentRelease::State::Trial, 1);
  world_.machine.teach("1.2.0", Conduct::NeverAnswers);
  restartAgent();
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(RecoveryTest, Case57TakesTheNewestGoodReleaseWhereCurrentCannotBeBelieved) {
  haveBoth();
  const auto whole = folder_.read("services/asr/current.json");
  for (const auto& text : {std::string(), whole.substr(0, whole.size() / 2), std::string("{\"service_id\":\"other\"}")}) {
    killAgent();
    folder_.write("services/asr/current.json", text);
    restartAgent();
    EXPECT_EQ(disk().currentText(), "1.2.0 good") << text;
    EXPECT_EQ(agent().serving(), "1.2.0 ready");
    EXPECT_THAT(world_.machine.versions(), ElementsAre("1.2.0"));
    EXPECT_THAT(agent().eventTypes(), Contains("current-repaired"));
  }
}

TEST_F(RecoveryTest, Case57PassesOverARefusedRelease) {
  haveBoth();
  killAgent();
  const auto bad = release("1.2.0");
  ASSERT_TRUE(disk().store.write(RefusedReleases{{{bad.version, bad.platform, bad.manifestSha256, "it failed", 1}}}));
  folder_.write("services/asr/current.json", "{");
  restartAgent();
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
}

TEST_F(RecoveryTest, Case57CurrentThatNamesAMissingRelease) {
  haveBoth();
  killAgent();
  commit("1.2.0", CurrentRelease::State::Good, 0);
  ASSERT_TRUE(disk().store.removeRelease(release("1.2.0")));
  restartAgent();
  EXPECT_EQ(disk().currentText(), "1.1.0 good");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(RecoveryTest, Case57WithoutAnyGoodReleaseNothingIsCurrent) {
  installed("1.1.0");
  killAgent();
  const auto bad = release("1.1.0");
  ASSERT_TRUE(disk().store.write(RefusedReleases{{{bad.version, bad.platform, bad.manifestSha256, "it failed", 1}}}));
  folder_.write("services/asr/current.json", "{");
  restartAgent();
  EXPECT_EQ(disk().currentText(), "");
  EXPECT_EQ(agent().serving(), "");
  EXPECT_EQ(agent().recoveryFault(), "");
}

// A disk that fails once says nothing of what lies on it.
TEST_F(RecoveryTest, Case57AFileThatCannotBeReadNowIsNotReplaced) {
  haveBoth();
  killAgent();
  struct FailsOnce : ForwardingFiles {
    using ForwardingFiles::ForwardingFiles;
    bool failed = false;
    Result<Handle> open(const Path& path, std::uint64_t& size) override {
      if (path.name() == "current.json" && !std::exchange(failed, true)) return Error(ErrorCode::IoError, "bad sector");
      return ForwardingFiles::open(path, size);
    }
  };
  const auto before = folder_.read("services/asr/current.json");
  const auto runs = world_.machine.running();
  ASSERT_EQ(runs.size(), 1U);
  FailsOnce failing(files_);
  agent_ = std::make_unique<LifeAgent>(world_, failing, folder_.path());
  ASSERT_TRUE(agent_->start());
  EXPECT_TRUE(failing.failed);
  EXPECT_EQ(folder_.read("services/asr/current.json"), before);
  EXPECT_THAT(agent().eventTypes(), Contains("recovery-failed"));
  ASSERT_EQ(world_.machine.running().size(), 1U);
  EXPECT_EQ(world_.machine.running()[0].identity, runs[0].identity);
  killAgent();
}

// Whatever of a service cannot be read, and for how long: what runs of it runs on, and its files stay as they are.
TEST_F(RecoveryTest, Case57WhatRunsRunsOnWhereItsFilesCannotBeRead) {
  haveBoth();
  killAgent();
  const auto runs = world_.machine.running();
  ASSERT_EQ(runs.size(), 1U);
  struct Fails : ForwardingFiles {
    Fails(Files& files, std::string file) : ForwardingFiles(files), name(std::move(file)) {}
    std::string name;
    Result<Handle> open(const Path& path, std::uint64_t& size) override {
      if (path.name() == name) return Error(ErrorCode::IoError, "bad sector");
      return ForwardingFiles::open(path, size);
    }
  };
  for (const std::string name : {"current.json", "service.json", "installed.json", "policy.json", "MANIFEST"}) {
    Fails failing(files_, name);
    agent_ = std::make_unique<LifeAgent>(world_, failing, folder_.path());
    ASSERT_TRUE(agent_->start()) << name;
    const auto after = world_.machine.running();
    ASSERT_EQ(after.size(), 1U) << name;
    EXPECT_EQ(after[0].identity, runs[0].identity) << name;
    killAgent();
  }
}

TEST_F(RecoveryTest, Case58AWrongHashInInstalledJsonCostsNoRelease) {
  installed("1.1.0");
  publish("1.2.0");
  expectEnd(agent().upgrade(), State::Done);
  const auto distort = [this] {
    auto text = folder_.read("services/asr/installed.json");
    for (std::size_t at = 0; (at = text.find("sha256\"", at)) != std::string::npos; at += 20) {
      char& digit = text.at(text.find_first_of("0123456789abcdef", at + 8));
      digit = digit == '0' ? '1' : '0';
    }
    folder_.write("services/asr/installed.json", text);
  };
  const auto before = folder_.read("services/asr/current.json");
  const auto right = folder_.read("services/asr/installed.json");
  killAgent();
  distort();
  ASSERT_NE(folder_.read("services/asr/installed.json"), right);
  restartAgent();
  EXPECT_EQ(folder_.read("services/asr/current.json"), before);
  EXPECT_THAT(agent().eventTypes(), Not(Contains("current-repaired")));
  EXPECT_EQ(folder_.read("services/asr/installed.json"), right);

  distort();
  publish("1.3.0");
  expectEnd(agent().upgrade(), State::Done);
  EXPECT_EQ(disk().installedText(), "1.2.0 1.3.0");
  EXPECT_EQ(disk().fault(), "");
}

// What runs needs neither its plan nor its policy; only a new start does.
TEST_F(RecoveryTest, LeavesWhatRunsAloneWhereItsPolicyCannotBeRead) {
  installed("1.1.0");
  const auto before = world_.machine.running();
  killAgent();
  folder_.write("services/asr/policy.json", "{");
  restartAgent();
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  ASSERT_EQ(world_.machine.running().size(), 1U);
  EXPECT_EQ(world_.machine.running()[0].identity, before[0].identity);
  EXPECT_THAT(agent().eventTypes(), Contains("recovery-failed"));
  expectEnd(agent().restartService(), State::Failed, ErrorCode::StateCorrupt);
}

TEST_F(RecoveryTest, Case58RebuildsInstalledJson) {
  haveBoth();
  const auto before = folder_.read("services/asr/installed.json");
  for (const auto* text : {"", "{", "{}"}) {
    folder_.write("services/asr/installed.json", text);
    restartAgent();
    EXPECT_EQ(folder_.read("services/asr/installed.json"), before) << text;
  }
}

TEST_F(RecoveryTest, SweepsStagingAndTemporaries) {
  installed("1.1.0");
  killAgent();
  folder_.write("services/asr/_staging/1.2.0-linux-x64-0123456789abcdef/app/serve", "half");
  folder_.write("services/asr/.current.json.0123456789abcdef.tmp", "half");
  restartAgent();
  EXPECT_EQ(disk().leftover(), "");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

TEST_F(RecoveryTest, AJournalThatCannotBeReadIsToldAndStopsNoService) {
  installed("1.1.0");
  killAgent();
  folder_.write("services/asr/journal.json", "{");
  world_.machine.restore({});
  restartAgent();
  EXPECT_NE(agent().recoveryFault(), "");
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
}

}  // namespace
}  // namespace tenon::host
