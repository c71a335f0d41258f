// Releases that come, go back, and fail: what becomes of the service meanwhile.
#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/journey/Journey.h"
#include "tests/journey/langid/Langid.h"

namespace tenon::host {

class Releases : public Journey {};

TEST_F(Releases, WarmUpgradeAndRollbackLeaveNoGap) {
  ASSERT_NO_FATAL_FAILURE(serve(langid("1.0.0")));
  publish(langid("1.1.0"), 1);
  std::atomic<bool> stop{false};
  std::atomic<int> asked{0}, failed{0};
  std::thread caller([&] {
    while (!stop) {
      ++asked;
      failed += get(status("langid")["port"], "/health").empty();
    }
  });
  EXPECT_EQ(tenon("upgrade langid").status, 0);
  EXPECT_EQ(tenon("rollback langid").status, 0);
  stop = true;
  caller.join();
  EXPECT_GT(asked, 5);
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(status("langid")["version"], "1.0.0");
}

TEST_F(Releases, ColdUpgradeThatFailsGoesBack) {
  startHub();
  startAgent();
  const auto cold = [&](const std::string& version) {
    const std::string folder = langid(version);
    replaceIn(folder + "/service.json", "\"warm\"", "\"cold\"");
    return folder;
  };
  publish(cold("1.0.0"));
  ASSERT_EQ(tenon("install langid").status, 0);
  const std::string bad = cold("1.1.0");
  isNeverHealthy(bad);
  replaceIn(bad + "/service.json", "\"startup_grace_ms\": 10000", "\"startup_grace_ms\": 1000");
  publish(bad, 1);
  const auto upgraded = tenon("upgrade langid");
  EXPECT_EQ(upgraded.status, 3) << upgraded.out << upgraded.err;
  EXPECT_NE(upgraded.err.find("health-timeout"), std::string::npos) << upgraded.err;
  auto row = status("langid");
  EXPECT_EQ(row["version"], "1.0.0");
  EXPECT_EQ(row["state"], "ready");
}

TEST_F(Releases, FirstReleaseThatFailsLeavesNothing) {
  startHub();
  startAgent();
  const std::string bad = langid("1.0.0");
  endsAtStart(bad, 7, "no reason");
  publish(bad);
  const auto installed = tenon("install langid");
  EXPECT_EQ(installed.status, 1) << installed.out << installed.err;
  EXPECT_NE(installed.err.find("exit 7"), std::string::npos) << installed.err;
  EXPECT_EQ(tenon("status langid").status, 4);
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("langid") + "/versions/1.0.0"));
}

TEST_F(Releases, NoActivateThenActivate) {
  ASSERT_NO_FATAL_FAILURE(serve(langid("1.0.0")));
  publish(langid("1.1.0"), 1);
  ASSERT_EQ(tenon("upgrade langid --no-activate").status, 0);
  EXPECT_EQ(status("langid")["version"], "1.0.0");
  ASSERT_EQ(tenon("activate langid@1.1.0").status, 0);
  EXPECT_EQ(status("langid")["version"], "1.1.0");
}

TEST_F(Releases, PlanTellsBeforeAByteMoves) {
  startHub();
  startAgent();
  publish(langid("1.0.0"));
  const auto plan = tenon("plan install langid -o json");
  ASSERT_EQ(plan.status, 0) << plan.err;
  const auto json = Json::parse(plan.out);
  ASSERT_TRUE(json) << plan.out;
  EXPECT_EQ(*json->member("to")->string(), "1.0.0");
  EXPECT_GT(*json->member("fetch_bytes")->integer(0, INT64_MAX), 1000);
  EXPECT_GT(*json->member("total_files")->integer(0, INT64_MAX), 3);
  EXPECT_EQ(tenon("plan install langid --detailed-exitcode").status, 2);
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("langid")));
}

}  // namespace tenon::host
