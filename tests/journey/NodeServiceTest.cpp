// A Node.js service that carries its own Node, on every platform: node.exe on Windows.
#include <filesystem>
#include <thread>

#include "tests/journey/Journey.h"

namespace tenon::host {

class NodeService : public Journey {
 protected:
  // The service's folder at a version; the test is skipped where there is no Node to carry.
  std::string at(const std::string& version) {
    const auto folder = geohash(version);
    return folder ? *folder : "";
  }
  void serve() {
    startHub();
    startAgent();
    publish(at("1.0.0"));
    const auto installed = tenon("install geohash");
    ASSERT_EQ(installed.status, 0) << installed.out << installed.err;
  }
  void SetUp() override {
    if (!std::filesystem::exists(std::string(TENON_BINARY_DIR) + "/journey/node-" + platformName()))
      GTEST_SKIP() << "npm gave no Node for " << platformName();
  }
};

TEST_F(NodeService, InstallsAndAnswers) {
  serve();
  auto row = status("geohash");
  EXPECT_EQ(row["state"], "ready") << row["why"];
  EXPECT_EQ(row["platform"], platformName());
  EXPECT_EQ(get(row["port"], "/encode?lat=57.64911&lon=10.40744&length=11"), R"({"hash":"u4pruydqqvj"})");
  const auto pid = row["pid"];
  const std::string before = snapshot(serviceFolder("geohash") + "/versions");
  EXPECT_EQ(tenon("install geohash").status, 0);
  EXPECT_EQ(status("geohash")["pid"], pid);
  EXPECT_EQ(snapshot(serviceFolder("geohash") + "/versions"), before);
  EXPECT_NE(tenon("logs geohash").out.find("geohash answers on"), std::string::npos);
}

TEST_F(NodeService, UpgradesAndGoesBack) {
  serve();
  publish(at("1.1.0"), 1);
  const auto upgraded = tenon("upgrade geohash");
  ASSERT_EQ(upgraded.status, 0) << upgraded.out << upgraded.err;
  EXPECT_NE(get(status("geohash")["port"], "/health").find("1.1.0"), std::string::npos);
  const auto back = tenon("rollback geohash");
  ASSERT_EQ(back.status, 0) << back.out << back.err;
  EXPECT_NE(get(status("geohash")["port"], "/health").find("1.0.0"), std::string::npos);
}

TEST_F(NodeService, AReleaseThatIsNeverReadyIsRolledBack) {
  serve();
  const auto before = status("geohash");
  const std::string bad = at("1.1.0");
  replaceIn(bad + "/app/main.js", "let status = 404;",
            "let status = 503; if (url.pathname === '/health') { response.writeHead(503); return response.end(); }");
  replaceIn(bad + "/service.json", "\"startup_grace_ms\": 20000", "\"startup_grace_ms\": 3000");
  publish(bad, 1);
  const auto upgraded = tenon("upgrade geohash");
  EXPECT_EQ(upgraded.status, 3) << upgraded.out << upgraded.err;
  EXPECT_NE(upgraded.err.find("health-timeout"), std::string::npos) << upgraded.err;
  auto row = status("geohash");
  EXPECT_EQ(row["version"], "1.0.0");
  EXPECT_EQ(row["pid"], before.at("pid"));
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("geohash") + "/versions/1.1.0"));
  const auto again = tenon("upgrade geohash");
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.err.find("release-refused"), std::string::npos) << again.err;
}

TEST_F(NodeService, OneByteChangedIsRefusedAndChangesNothing) {
  serve();
  const std::string before = snapshot(serviceFolder("geohash"));
  const std::string next = at("1.1.0");
  replaceIn(next + "/app/main.js", "GET /encode?lat=&lon=", "ask /encode?lat=&lon=");
  publish(next, 1);
  // In what changed: what the node has already is not asked for, and who changes it there changes nothing here.
  const std::string zip = inHub("geohash", "1.1.0", "service.zip");
  flipByte(zip, static_cast<long>(readText(zip).find("app/main.js")) + 100);
  const auto upgraded = tenon("upgrade geohash");
  EXPECT_EQ(upgraded.status, 5) << upgraded.out << upgraded.err;
  // Whether inflating or hashing meets it first depends on the bit.
  EXPECT_TRUE(upgraded.err.find("archive-invalid") != std::string::npos ||
              upgraded.err.find("content-mismatch") != std::string::npos)
      << upgraded.err;
  EXPECT_EQ(snapshot(serviceFolder("geohash")), before);
}

TEST_F(NodeService, Case56FullDiskIsRefusedWithAHint) {
  const std::string small = std::string(TENON_BINARY_DIR) + "/journey/small-disk";
  if (!std::filesystem::exists(small + "/is-small")) GTEST_SKIP() << "no small disk is mounted at " << small;
  useRoot(small + "/node");
  startHub();
  startAgent();
  publish(at("1.0.0"));
  const auto refused = tenon("install geohash");
  EXPECT_EQ(refused.status, 6) << refused.out << refused.err;
  EXPECT_NE(refused.err.find("error disk-full"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("hint"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("geohash")));
  endAgent(End::Asked);
  std::filesystem::remove_all(small + "/node");
}

TEST_F(NodeService, IsStartedAgainWhenItIsKilled) {
  serve();
  const auto before = status("geohash");
  killProcess(std::stol(before.at("pid")));
  ASSERT_TRUE(eventually([&] {
    auto row = status("geohash");
    return row["state"] == "ready" && row["pid"] != before.at("pid");
  }));
}

TEST_F(NodeService, OutlivesItsAgentAndIsAdopted) {
  serve();
  const auto before = status("geohash");
  for (const End how : {End::Killed, End::Asked}) {
    endAgent(how);
    EXPECT_NE(get(before.at("port"), "/health"), "");
    EXPECT_EQ(tenon("status").status, 7);
    startAgent();
    ASSERT_TRUE(eventually([&] { return status("geohash")["state"] == "ready"; }));
    EXPECT_EQ(status("geohash")["pid"], before.at("pid"));
  }
}

TEST_F(NodeService, StopsStartsAndLeavesNothing) {
  serve();
  const long pid = std::stol(status("geohash")["pid"]);
  ASSERT_EQ(tenon("stop geohash").status, 0);
  EXPECT_FALSE(isRunning(pid));
  ASSERT_EQ(tenon("start geohash").status, 0);
  EXPECT_EQ(status("geohash")["state"], "ready");
  ASSERT_EQ(tenon("remove geohash --purge").status, 0);
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("geohash")));
  EXPECT_TRUE(std::filesystem::is_empty(root() + "/run/instances"));
}

TEST_F(NodeService, Case59InstallersAtOnceLeaveOneWholeRelease) {
  startHub();
  startAgent();
  publish(at("1.0.0"));
  std::vector<Outcome> outcomes(4);
  std::vector<std::thread> installers;
  for (auto& outcome : outcomes) installers.emplace_back([&] { outcome = tenon("install geohash"); });
  for (auto& installer : installers) installer.join();
  int done = 0;
  for (const auto& outcome : outcomes) {
    done += outcome.status == 0;
    EXPECT_TRUE(outcome.status == 0 || outcome.err.find("busy") != std::string::npos) << outcome.err;
  }
  EXPECT_GE(done, 1);
  EXPECT_EQ(status("geohash")["state"], "ready");
}

}  // namespace tenon::host
