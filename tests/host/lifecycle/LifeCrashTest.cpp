// Cases 53, 54 and 55 of the fault list for whole changes: whatever call an agent dies before, whatever a power cut takes,
// the release that current.json names is whole, the next agent serves it, and the change can be made again.
#include <iostream>

#include "tests/host/lifecycle/LifeSweep.h"

namespace tenon::host {
namespace {

class LifeCrash : public testing::Test {
 protected:
  void publish(const std::string& version, bool warm = false) { world_.hub.publish(world_.shop.release(version, warm)); }
  static void expectDone(const Result<Change>& change) {
    ASSERT_TRUE(change) << change.error().message();
    EXPECT_EQ(name(change->state), name(Change::State::Done)) << change->toJson().pretty();
  }
  void run(LifeSweep& sweep, std::size_t leastCalls) {
    const auto states = sweep.run();
    std::cout << "            " << sweep.calls() << " calls, " << states << " states\n";
    RecordProperty("states", static_cast<int>(states));
    EXPECT_GT(sweep.calls(), leastCalls);
    EXPECT_GT(states, leastCalls * 5);
  }
  // 1.1.0 serves, the hub has 1.2.0, and the agent upgrades to it.
  void upgrade(bool warm, FakeFiles::Links links = FakeFiles::Links::Hard) {
    publish("1.1.0");
    publish("1.2.0", warm);
    LifeSweep sweep(world_);
    sweep.links = links;
    sweep.before = [](LifeAgent& agent) { expectDone(agent.install("asr@1.1.0")); };
    sweep.act = [](LifeAgent& agent) { return agent.upgrade(); };
    sweep.mayBeCurrent = sweep.mayBecome = {"1.1.0", "1.2.0"};
    sweep.becomesWhenDone = sweep.endsAs = "1.2.0";
    sweep.repeat = [](LifeAgent& agent) { expectDone(agent.upgrade()); };
    run(sweep, 60);
  }

  LifeWorld world_;
};

TEST_F(LifeCrash, Case53To55OfAFirstInstall) {
  publish("1.1.0");
  LifeSweep sweep(world_);
  sweep.act = [](LifeAgent& agent) { return agent.install("asr"); };
  sweep.mayBeCurrent = sweep.mayBecome = {"", "1.1.0"};
  sweep.becomesWhenDone = sweep.endsAs = "1.1.0";
  sweep.repeat = [](LifeAgent& agent) { expectDone(agent.install("asr")); };
  run(sweep, 60);
}

TEST_F(LifeCrash, Case53To55OfAColdUpgrade) { upgrade(false); }

TEST_F(LifeCrash, Case53To55OfAWarmUpgrade) { upgrade(true); }

// The new tree takes files from a store whose links may be torn by a power cut.
TEST_F(LifeCrash, Case53To55OfAnUpgradeOnADiskThatClones) { upgrade(false, FakeFiles::Links::Clone); }

// Of two releases that are installed the older goes, and not before it is settled that nobody goes back to it.
TEST_F(LifeCrash, Case66AnUpgradeToAThirdReleaseCollectsTheOldestOnlyOnceItsCommitIsDurable) {
  for (const auto* version : {"1.1.0", "1.2.0", "1.3.0"}) publish(version);
  LifeSweep sweep(world_);
  sweep.before = [](LifeAgent& agent) {
    expectDone(agent.install("asr@1.1.0"));
    expectDone(agent.install("asr@1.2.0"));
  };
  sweep.act = [](LifeAgent& agent) { return agent.upgrade(); };
  sweep.mayBeCurrent = sweep.mayBecome = {"1.2.0", "1.3.0"};
  sweep.mayLie = {"1.1.0"};  // the agent died between the commit and its removal: collected with the next change
  sweep.goneWhenDone = "services/asr/versions/1.1.0";
  sweep.becomesWhenDone = sweep.endsAs = "1.3.0";
  sweep.repeat = [](LifeAgent& agent) { expectDone(agent.upgrade()); };
  run(sweep, 60);
}

TEST_F(LifeCrash, Case53To55OfARollback) {
  publish("1.1.0");
  publish("1.2.0");
  LifeSweep sweep(world_);
  sweep.before = [](LifeAgent& agent) {
    expectDone(agent.install("asr@1.1.0"));
    expectDone(agent.install("asr@1.2.0"));
  };
  sweep.act = [](LifeAgent& agent) { return agent.rollback(); };
  sweep.mayBeCurrent = sweep.mayBecome = {"1.1.0", "1.2.0"};
  sweep.becomesWhenDone = "1.1.0";
  sweep.repeat = [](LifeAgent& agent) { expectDone(agent.install("asr")); };
  sweep.endsAs = "1.2.0";
  run(sweep, 30);
}

// The new release never answers: whatever happens on the way there and back, the old one serves in the end, and the new one
// is not tried for ever.
TEST_F(LifeCrash, Case53To55OfAnUpgradeThatIsRolledBack) {
  publish("1.1.0");
  publish("1.2.0");
  world_.machine.teach("1.2.0", Conduct::NeverAnswers);
  LifeSweep sweep(world_);
  sweep.before = [](LifeAgent& agent) { expectDone(agent.install("asr@1.1.0")); };
  sweep.act = [](LifeAgent& agent) { return agent.upgrade(); };
  sweep.mayBeCurrent = {"1.1.0", "1.2.0"};
  sweep.mayBecome = {"1.1.0"};
  sweep.mayLie = {"1.2.0"};  // where recovery ended its trial: refused, and collected with the next change
  sweep.becomesWhenDone = sweep.endsAs = "1.1.0";
  sweep.repeat = [](LifeAgent& agent) {
    const auto again = agent.upgrade();
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_TRUE(again->error.has_value());
  };
  sweep.mixtures = 0;
  sweep.recoverEvery = 50;  // recovery goes through a whole trial here
  run(sweep, 60);
}

// With the collection of the store, which follows at once here: what serves is whole whatever call it dies before.
TEST_F(LifeCrash, Case53To55OfAPruneAndItsCollection) {
  publish("1.1.0");
  publish("1.2.0");
  LifeSweep sweep(world_);
  sweep.before = [](LifeAgent& agent) {
    expectDone(agent.install("asr@1.1.0"));
    expectDone(agent.install("asr@1.2.0"));
  };
  sweep.act = [](LifeAgent& agent) { return agent.prune(); };
  sweep.mayBeCurrent = sweep.mayBecome = {"1.2.0"};
  sweep.mayLie = {"1.1.0"};  // no longer the previous one, and not removed yet
  sweep.becomesWhenDone = sweep.endsAs = "1.2.0";
  sweep.repeat = [](LifeAgent& agent) { expectDone(agent.prune()); };
  sweep.mixtures = 8;
  sweep.recoverEvery = 10;
  run(sweep, 20);
}

class RemoveCrash : public LifeCrash {
 protected:
  void removal(bool purge) {
    publish("1.1.0");
    publish("1.2.0");
    LifeSweep sweep(world_);
    sweep.before = [](LifeAgent& agent) {
      expectDone(agent.install("asr@1.1.0"));
      expectDone(agent.install("asr@1.2.0"));
    };
    sweep.act = [purge](LifeAgent& agent) { return agent.remove(purge); };
    sweep.mayBeCurrent = sweep.mayBecome = {"", "1.2.0"};
    sweep.becomesWhenDone = "";
    if (purge) sweep.goneWhenDone = "services/asr";
    sweep.repeat = [](LifeAgent& agent) { expectDone(agent.install("asr")); };
    sweep.endsAs = "1.2.0";
    sweep.mixtures = 8;  // a short change with many names to lose
    sweep.recoverEvery = 10;
    run(sweep, 15);
  }
};

TEST_F(RemoveCrash, Case53To55OfARemoval) { removal(false); }

TEST_F(RemoveCrash, Case53To55OfAPurge) { removal(true); }

}  // namespace
}  // namespace tenon::host
