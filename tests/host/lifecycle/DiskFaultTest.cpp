// Case 56 of the fault list for whole changes: one call fails, whichever it is, since the disk is full or broken. The change
// says so and the old release serves on, or the new one serves; never neither, and never a change that tells one thing and
// has done the other.
#include <atomic>
#include <iostream>

#include "tests/host/lifecycle/LifeTest.h"
#include "tests/support/FakeFiles.h"
#include "tests/support/ForwardingFiles.h"
#include "tests/support/MemoryFiles.h"

namespace tenon::host {
namespace {

// From the n-th call that needs space every such call fails, as on a disk that is full and stays so.
class FullDisk final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  void fullAfter(int calls) { left_ = calls; }
  bool isFull() const { return left_ < 0; }

  Result<void> makeFolder(Handle in, std::string_view path, FolderOptions how) override {
    if (in == 0 && exists(Path(std::string(path)))) return ForwardingFiles::makeFolder(in, path, how);
    TENON_CHECK(take());
    return ForwardingFiles::makeFolder(in, path, how);
  }
  Result<Handle> create(Handle in, std::string_view path, CreateOptions how) override {
    TENON_CHECK(take());
    return ForwardingFiles::create(in, path, how);
  }
  Result<void> write(Handle file, std::uint64_t at, std::string_view bytes) override {
    TENON_CHECK(take());
    return ForwardingFiles::write(file, at, bytes);
  }

 private:
  Result<void> take() {
    if (left_-- > 0) return {};
    left_ = -1;
    return Error(ErrorCode::DiskFull, "no space is left");
  }
  std::atomic<int> left_{1 << 30};
};

class DiskFault : public testing::Test {
 protected:
  using Act = std::function<Result<Change>(LifeAgent&)>;

  void publish(const std::string& version, bool warm = false) { world_.hub.publish(world_.shop.release(version, warm)); }
  void prepare(const std::vector<std::string>& versions) {
    ASSERT_TRUE(template_.makeFolders(root_));
    LifeAgent agent(world_, template_, root_);
    ASSERT_TRUE(agent.start());
    for (const auto& version : versions) {
      const auto change = agent.install("asr@" + version);
      ASSERT_TRUE(change && change->state == Change::State::Done);
    }
    processes_ = world_.machine.running();
  }

  struct Versions {
    std::string before, after;  // current without and with the change; "" for none
  };

  void sweep(const Versions& versions, const Act& act) { sweepBy(&DiskFault::checkChange, versions, act); }
  // Of what takes away: once the change is begun in earnest it is ended, by the next agent if need be.
  void sweepTakingAway(const Versions& versions, const Act& act) { sweepBy(&DiskFault::checkTakenAway, versions, act); }

  // Answers whether the change came to nothing.
  using Check = bool (DiskFault::*)(std::unique_ptr<LifeAgent>, MemoryFiles&, const Result<Change>&, const Versions&,
                                    ErrorCode);

  void sweepBy(Check check, const Versions& versions, const Act& act) {
    for (const auto code : {ErrorCode::DiskFull, ErrorCode::IoError}) {
      const auto [calls, failed] = failEach(code, act, [&](auto agent, MemoryFiles& files, const Result<Change>& change) {
        return (this->*check)(std::move(agent), files, change, versions, code);
      });
      std::cout << "            " << name(code) << ": " << calls << " calls, " << failed << " of them fail the change\n";
      EXPECT_GT(failed, calls / 4);
    }
  }

  // One call after the other fails. `check` answers whether the change came to nothing; how many calls, and of how many.
  template <typename Look>
  std::pair<std::uint64_t, std::uint64_t> failEach(ErrorCode code, const Act& act, const Look& check) {
    std::uint64_t failed = 0;
    std::uint64_t n = 1;
    for (; !HasFailure(); ++n) {
      MemoryFiles files(template_);
      world_.machine.restore(processes_);
      FakeFiles disk(files, root_);
      auto agent = std::make_unique<LifeAgent>(world_, disk, root_);
      if (!agent->start()) ADD_FAILURE() << "it does not start";
      const auto first = disk.calls();
      disk.failAt(first + n, code);
      const auto change = act(*agent);
      if (disk.calls() - first < n) break;
      SCOPED_TRACE("failed call " + std::to_string(n) + ": " + disk.log()[first + n - 1]);
      if (check(std::move(agent), files, change)) ++failed;
    }
    return {n - 1, failed};
  }

  // The same on a disk that stays full: no change can be relied on to be told or remembered, but somebody serves, and all is
  // well once there is space again.
  void stayFull(const std::string& before, const std::string& after, const Act& act) {
    for (int calls = 0; !HasFailure(); ++calls) {
      MemoryFiles files(template_);
      world_.machine.restore(processes_);
      FullDisk disk(files);
      auto agent = std::make_unique<LifeAgent>(world_, disk, root_);
      ASSERT_TRUE(agent->start());
      disk.fullAfter(calls);
      static_cast<void>(act(*agent));
      if (!disk.isFull()) break;
      SCOPED_TRACE("full after " + std::to_string(calls) + " calls");
      EXPECT_THAT(agent->serving(), testing::AnyOf(before + " ready", after + " ready"));
      EXPECT_EQ(world_.machine.running().size(), 1U);
      agent.reset();
      LifeAgent next(world_, files, root_);
      EXPECT_TRUE(next.start());
      const LifeDisk there(files, root_);
      EXPECT_THAT(served(next), testing::AnyOf(before, after));
      expectServes(next, there, served(next));
      EXPECT_EQ(next.recoveryFault(), "");
      EXPECT_EQ(there.leftover(), "");
      EXPECT_EQ(there.fault(), "");
    }
  }

  bool checkChange(std::unique_ptr<LifeAgent> agent, MemoryFiles& files, const Result<Change>& change,
                   const Versions& versions, ErrorCode code) {
    const auto& [before, after] = versions;
    const LifeDisk disk(files, root_);
    const auto said = change ? change->state : Change::State::Running;
    const auto& version = served(*agent) == after ? after : before;
    expectServes(*agent, disk, version);
    agent.reset();
    // Where its own last record could not be written it still stands there as running, until the next start.
    if (said == Change::State::Done) {
      EXPECT_EQ(version, after);
    } else if (said != Change::State::Running) {
      EXPECT_EQ(version, before) << change->toJson().pretty();
      EXPECT_EQ(name(change->error->code()), name(code)) << change->error->message();
      EXPECT_EQ(disk.previousText(), before.empty() || before == "1.1.0" ? "" : "1.1.0");
    }
    LifeAgent next(world_, files, root_);
    EXPECT_TRUE(next.start());
    EXPECT_EQ(next.recoveryFault(), "");
    expectServes(next, disk, version);
    EXPECT_EQ(disk.leftover(), "");
    EXPECT_EQ(disk.fault(), "");
    if (version == before && said != Change::State::Done) {
      EXPECT_EQ(disk.installedText(), installedBefore());
    }
    return version == before;
  }

  bool checkTakenAway(std::unique_ptr<LifeAgent> agent, MemoryFiles& files, const Result<Change>& change,
                      const Versions& versions, ErrorCode code) {
    const auto said = change ? change->state : Change::State::Running;
    if (said == Change::State::Failed) {
      EXPECT_EQ(name(change->error->code()), name(code)) << change->error->message();
    }
    agent.reset();
    LifeAgent next(world_, files, root_);
    EXPECT_TRUE(next.start());
    EXPECT_EQ(next.recoveryFault(), "");
    const LifeDisk disk(files, root_);
    const auto version = served(next);
    EXPECT_THAT(version, testing::AnyOf(versions.before, versions.after));
    if (said == Change::State::Done) {
      EXPECT_EQ(version, versions.after);
    }
    expectServes(next, disk, version);
    EXPECT_EQ(disk.leftover(), "");
    EXPECT_EQ(disk.fault(), "");
    return said != Change::State::Done;
  }

  static std::string served(LifeAgent& agent) {
    const auto text = agent.serving();
    return text.substr(0, text.find(' '));
  }
  void expectServes(LifeAgent& agent, const LifeDisk& disk, const std::string& version) {
    EXPECT_EQ(agent.serving(), version.empty() ? "" : version + " ready");
    EXPECT_EQ(disk.currentText(), version.empty() ? "" : version + " good");
    EXPECT_EQ(world_.machine.running().size(), version.empty() ? 0U : 1U);
  }
  std::string installedBefore() { return LifeDisk(template_, root_).installedText(); }

  LifeWorld world_;
  const Path root_{"/node"};
  MemoryFiles template_;
  std::vector<Machine::Process> processes_;
};

TEST_F(DiskFault, Case56OfAFirstInstall) {
  publish("1.1.0");
  prepare({});
  sweep({"", "1.1.0"}, [](LifeAgent& agent) { return agent.install("asr"); });
}

TEST_F(DiskFault, Case56OfAColdUpgrade) {
  publish("1.1.0");
  publish("1.2.0");
  prepare({"1.1.0"});
  sweep({"1.1.0", "1.2.0"}, [](LifeAgent& agent) { return agent.upgrade(); });
}

TEST_F(DiskFault, Case56OfAWarmUpgrade) {
  publish("1.1.0");
  publish("1.2.0", true);
  prepare({"1.1.0"});
  sweep({"1.1.0", "1.2.0"}, [](LifeAgent& agent) { return agent.upgrade(); });
}

TEST_F(DiskFault, Case56OfARollback) {
  publish("1.1.0");
  publish("1.2.0");
  prepare({"1.1.0", "1.2.0"});
  sweep({"1.2.0", "1.1.0"}, [](LifeAgent& agent) { return agent.rollback(); });
}

TEST_F(DiskFault, Case56OfAPrune) {
  publish("1.1.0");
  publish("1.2.0");
  prepare({"1.1.0", "1.2.0"});
  sweepTakingAway({"1.2.0", "1.2.0"}, [](LifeAgent& agent) { return agent.prune(); });
}

TEST_F(DiskFault, Case56OfARemoval) {
  publish("1.1.0");
  publish("1.2.0");
  prepare({"1.1.0", "1.2.0"});
  sweepTakingAway({"1.2.0", ""}, [](LifeAgent& agent) { return agent.remove(); });
}

TEST_F(DiskFault, Case56OfARemovalWithItsData) {
  publish("1.1.0");
  prepare({"1.1.0"});
  sweepTakingAway({"1.1.0", ""}, [](LifeAgent& agent) { return agent.remove(true); });
}

TEST_F(DiskFault, Case56OfAColdUpgradeOnADiskThatStaysFull) {
  publish("1.1.0");
  publish("1.2.0");
  prepare({"1.1.0"});
  stayFull("1.1.0", "1.2.0", [](LifeAgent& agent) { return agent.upgrade(); });
}

TEST_F(DiskFault, Case56OfAWarmUpgradeOnADiskThatStaysFull) {
  publish("1.1.0");
  publish("1.2.0", true);
  prepare({"1.1.0"});
  stayFull("1.1.0", "1.2.0", [](LifeAgent& agent) { return agent.upgrade(); });
}

// The new release does not work, and there is no space to write that down.
TEST_F(DiskFault, Case56OfAFailedTrialOnADiskThatStaysFull) {
  publish("1.1.0");
  publish("1.2.0");
  world_.machine.teach("1.2.0", Conduct::NeverAnswers);
  prepare({"1.1.0"});
  stayFull("1.1.0", "1.1.0", [](LifeAgent& agent) { return agent.upgrade(); });
}

}  // namespace
}  // namespace tenon::host
