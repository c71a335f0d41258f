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
  // Ready again, in another process than that of `before`.
  bool comesBackAfter(const std::map<std::string, std::string>& before) {
    return eventually([&] {
      auto row = status("langid");
      return row["state"] == "ready" && row["pid"] != before.at("pid");
    });
  }
  // Ready in the very process of `before`, on its port.
  void expectToRunOn(const std::map<std::string, std::string>& before) {
    ASSERT_TRUE(eventually([&] { return status("langid")["state"] == "ready"; }));
    const auto after = status("langid");
    EXPECT_EQ(after.at("pid"), before.at("pid"));
    EXPECT_EQ(after.at("port"), before.at("port"));
  }
};

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
  EXPECT_TRUE(comesBackAfter(before));
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

// An agent in a folder of its own, so that its program can be replaced.
class AgentRenewal : public AgentLife {
 protected:
  void SetUp() override {
    const auto prefix = std::filesystem::path(TENON_PROGRAM).parent_path().parent_path();
    const std::string plugins = "lib/tenon/plugins";
    std::filesystem::create_directories(path("opt/bin"));
    std::filesystem::create_directories(path("opt/" + plugins));
    std::filesystem::copy(TENON_PROGRAM, program());
    if (std::filesystem::exists(prefix / plugins)) {
      std::filesystem::copy(prefix / plugins, path("opt/" + plugins), std::filesystem::copy_options::recursive);
    }
    useProgram(program());
    serve();
  }
  std::string program() const { return path("opt/bin/tenon"); }
  // As a package manager does.
  void replaceProgram(const std::string& by) {
    std::filesystem::copy(by, path("opt/bin/new"));
    std::filesystem::permissions(path("opt/bin/new"), std::filesystem::perms::owner_all);
    std::filesystem::rename(path("opt/bin/new"), program());
  }
};

TEST_F(AgentRenewal, TheSameProcessGoesOnAsTheNewProgramAndServicesRunOn) {
  const auto before = status("langid");
  const auto agent = agentPid();
  replaceProgram(TENON_PROGRAM);
  EXPECT_NE(std::filesystem::read_symlink("/proc/" + std::to_string(agent) + "/exe"), program());  // deleted
  const auto renewed = tenon("renew");
  ASSERT_EQ(renewed.status, 0) << renewed.err;
  EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(agent) + "/exe"), program());
  ASSERT_NO_FATAL_FAILURE(expectToRunOn(before));
  // Its children are still its children: how they end is known, and none stays behind.
  killProcess(std::stol(before.at("pid")));
  EXPECT_TRUE(comesBackAfter(before));
  EXPECT_NE(readText(root() + "/events.jsonl").find("killed by signal 9"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists("/proc/" + before.at("pid")));
  ASSERT_EQ(tenon("renew").status, 0);
}

TEST_F(AgentRenewal, AProgramThatDoesNotRunLeavesTheAgentAsItWas) {
  const auto before = status("langid");
  writeText(path("broken"), "this is no program");
  replaceProgram(path("broken"));
  const auto renewed = tenon("renew");
  EXPECT_EQ(renewed.status, 1) << renewed.out;
  EXPECT_NE(renewed.err.find("serves on as it was"), std::string::npos) << renewed.err;
  ASSERT_TRUE(eventually([&] { return status("langid")["state"] == "ready"; }));
  EXPECT_EQ(status("langid")["pid"], before.at("pid"));
  replaceProgram(TENON_PROGRAM);
  EXPECT_EQ(tenon("renew").status, 0);
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

TEST_F(AgentLife, ProgramRunsAsTheServiceRuns) {
  serve();
  const auto service = status("langid");
  writeText(path("tell.sh"), "echo $SERVICE_ID on $PORT; grep -h Uid /proc/self/status /proc/" + service.at("pid") +
                                 "/status | uniq | wc -l; exit 7");
  std::filesystem::permissions(path(""), std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
  const auto told = tenon("exec langid -- /bin/sh " + path("tell.sh"));
  EXPECT_EQ(told.status, 7) << told.err;
  EXPECT_EQ(told.out, "langid on " + service.at("port") + "\n1\n") << told.err;
  const auto json = tenon("-o json exec langid -- /bin/sh " + path("tell.sh"));
  EXPECT_EQ(json.status, 7);
  EXPECT_NE(json.out.find("\"exit_status\":7"), std::string::npos) << json.out;
  EXPECT_EQ(tenon("exec langid -- no-such-program").status, 1);
  EXPECT_EQ(tenon("exec nothing -- /bin/true").status, 4);
  // What runs when the service ends, ends with it.
  Background endless(TENON_PROGRAM, {"--root", root(), "exec", "langid", "--", "/bin/sleep", "1000"});
  ASSERT_TRUE(eventually([&] { return tenon("status langid").out.find("2 processes") != std::string::npos; }));
  ASSERT_EQ(tenon("stop langid").status, 0);
  EXPECT_TRUE(eventually([&] { return endless.hasEnded(); }));
}

TEST_F(AgentLife, SignalsReachTheServiceAndItsUseIsTold) {
  serve();
  const auto before = status("langid");
  const auto shown = tenon("status langid");
  EXPECT_NE(shown.out.find("of memory"), std::string::npos) << shown.out;
  EXPECT_EQ(tenon("signal langid WINCH").status, 64);
  EXPECT_EQ(tenon("signal nothing HUP").status, 4);
  ASSERT_EQ(tenon("signal langid KILL").status, 0);
  EXPECT_TRUE(comesBackAfter(before));
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
