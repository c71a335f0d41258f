// etcd: two ports, addresses as URLs, and a database that one process at a time may open.
#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class Etcd : public RealProgram {
 protected:
  void SetUp() override {
    if (fromDebian("etcd-server").empty()) GTEST_SKIP() << "Debian gave no etcd";
  }
  std::string at(const std::string& version, const std::string& upgrade = R"({ "strategy": "cold", "probation_ms": 200 })") {
    const std::string folder = package("etcd", version, R"({
      "service_id": "etcd", "version": "VERSION",
      "platforms": { "linux-x64": { "exec": { "type": "binary", "program": "bin/etcd", "args": [
          "--data-dir", "${DATA_DIR}/etcd", "--name", "here", "--heartbeat-interval", "20", "--election-timeout", "200",
          "--listen-client-urls", "http://127.0.0.1:${SERVICE_PORT}",
          "--advertise-client-urls", "http://127.0.0.1:${SERVICE_PORT}",
          "--listen-peer-urls", "http://127.0.0.1:${SERVICE_PORT_PEER}",
          "--initial-advertise-peer-urls", "http://127.0.0.1:${SERVICE_PORT_PEER}",
          "--initial-cluster", "here=http://127.0.0.1:${SERVICE_PORT_PEER}"] },
        "ports": { "peer": 22380 } } },
      "health_check": { "type": "http", "endpoint": "/health", "interval_ms": 500 },
      "env_schema": {}, "upgrade": UPGRADE })");
    replaceIn(folder + "/service.json", "UPGRADE", upgrade);
    place(fromDebian("etcd-server") + "/usr/bin/etcd", folder + "/bin/etcd");
    return folder;
  }
  // The key is "word", its value "tenon", as etcd's JSON has them.
  void put() const { post(member("etcd", "port"), "/v3/kv/put", R"({"key":"d29yZA==","value":"dGVub24="})"); }
  bool hasKey() const {
    return post(member("etcd", "port"), "/v3/kv/range", R"({"key":"d29yZA=="})").find(R"("value":"dGVub24=")") !=
           std::string::npos;
  }
};

TEST_F(Etcd, KeepsItsDataThroughAKillAnUpgradeAndARollback) {
  ASSERT_NO_FATAL_FAILURE(serve(at("3.4.0")));
  put();
  ASSERT_TRUE(hasKey());
  const long killed = mainPid("etcd");
  killProcess(killed);
  ASSERT_TRUE(comesBack("etcd", killed));
  EXPECT_TRUE(hasKey());

  const auto upgraded = upgradeTo(at("3.4.1"), 1);
  ASSERT_EQ(upgraded.status, 0) << upgraded.err;
  EXPECT_TRUE(hasKey());
  const auto back = tenon("rollback etcd");
  ASSERT_EQ(back.status, 0) << back.err;
  EXPECT_EQ(member("etcd", "version"), "3.4.0");
  EXPECT_TRUE(hasKey());
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("etcd"));
  EXPECT_EQ(member("etcd", "why"), "stopped");
}

TEST_F(Etcd, AWarmUpgradeThatItsLockForbidsIsRefusedAndTheOldOneServesOn) {
  ASSERT_NO_FATAL_FAILURE(serve(at("3.4.0")));
  put();
  const long before = mainPid("etcd");
  const std::string warm = at("3.4.1", R"({ "strategy": "warm", "probation_ms": 200 })");
  replaceIn(warm + "/service.json", R"("interval_ms": 500)", R"("interval_ms": 500, "startup_grace_ms": 2000)");
  const auto refused = upgradeTo(warm, 1);
  EXPECT_EQ(refused.status, 3) << refused.out << refused.err;
  EXPECT_NE(refused.err.find("health-timeout"), std::string::npos) << refused.err;
  EXPECT_EQ(mainPid("etcd"), before);
  EXPECT_EQ(processes("etcd"), std::set<long>{before});
  EXPECT_TRUE(hasKey());
}

}  // namespace tenon::host
