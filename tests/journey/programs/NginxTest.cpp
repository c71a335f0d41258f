// nginx as a service: a master and its workers.
#include <filesystem>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class Nginx : public RealProgram {
 protected:
  void SetUp() override {
    if (fromDebian("nginx").empty()) GTEST_SKIP() << "Debian gave no nginx";
  }
  std::string at(const std::string& version, const std::string& listen = "127.0.0.1:${SERVICE_PORT}",
                 const std::string& daemon = "off") {
    const std::string folder = package("pages", version,
                                       R"({
      "service_id": "pages", "version": "VERSION",
      "platforms": { "linux-x64": { "exec": { "type": "argv", "program": "sh", "args": ["start.sh"] } } },
      "health_check": { "type": "http", "endpoint": "/health", "interval_ms": 500 },
      "env_schema": {}, "env": { "LISTEN": ")" +
                                           listen + R"(", "DAEMON": ")" + daemon + R"(" },
      "stop": { "signal": "QUIT", "grace_ms": 5000 },
      "upgrade": { "strategy": "warm", "probation_ms": 200, "drain_ms": 100 } })");
    place(fromDebian("nginx") + "/usr/sbin/nginx", folder + "/bin/nginx");
    place(source("nginx/nginx.conf"), folder + "/nginx.conf");
    place(source("nginx/start.sh"), folder + "/start.sh");
    std::filesystem::create_directories(folder + "/www");
    writeText(folder + "/www/health", "OK");
    writeText(folder + "/www/version", version);
    return folder;
  }
};

TEST_F(Nginx, InForegroundComesBackOnItsPortAndIsUpgraded) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  const auto before = status("pages");
  EXPECT_EQ(get(before.at("port"), "/version"), "1.0.0");
  EXPECT_TRUE(eventually([&] { return processes("pages").size() == 3; }));
  const auto old = processes("pages");
  killProcess(mainPid("pages"));
  ASSERT_TRUE(comesBack("pages", std::stol(before.at("pid"))));
  EXPECT_TRUE(haveEnded("pages", old));
  EXPECT_EQ(member("pages", "port"), before.at("port"));

  const auto upgraded = upgradeTo(at("1.1.0"), 1);
  ASSERT_EQ(upgraded.status, 0) << upgraded.err;
  EXPECT_EQ(get(member("pages", "port"), "/version"), "1.1.0");
  ASSERT_NO_FATAL_FAILURE(expectToOutliveTheAgent("pages", "/version"));
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("pages"));
}

TEST_F(Nginx, AReleaseThatNeverBindsItsPortIsRefusedAndTheOldOneServesOn) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  const auto before = processes("pages");
  const auto elsewhere = at("1.1.0", "unix:${DATA_DIR}/nginx.socket");
  replaceIn(elsewhere + "/service.json", R"("interval_ms": 500)", R"("interval_ms": 500, "startup_grace_ms": 2000)");
  const auto refused = upgradeTo(elsewhere, 1);
  EXPECT_EQ(refused.status, 3) << refused.out << refused.err;
  EXPECT_NE(refused.err.find("health-timeout"), std::string::npos) << refused.err;
  EXPECT_EQ(get(member("pages", "port"), "/version"), "1.0.0");
  EXPECT_EQ(processes("pages"), before);
}

// It goes into a session of its own with the port, and the process that was started ends with 0.
TEST_F(Nginx, AReleaseThatMakesItselfADaemonIsRefusedAndLeavesNoProcess) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  const auto before = processes("pages");
  const auto refused = upgradeTo(at("1.1.0", "127.0.0.1:${SERVICE_PORT}", "on"), 1);
  EXPECT_EQ(refused.status, 3) << refused.out << refused.err;
  EXPECT_NE(refused.err.find("exit 0"), std::string::npos) << refused.err;
  EXPECT_EQ(get(member("pages", "port"), "/version"), "1.0.0");
  EXPECT_EQ(processes("pages"), before);
}

}  // namespace tenon::host
