// The agent goes away, services do not: killed, restarted, doubled.
#include <filesystem>

#include "tests/journey/Journey.h"
#include "tests/journey/Posix.h"

namespace tenon::host {

class AgentLife : public Journey {
 protected:
  void serve() {
    startHub();
    startAgent();
    publish(langid("1.0.0"));
    ASSERT_EQ(tenon("install langid").status, 0);
  }
};

TEST_F(AgentLife, KilledAgentLeavesTheServiceAnsweringAndAdoptsIt) {
  serve();
  const auto before = status("langid");
  endAgent(End::Killed);
  EXPECT_NE(get(before.at("port"), "/health"), "");
  startAgent();
  ASSERT_TRUE(eventually([&] { return status("langid")["state"] == "ready"; }));
  const auto after = status("langid");
  EXPECT_EQ(after.at("pid"), before.at("pid"));
  EXPECT_EQ(after.at("port"), before.at("port"));
  // Supervised again: when it dies, it comes back.
  killProcess(std::stol(after.at("pid")));
  ASSERT_TRUE(eventually([&] {
    auto row = status("langid");
    return row["state"] == "ready" && row["pid"] != after.at("pid");
  }));
}

TEST_F(AgentLife, ServiceThatDiedWhileNoAgentRanIsStartedAgain) {
  serve();
  const auto before = status("langid");
  endAgent(End::Killed);
  killProcess(std::stol(before.at("pid")));
  ASSERT_TRUE(
      eventually([&] { return !isRunning(std::stol(before.at("pid"))) || get(before.at("port"), "/health").empty(); }));
  startAgent();
  ASSERT_TRUE(eventually([&] { return status("langid")["state"] == "ready"; }));
  EXPECT_NE(status("langid")["pid"], before.at("pid"));
}

TEST_F(AgentLife, StoppedStaysStoppedAcrossARestart) {
  serve();
  const auto pid = std::stol(status("langid")["pid"]);
  ASSERT_EQ(tenon("stop langid").status, 0);
  EXPECT_FALSE(isRunning(pid));
  endAgent(End::Asked);
  startAgent();
  EXPECT_EQ(status("langid")["state"], "stopped");
  ASSERT_EQ(tenon("start langid").status, 0);
  EXPECT_EQ(status("langid")["state"], "ready");
}

TEST_F(AgentLife, EndedAgentLeavesServicesAlone) {
  serve();
  const auto before = status("langid");
  endAgent(End::Asked);
  EXPECT_NE(get(before.at("port"), "/health"), "");
  EXPECT_EQ(tenon("status").status, 7);
  startAgent();
  ASSERT_TRUE(eventually([&] { return status("langid")["state"] == "ready"; }));
  EXPECT_EQ(status("langid")["pid"], before.at("pid"));
}

TEST_F(AgentLife, SecondAgentOfOneRootIsTold) {
  serve();
  const auto second = tenon("agent");
  EXPECT_EQ(second.status, 10) << second.err;
  EXPECT_NE(second.err.find("busy"), std::string::npos);
  EXPECT_EQ(status("langid")["state"], "ready");
}

TEST_F(AgentLife, RootWithAVeryLongPath) {
  useRoot(path("node-" + std::string(120, 'x')));
  std::filesystem::create_directories(root());
  startAgent();
  EXPECT_EQ(tenon("status").status, 0);
}

}  // namespace tenon::host
