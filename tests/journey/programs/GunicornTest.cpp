// gunicorn, whose master listens, starts workers, and replaces those that die.
#include <cstdlib>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class Gunicorn : public RealProgram {
 protected:
  void SetUp() override {
    if (fromDebian("python3-gunicorn").empty() || fromDebian("python3-pkg-resources").empty())
      GTEST_SKIP() << "Debian gave no gunicorn";
  }
  std::string at(const std::string& version) {
    const std::string folder = package("greeter", version, R"({
      "service_id": "greeter", "version": "VERSION",
      "platforms": { "linux-x64": { "exec": { "type": "python", "module": "gunicorn", "args": ["--workers", "2",
          "--bind", "127.0.0.1:${SERVICE_PORT}", "--graceful-timeout", "1", "greeter:application"] } } },
      "health_check": { "type": "http", "endpoint": "/", "interval_ms": 500 },
      "env_schema": {}, "env": { "PYTHONPATH": "${SERVICE_HOME}/lib:${SERVICE_HOME}/app" },
      "upgrade": { "strategy": "warm", "probation_ms": 200, "drain_ms": 100 } })");
    const std::string modules = "/usr/lib/python3/dist-packages/";
    place(fromDebian("python3-gunicorn") + modules + "gunicorn", folder + "/lib/gunicorn");
    place(fromDebian("python3-pkg-resources") + modules + "pkg_resources", folder + "/lib/pkg_resources");
    place(source("gunicorn/greeter.py"), folder + "/app/greeter.py");
    return folder;
  }
  std::set<long> workers() const {
    auto all = processes("greeter");
    all.erase(mainPid("greeter"));
    return all;
  }
  // Two workers, neither of whom is one of those.
  bool hasOtherWorkersThan(const std::set<long>& before) const {
    return eventually([&] { return workers().size() == 2 && haveEnded("greeter", before); });
  }
};

TEST_F(Gunicorn, AKilledWorkerIsTheMastersAffair) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  ASSERT_TRUE(hasOtherWorkersThan({}));
  const auto before = status("greeter");
  for (const long worker : workers()) {
    killProcess(worker);
    ASSERT_TRUE(eventually([&] { return workers().size() == 2 && !workers().contains(worker); }));
  }
  EXPECT_TRUE(eventually([&] { return workers().contains(std::atol(get(before.at("port"), "/").c_str())); }));
  auto after = status("greeter");
  EXPECT_EQ(after["state"], "ready");
  EXPECT_EQ(after["pid"], before.at("pid"));
  EXPECT_EQ(after["restarts"], "0");
}

TEST_F(Gunicorn, AKilledMasterTakesItsWorkersAlongAndComesBackOnItsPort) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  ASSERT_TRUE(hasOtherWorkersThan({}));
  const auto before = status("greeter");
  const auto orphans = workers();
  killProcess(mainPid("greeter"));
  ASSERT_TRUE(comesBack("greeter", std::stol(before.at("pid"))));
  EXPECT_TRUE(haveEnded("greeter", orphans));
  EXPECT_TRUE(hasOtherWorkersThan(orphans));
  EXPECT_EQ(member("greeter", "port"), before.at("port"));
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("greeter"));
}

TEST_F(Gunicorn, IsAdoptedWithItsWorkersAndSupervisedAsBefore) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  ASSERT_TRUE(hasOtherWorkersThan({}));
  ASSERT_NO_FATAL_FAILURE(expectToOutliveTheAgent("greeter", "/"));
  const auto orphans = workers();
  const long master = mainPid("greeter");
  killProcess(master);
  ASSERT_TRUE(comesBack("greeter", master));
  EXPECT_TRUE(haveEnded("greeter", orphans));
  ASSERT_TRUE(hasOtherWorkersThan(orphans));
  ASSERT_NO_FATAL_FAILURE(expectToOutliveTheAgent("greeter", "/"));
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("greeter"));
}

TEST_F(Gunicorn, AWarmUpgradeEndsEveryProcessOfTheOldRelease) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  const auto old = processes("greeter");
  const auto upgraded = upgradeTo(at("1.1.0"), 1);
  ASSERT_EQ(upgraded.status, 0) << upgraded.err;
  EXPECT_NE(get(member("greeter", "port"), "/").find(" of 1.1.0"), std::string::npos);
  EXPECT_TRUE(haveEnded("greeter", old));
  const auto back = tenon("rollback greeter");
  ASSERT_EQ(back.status, 0) << back.err;
  EXPECT_NE(get(member("greeter", "port"), "/").find(" of 1.0.0"), std::string::npos);
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("greeter"));
}

}  // namespace tenon::host
