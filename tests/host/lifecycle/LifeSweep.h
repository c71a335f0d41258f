// One change of a service, on a disk that dies before each of its calls in turn; then an agent that starts on what is left:
// after the death of the process (its services run on), and after power cuts (nothing runs, and what was not durable is
// lost, torn or mixed). On every `recoverEvery`-th of those disks recovery dies as well, before every third of its own
// calls.
#pragma once

#include <set>

#include "tests/host/lifecycle/LifeAgent.h"
#include "tests/host/lifecycle/LifeDisk.h"
#include "tests/support/FakeFiles.h"
#include "tests/support/MemoryFiles.h"

namespace tenon::host {

class LifeSweep {
 public:
  explicit LifeSweep(LifeWorld& world) : world_(world) {}

  std::function<void(LifeAgent&)> before = [](LifeAgent&) {};  // brings about what is there, and durable
  std::function<Result<Change>(LifeAgent&)> act;
  std::set<std::string> mayBeCurrent;             // at any moment: versions, "" for none
  std::set<std::string> mayBecome;                // once an agent has recovered
  std::set<std::string> mayLie;                   // beside current and previous: releases that nobody asked to keep
  std::string becomesWhenDone;                    // where act() had ended well before the cut
  std::string goneWhenDone;                       // a path in the root that then is not there, before any recovery; "": none
  std::function<void(LifeAgent&)> repeat;         // what then must succeed
  std::string endsAs;                             // and leaves this current
  std::uint64_t mixtures = 1, recoverEvery = 30;  // mixtures: besides the pure power cuts
  FakeFiles::Links links = FakeFiles::Links::Hard;

  // Answers how many states were looked at. Ends at the first that is wrong: one is enough to think about.
  std::size_t run() {
    prepare();
    for (std::uint64_t n = 1; !testing::Test::HasFailure(); ++n) {
      if (!dieBefore(n)) break;
    }
    return states_;
  }
  std::uint64_t calls() const { return calls_; }

 private:
  // A disk, and what runs beside it.
  struct State {
    MemoryFiles& files;
    Path root;
    std::vector<Machine::Process> processes;
    bool done;
  };

  void prepare() {
    ASSERT_TRUE(template_.makeFolders(node_));
    LifeAgent agent(world_, template_, node_);
    const auto started = agent.start();
    ASSERT_TRUE(started) << started.error().message();
    before(agent);
    processes_ = world_.machine.running();
  }

  static std::string last(const FakeFiles& disk) {
    std::string text = "; it had done:";
    for (const auto& line : disk.log()) text += "\n  " + line;
    return text;
  }

  // False once n is past the last call.
  bool dieBefore(std::uint64_t n) {
    MemoryFiles files(template_);
    world_.machine.restore(processes_);
    FakeFiles disk(files, node_);
    disk.links(links);
    {
      LifeAgent agent(world_, disk, node_, [&disk] { return disk.stopped(); });
      const auto started = agent.start();
      if (!started) ADD_FAILURE() << started.error().message();
      const auto first = disk.calls();
      disk.stopBefore(first + n);
      acted_ = act(agent);
      calls_ = disk.calls() - first;
    }
    SCOPED_TRACE("died before call " + std::to_string(n) + last(disk));
    const bool done = !disk.stopped(), recoveryDies = n % recoverEvery == 0;
    lookAtBoth(files, disk, cutsOf(n), done, recoveryDies ? n : 0);
    return !done;
  }

  // What was not durable is lost; or kept by name only, as zeros, or all of it; and mixtures, others for each n.
  std::vector<std::uint64_t> cutsOf(std::uint64_t n) const {
    std::vector<std::uint64_t> all = {0, 1 + n % 3};
    for (std::uint64_t i = 0; i < mixtures; ++i) all.push_back(4 + n * mixtures + i);
    return all;
  }

  // Of one death: what power cuts may leave of the disk, and the disk as it is. `recovery`: it dies there, too; 0: not.
  void lookAtBoth(MemoryFiles& files, const FakeFiles& disk, const std::vector<std::uint64_t>& cuts, bool done,
                  std::uint64_t recovery) {
    const State killed{files, node_, world_.machine.running(), done};
    for (const auto variant : cuts) {
      if (testing::Test::HasFailure()) return;
      SCOPED_TRACE("power cut, variant " + std::to_string(variant));
      static_cast<void>(files.removeTree(cut_));
      static_cast<void>(files.makeFolders(cut_));
      disk.powerCut(cut_, variant);
      lookAt({files, cut_, {}, done}, variant == cuts.back() ? recovery : 0);
    }
    SCOPED_TRACE("killed");
    lookAt(killed, recovery);
  }

  void lookAt(const State& state, std::uint64_t recovery) {
    if (recovery != 0) sweepRecovery(state, recovery);
    if (!testing::Test::HasFailure()) check(state);
  }

  void sweepRecovery(const State& state, std::uint64_t salt) {
    constexpr std::uint64_t kStride = 4;  // another fourth of its calls for each disk
    for (std::uint64_t n = 1 + salt / recoverEvery % kStride; !testing::Test::HasFailure(); n += kStride) {
      MemoryFiles files(state.files);
      world_.machine.restore(state.processes);
      FakeFiles disk(files, state.root);
      disk.stopBefore(n);
      {
        LifeAgent agent(world_, disk, state.root, [&disk] { return disk.stopped(); });
        static_cast<void>(agent.start());
      }
      if (!disk.stopped()) return;
      SCOPED_TRACE("recovery died before call " + std::to_string(n) + last(disk));
      const State killed{files, state.root, world_.machine.running(), state.done};
      static_cast<void>(files.makeFolders(again_));
      disk.powerCut(again_, n % 2 == 0 ? 0 : salt + n);
      check({files, again_, {}, state.done});
      if (!testing::Test::HasFailure()) check(killed);
    }
  }

  void check(const State& state) {
    ++states_;
    world_.machine.restore(state.processes);
    const LifeDisk disk(state.files, state.root);
    const auto current = disk.current.read();
    ASSERT_TRUE(current) << current.error().message();
    const std::string raw = *current ? (*current)->release.version.text() : "";
    EXPECT_TRUE(mayBeCurrent.contains(raw)) << "current: " << raw;
    if (*current) {
      EXPECT_EQ(faultOf(state.files, state.root, (*current)->release), "") << "before recovery";
      if (const auto& previous = (*current)->previous) {
        EXPECT_EQ(faultOf(state.files, state.root, *previous), "") << "what could be gone back to, before recovery";
      }
    }
    // A clone may be torn: it is found when it is taken, which `repeat` does.
    if (links == FakeFiles::Links::Hard) {
      EXPECT_EQ(storeFaultOf(state.files, state.root), "");
    }
    if (state.done) {
      EXPECT_FALSE(state.files.inspect(PackageLayout(state.root).service(asr()).journal()))
          << "what is done would be done again";
      EXPECT_FALSE(!goneWhenDone.empty() && state.files.inspect(state.root / goneWhenDone)) << goneWhenDone;
    }
    LifeAgent agent(world_, state.files, state.root);
    const auto started = agent.start();
    ASSERT_TRUE(started) << started.error().message();
    EXPECT_EQ(agent.recoveryFault(), "");
    checkRecovered(agent, disk, state.done);
    if (testing::Test::HasFailure()) return;
    repeat(agent);
    SCOPED_TRACE("once it was done again");
    checkWhole(agent, disk, endsAs);
  }

  void checkRecovered(LifeAgent& agent, const LifeDisk& disk, bool done) {
    const auto current = disk.current.read();
    ASSERT_TRUE(current) << current.error().message();
    const std::string version = *current ? (*current)->release.version.text() : "";
    EXPECT_TRUE(mayBecome.contains(version)) << "recovered to: " << version;
    if (done) {
      EXPECT_EQ(version, becomesWhenDone);
      const auto told = agent.book().read(acted_->number);
      EXPECT_TRUE(told && told->state == acted_->state) << "what was told of the change is lost";
      if (told && !told->evidence.empty()) {
        const auto why = agent.with().files.readAll(agent.with().layout.evidence(told->number) / "why.txt", limits::KiB);
        EXPECT_TRUE(why && why->ends_with('\n')) << "what was to prove it is lost";
      }
    }
    const auto installed = disk.store.releases(&sha256);
    ASSERT_TRUE(installed) << installed.error().message();
    for (const auto& [key, release] : installed->releases) {
      const bool isKept = *current && (release == (*current)->release || release == (*current)->previous);
      EXPECT_TRUE(isKept || mayLie.contains(release.version.text())) << key << " is nobody's";
    }
    checkWhole(agent, disk, version);
    for (const auto& change : agent.book().latest(100)) EXPECT_TRUE(change.ended()) << change.toJson().pretty();
  }

  // This version is current, proven and served, by one process and no other; nothing is half there, nothing lies about.
  void checkWhole(LifeAgent& agent, const LifeDisk& disk, const std::string& version) {
    EXPECT_EQ(disk.currentText(), version.empty() ? "" : version + " good");
    EXPECT_EQ(disk.fault(), "");
    EXPECT_EQ(disk.leftover(), "");
    EXPECT_EQ(agent.serving(), version.empty() ? "" : version + " ready");
    using List = std::vector<std::string>;
    EXPECT_EQ(world_.machine.versions(), version.empty() ? List{} : List{version});
    if (version.empty()) return;
    const auto floors = agent.with().trust.status().floors;
    const auto* floor = floors.release(asr(), PlatformId::parse("linux-x64").value());
    ASSERT_NE(floor, nullptr) << "nothing is remembered of what proved itself";
    EXPECT_TRUE(floor->version.precedence(SemVer::parse(version).value()) >= 0) << "remembered: " << floor->version.text();
  }

  LifeWorld& world_;
  const Path node_{"/node"}, cut_{"/cut"}, again_{"/again"};
  MemoryFiles template_;
  std::vector<Machine::Process> processes_;
  Result<Change> acted_ = Error(ErrorCode::Internal, "nothing was done yet");
  std::size_t states_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace tenon::host
