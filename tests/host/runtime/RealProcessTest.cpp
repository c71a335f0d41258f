// The whole runtime on this machine: real processes, real sockets, the real clock. Waits are for what happens, with a limit
// that only a broken build meets.
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Process.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

#include "host/adapter/PlatformAdapter.h"
#include "host/runtime/ServiceRuntimeManager.h"
#include "tenon/plugin.h"
#include "tests/host/runtime/RuntimeWorld.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using State = SupervisionState;

// One agent's worth of runtime.
class Agent {
 public:
  explicit Agent(const Path& run)
      : adapter_(open()),
        ends_(adapter_->processes()),
        loop_(clock_, ends_),
        prober_(makeSocketProber(clock_)),
        ports_(PortAllocator::loopbackProbe()),
        runtime({adapter_->files(), adapter_->processes(), loop_, ends_, *prober_, ports_, logs_, log_,
                 searchPath(run.parent() / "bin"), run / "instances", run / "mark", run / "exec"},
                [this](const InstanceStatus&) {
                  const std::lock_guard lock(mutex_);
                  changed_.notify_all();
                }) {
    loop_.start();
  }
  ~Agent() {
    runtime.detach();
    loop_.stop();
  }

  // Looks again at every change.
  bool eventually(const std::function<bool()>& holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), holds);
  }

 private:
  std::string searchPath(const Path& first) const {
    const std::string nodes = adapter_->facts().searchPath;
    return first.text() + (first.text()[1] == ':' ? ";" : ":") + nodes;
  }
  static void ignore(void*, std::int32_t, tenon_str) {}
  std::unique_ptr<PlatformAdapter> open() {
    auto opened = openPlatformAdapter(TENON_STATIC_ADAPTER, host_);
    if (!opened) throw std::runtime_error(opened.error().message());
    return *std::move(opened);
  }

  tenon_host host_{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr, &Agent::ignore};
  std::unique_ptr<PlatformAdapter> adapter_;
  SystemClock clock_;
  RecordingLog log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  NoEvents logEvents_;
  Loop logLoop_{clock_, logEvents_};
  ServiceLogs logs_{adapter_->files(), logLoop_, [](const Path&, const Error&) {}};
  ProcessEventSource ends_;
  Loop loop_;
  std::unique_ptr<HealthProber> prober_;
  PortAllocator ports_;

 public:
  ServiceRuntimeManager runtime;
};

class RealProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("package/none", "");
    folder_.write("logs/none", "");
    folder_.write("data/none", "");
    agent_ = std::make_unique<Agent>(folder_ / "run");
  }
  void TearDown() override {
    if (agent_) agent_->runtime.stopAll(id()).wait();
  }

  static ServiceId id() { return RuntimeWorld::id(); }
  InstanceSpec spec(const std::string& mode = "") {
    InstanceSpec spec{sampleManifest(),
                      RuntimeWorld::release("1.2.0"),
                      {},
                      folder_ / "package",
                      folder_ / "data",
                      folder_ / "logs/c.log",
                      {{"MODE", mode}},
                      false};
    auto& variant = spec.manifest.platforms.at("linux-x64");
    variant.defaultPort.reset();
    variant.ports.clear();
    spec.manifest.stop.grace = Millis{500};
    spec.manifest.health.startupGrace = Millis{60'000};
    spec.plan.program = TENON_TEST_SERVER;
    spec.plan.exitCodes = {{3, "broken on purpose"}};
    return spec;
  }
  std::optional<InstanceStatus> serving() { return agent_->runtime.serving(id()); }
  bool eventually(const std::function<bool(const InstanceStatus&)>& holds) {
    return agent_->eventually([&] {
      const auto status = serving();
      return status && holds(*status);
    });
  }
  bool eventuallyReady() {
    return eventually([](const InstanceStatus& status) { return status.state == State::Ready; });
  }
  static Poco::Process::PID number(std::int64_t pid) { return static_cast<Poco::Process::PID>(pid); }
  static bool alive(std::int64_t pid) { return Poco::Process::isRunning(number(pid)); }
  static void kill(std::int64_t pid) { Poco::Process::kill(number(pid)); }
  // Whether the grandchild of a service that forks is there.
  bool lingers() const {
    try {
      Poco::Net::StreamSocket(Poco::Net::SocketAddress("127.0.0.1", folder_.read("data/lingers")));
      return true;
    } catch (const Poco::Net::ConnectionRefusedException&) {
      return false;
    }
  }

  TempFolder folder_;
  WorkerPool helpers_{2};
  std::unique_ptr<Agent> agent_;
};

TEST_F(RealProcessTest, StartsServesAndStops) {
  agent_->runtime.launch(spec(), true);
  ASSERT_TRUE(eventuallyReady()) << serving()->why;
  const auto status = *serving();
  EXPECT_TRUE(alive(status.pid));
  EXPECT_EQ(folder_.read("logs/c.log"), "serving on " + std::to_string(status.port) + "\n");
  agent_->runtime.stop(id(), status.number).wait();
  EXPECT_FALSE(alive(status.pid));
  EXPECT_FALSE(serving());
  EXPECT_FALSE(folder_.exists("run/instances/lexicon.1.json"));
}

TEST_F(RealProcessTest, IsBackOnItsPortAfterAKill) {
  agent_->runtime.launch(spec(), true);
  ASSERT_TRUE(eventuallyReady()) << serving()->why;
  const auto before = *serving();
  kill(before.pid);
  ASSERT_TRUE(eventually([&](const InstanceStatus& now) { return now.state == State::Ready && now.pid != before.pid; }));
  EXPECT_EQ(serving()->port, before.port);
  EXPECT_EQ(serving()->restarts, 1u);
}

TEST_F(RealProcessTest, IsAdoptedByTheNextAgentWithTheSamePid) {
  agent_->runtime.launch(spec(), true);
  ASSERT_TRUE(eventuallyReady()) << serving()->why;
  const auto before = *serving();
  agent_.reset();
  EXPECT_TRUE(alive(before.pid));
  agent_ = std::make_unique<Agent>(folder_ / "run");
  const auto adopted = agent_->runtime.adoptRecorded([&](const InstanceRecord&) { return std::optional(spec()); }, helpers_);
  ASSERT_EQ(adopted.size(), 1u);
  ASSERT_TRUE(eventuallyReady()) << serving()->why;
  EXPECT_EQ(serving()->pid, before.pid);
  EXPECT_EQ(serving()->port, before.port);
  // And is watched: its end is seen, and it is started again on its port.
  kill(before.pid);
  ASSERT_TRUE(eventually([&](const InstanceStatus& now) { return now.state == State::Ready && now.pid != before.pid; }));
  EXPECT_EQ(serving()->port, before.port);
}

TEST_F(RealProcessTest, IsEndedByTheNextAgentWhereItsOwnDiedBeforeItHadWrittenTheRecord) {
  const auto none = [](const InstanceRecord&) { return std::optional<InstanceSpec>(); };
  agent_->runtime.adoptRecorded(none, helpers_);
  agent_->runtime.launch(spec("forks"), true);
  ASSERT_TRUE(eventuallyReady()) << serving()->why;
  agent_.reset();
  std::filesystem::remove(TempFolder::native(folder_ / "run/instances/lexicon.1.json"));
  ASSERT_TRUE(lingers());
  agent_ = std::make_unique<Agent>(folder_ / "run");
  EXPECT_TRUE(agent_->runtime.adoptRecorded(none, helpers_).empty());
  EXPECT_FALSE(lingers());
}

// Case 73.
TEST_F(RealProcessTest, Case73LeavesNothingOfAServiceThatForksAwayAndIgnoresItsSignal) {
  agent_->runtime.launch(spec("forks"), true);
  ASSERT_TRUE(eventuallyReady()) << serving()->why;
  EXPECT_TRUE(lingers());
  agent_->runtime.stopAll(id()).wait();
  EXPECT_FALSE(lingers());
}

TEST_F(RealProcessTest, Case73KillsWhatIgnoresItsSignal) {
  agent_->runtime.launch(spec("stubborn"), true);
  ASSERT_TRUE(eventuallyReady()) << serving()->why;
  const auto pid = serving()->pid;
  agent_->runtime.stopAll(id()).wait();
  EXPECT_FALSE(alive(pid));
}

TEST_F(RealProcessTest, ProvesAGoodTrialAndRefusesBrokenOnes) {
  auto good = spec();
  good.trial = true;
  const auto first = agent_->runtime.launch(std::move(good), true);
  const auto proven = agent_->runtime.prove(first, id(), Millis{300}).get();
  EXPECT_TRUE(proven.proven) << proven.error.message();
  EXPECT_EQ(proven.port, serving()->port);

  auto broken = spec("broken");
  broken.trial = true;
  const auto second = agent_->runtime.launch(std::move(broken), false);
  const auto crashed = agent_->runtime.prove(second, id(), Millis{300}).get();
  EXPECT_EQ(crashed.error.code(), ErrorCode::CrashLoop);
  EXPECT_THAT(crashed.error.message(), testing::MatchesRegex("exit 3 after .* s: broken on purpose"));

  auto sick = spec("sick");
  sick.trial = true;
  sick.manifest.health.startupGrace = Millis{1500};
  const auto third = agent_->runtime.launch(std::move(sick), false);
  const auto late = agent_->runtime.prove(third, id(), Millis{300}).get();
  EXPECT_EQ(late.error.code(), ErrorCode::HealthTimeout);
  EXPECT_EQ(serving()->number, first);
  EXPECT_EQ(serving()->state, State::Ready);
}

TEST_F(RealProcessTest, AsksAHealthProgram) {
  auto exec = spec();
  const auto program = std::filesystem::path(TENON_TEST_SERVER);
  const std::string check = "health/check" + program.extension().string();
  folder_.write("package/health/none", "");
  std::filesystem::copy_file(program, TempFolder::native(folder_ / ("package/" + check)));
  exec.manifest.health.type = HealthCheck::Type::Exec;
  exec.manifest.health.endpoint = check;
  exec.manifest.health.timeout = Millis{30'000};
  agent_->runtime.launch(std::move(exec), true);
  EXPECT_TRUE(eventuallyReady()) << serving()->why;
}

// A first start: neither the service's log nor its data has a folder yet.
TEST_F(RealProcessTest, AsksForTheMemoryOfAGpu) {
  const std::string program = TENON_TEST_SERVER;
  std::filesystem::create_directories(TempFolder::native(folder_ / "bin"));
  std::filesystem::copy_file(
      program, TempFolder::native(folder_ / (program.ends_with(".exe") ? "bin/nvidia-smi.exe" : "bin/nvidia-smi")));
  auto wanting = spec();
  wanting.dataDir = folder_ / "fresh/data";
  wanting.log = folder_ / "fresh/logs/c.log";
  wanting.manifest.platforms.at("linux-x64").resources.gpuMemoryMb = 4096;
  agent_->runtime.launch(std::move(wanting), true);
  EXPECT_TRUE(eventuallyReady()) << serving()->why;
  EXPECT_FALSE(folder_.exists("fresh/logs/gpu.1.log"));
}

TEST_F(RealProcessTest, RunsPrepareStepsFirst) {
  auto prepared = spec();
  prepared.plan.prepare = {{TENON_TEST_SERVER, {"prepare"}, {}}};
  agent_->runtime.launch(std::move(prepared), true);
  ASSERT_TRUE(eventuallyReady()) << serving()->why;
  EXPECT_TRUE(folder_.exists("data/done"));
  EXPECT_EQ(folder_.read("logs/c.log").substr(0, 9), "prepared\n");
}

}  // namespace
}  // namespace tenon::host
