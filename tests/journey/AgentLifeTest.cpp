// The agent goes away, services do not: killed, restarted, doubled.
#include <filesystem>

#include "tests/journey/AgentLife.h"
#include "tests/journey/langid/Langid.h"

namespace tenon::host {

TEST_F(AgentLife, KilledAgentLeavesTheServiceAnsweringAndAdoptsIt) {
  serve();
  const auto before = status("langid");
  endAgent(End::Killed);
  EXPECT_NE(get(before.at("port"), "/health"), "");
  startAgent();
  EXPECT_EQ(status("langid")["pid"], before.at("pid")) << "from its first answer on";
  EXPECT_NE(readText(root() + "/events.jsonl").find("1 of 1 services run already"), std::string::npos);
  ASSERT_NO_FATAL_FAILURE(expectToRunOn(before));
  // Supervised again: when it dies, it comes back.
  killProcess(std::stol(before.at("pid")));
  EXPECT_TRUE(comesBack("langid", std::stol(before.at("pid"))));
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

// As after a boot of the machine: as many services as the agent starts at a time are long in coming.
TEST_F(AgentLife, NobodyWaitsForServicesThatAreSlowToStart) {
  serve();
  const std::vector<std::string> slow = {"slow-1", "slow-2", "slow-3", "slow-4"};
  const auto toldSo = [&](const std::string& service) { return serviceFolder(service) + "/data/healthy"; };
  for (const auto& service : slow) {
    const std::string folder = path(service + "-1.1.0");
    std::filesystem::rename(langid("1.1.0"), folder);
    replaceIn(folder + "/service.json", "\"service_id\": \"langid\"", "\"service_id\": \"" + service + "\"");
    replaceIn(folder + "/service.json", "\"startup_grace_ms\": 10000", "\"startup_grace_ms\": 120000");
    isHealthyOnceToldSo(folder);
    publish(folder);
    std::filesystem::create_directories(serviceFolder(service) + "/data");
    writeText(toldSo(service), "");
    expectDone(tenon("install " + service));
    std::filesystem::remove(toldSo(service));
  }
  std::vector<long> processes;
  for (const auto& service : slow) processes.push_back(std::stol(status(service)["pid"]));
  endAgent(End::Killed);
  for (const long process : processes) killProcess(process);
  startAgent();
  std::map<std::string, std::string> started;
  for (const auto& service : slow) {
    const auto isThere = [&] { return (started[service] = status(service)["pid"]) != "0"; };
    ASSERT_TRUE(eventually(isThere));
  }
  expectDone(tenon("stop langid"));
  for (const auto& service : slow) {
    EXPECT_EQ(status(service)["state"], "starting");
    EXPECT_EQ(status(service)["pid"], started[service]) << "it was waited for, until its start had failed";
    writeText(toldSo(service), "");
  }
  EXPECT_TRUE(comesBack("slow-4", processes[3]));
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

TEST_F(AgentLife, FrozenServiceStandsStillAcrossAgentsUntilItIsThawed) {
  serve();
  const auto before = status("langid");
  ASSERT_EQ(tenon("freeze langid").status, 0);
  EXPECT_EQ(status("langid")["why"], "frozen on request");
  endAgent(End::Killed);
  startAgent();
  EXPECT_EQ(status("langid")["frozen"], "true");
  ASSERT_EQ(tenon("thaw langid").status, 0);
  ASSERT_TRUE(eventually([&] { return status("langid")["state"] == "ready"; }));
  EXPECT_EQ(status("langid")["pid"], before.at("pid"));
  EXPECT_NE(get(before.at("port"), "/health"), "");
  ASSERT_EQ(tenon("freeze langid").status, 0);
  ASSERT_EQ(tenon("stop langid").status, 0);
  EXPECT_EQ(get(before.at("port"), "/health"), "");
}

TEST_F(AgentLife, SignalsReachTheServiceAndItsUseIsTold) {
  serve();
  const auto before = status("langid");
  const auto shown = tenon("status langid");
  EXPECT_NE(shown.out.find("of memory"), std::string::npos) << shown.out;
  EXPECT_EQ(tenon("signal langid WINCH").status, 64);
  EXPECT_EQ(tenon("signal nothing HUP").status, 4);
  ASSERT_EQ(tenon("signal langid KILL").status, 0);
  EXPECT_TRUE(comesBack("langid", std::stol(before.at("pid"))));
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

TEST_F(AgentLife, ProgramInAServicesPlaceIsItsOwnAndEndsWithIt) {
  serve();
  const auto told = tenon("exec langid -- " TENON_PROGRAM " --version");
  EXPECT_EQ(told.status, 0) << told.err;
  EXPECT_TRUE(told.out.starts_with("tenon ")) << told.out;
  EXPECT_EQ(tenon("exec langid -- " TENON_PROGRAM " no-such-verb").status, 64);
  EXPECT_EQ(tenon("exec langid -- no-such-program").status, 1);
  EXPECT_EQ(tenon("exec nothing -- " TENON_PROGRAM).status, 4);
  Background endless(TENON_PROGRAM, {"--root", root(), "exec", "langid", "--", TENON_CHATTY, "1"});
  ASSERT_TRUE(eventually([&] { return tenon("status langid").out.find("2 processes") != std::string::npos; }));
  ASSERT_EQ(tenon("stop langid").status, 0);
  EXPECT_TRUE(eventually([&] { return endless.hasEnded(); }));
}

}  // namespace tenon::host
