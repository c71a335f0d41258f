// What only Linux has: an agent that becomes its successor in place, and a shell that runs as a service does.
#include <filesystem>

#include "tests/journey/AgentLife.h"

namespace tenon::host {

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
  EXPECT_TRUE(comesBack("langid", std::stol(before.at("pid"))));
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
}

}  // namespace tenon::host
