// A Node.js service that carries its own Node, through its whole life and on every platform: node.exe on Windows. What may
// go wrong with a release is told by the journeys of langid.
#include <filesystem>

#include "tests/journey/Journey.h"

namespace tenon::host {

class NodeService : public Journey {
 protected:
  void SetUp() override {
    first_ = geohash("1.0.0");
    if (!first_) GTEST_SKIP() << "npm gave no Node for " << platformName();
  }
  std::string member(const std::string& name) const { return status("geohash")[name]; }
  std::string health() const { return get(member("port"), "/health"); }

  void installs() {
    ASSERT_NO_FATAL_FAILURE(serve(*first_));
    auto row = status("geohash");
    EXPECT_EQ(row["state"], "ready") << row["why"];
    EXPECT_EQ(row["platform"], platformName());
    EXPECT_EQ(get(row["port"], "/encode?lat=57.64911&lon=10.40744&length=11"), R"({"hash":"u4pruydqqvj"})");
    EXPECT_NE(tenon("logs geohash").out.find("geohash answers on"), std::string::npos);
  }
  // From a plan by driver argv to one by driver node, and back.
  void upgradesAndGoesBack() {
    const std::string next = *geohash("1.1.0"), ending = platformName() == "windows-x64" ? ".exe" : "";
    replaceIn(next + "/service.json",
              R"("type": "argv", "program": "runtime/node/bin/node)" + ending + R"(", "args": ["app/main.js", )",
              R"("type": "node", "entry": "app/main.js", "args": [)");
    publish(next, 1);
    const auto upgraded = tenon("upgrade geohash");
    expectDone(upgraded);
    EXPECT_NE(upgraded.out.find("(3 of "), std::string::npos) << upgraded.out;
    EXPECT_NE(health().find("1.1.0"), std::string::npos);
    expectDone(tenon("rollback geohash"));
    EXPECT_NE(health().find("1.0.0"), std::string::npos);
  }
  void isStartedAgainWhenItIsKilled() {
    const long pid = std::stol(member("pid"));
    killProcess(pid);
    ASSERT_TRUE(comesBack("geohash", pid));
  }
  void outlivesItsAgentAndIsAdopted() {
    const auto before = status("geohash");
    for (const End how : {End::Killed, End::Asked}) {
      endAgent(how);
      EXPECT_NE(get(before.at("port"), "/health"), "");
      EXPECT_EQ(tenon("status").status, 7);
      startAgent();
      ASSERT_TRUE(eventually([&] { return member("state") == "ready"; }));
      EXPECT_EQ(member("pid"), before.at("pid"));
    }
  }
  void stopsAndStarts() {
    const long pid = std::stol(member("pid"));
    expectDone(tenon("stop geohash"));
    EXPECT_FALSE(isRunning(pid));
    expectDone(tenon("start geohash"));
    EXPECT_EQ(member("state"), "ready");
  }
  void leavesNothing() {
    expectDone(tenon("remove geohash --purge"));
    EXPECT_FALSE(std::filesystem::exists(serviceFolder("geohash")));
    EXPECT_TRUE(std::filesystem::is_empty(root() + "/run/instances"));
  }

 private:
  std::optional<std::string> first_;
};

TEST_F(NodeService, FromItsFirstReleaseToItsRemoval) {
  ASSERT_NO_FATAL_FAILURE(installs());
  ASSERT_NO_FATAL_FAILURE(upgradesAndGoesBack());
  ASSERT_NO_FATAL_FAILURE(isStartedAgainWhenItIsKilled());
  ASSERT_NO_FATAL_FAILURE(stopsAndStarts());
  ASSERT_NO_FATAL_FAILURE(outlivesItsAgentAndIsAdopted());
  ASSERT_NO_FATAL_FAILURE(leavesNothing());
}

}  // namespace tenon::host
