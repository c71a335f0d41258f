// What callers of a port that stays see while the service behind it changes: with load generators, of which not one request
// may fail.
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "tests/journey/Endpoint.h"

namespace tenon::host {
namespace {

// wrk on eight connections that stay, and hey, whose every request is on a new one.
class Load {
 public:
  explicit Load(const std::string& port) {
    const std::string url = "http://127.0.0.1:" + port + "/health";
    kept_ = std::make_unique<Background>(kWrk, std::vector<std::string>{"-t1", "-c8", "-d600s", "--timeout", "30s", url});
    anew_ = std::make_unique<Background>(kHey, std::vector<std::string>{"-z", "600s", "-c", "2", "-disable-keepalive", url});
  }
  static bool isHere() { return std::filesystem::exists(kWrk) && std::filesystem::exists(kHey); }

  // `cut`: a process was stopped with requests under way, which may be lost; one a connection.
  void expectNoFailure(bool cut = false) {
    const std::string kept = endOf(*kept_), anew = endOf(*anew_);
    EXPECT_NE(kept.find(" requests in "), std::string::npos) << kept;
    EXPECT_TRUE(cut || kept.find("Socket errors") == std::string::npos) << kept;
    EXPECT_EQ(kept.find("Non-2xx"), std::string::npos) << kept;
    EXPECT_NE(anew.find("  [200]\t"), std::string::npos) << anew;
    EXPECT_EQ(anew.find("  [502]\t"), std::string::npos) << anew;
    EXPECT_EQ(anew.find("  [503]\t"), std::string::npos) << anew;
    EXPECT_TRUE(cut || anew.find("Error distribution") == std::string::npos) << anew;
  }

 private:
  static constexpr const char *kWrk = "/usr/bin/wrk", *kHey = "/usr/bin/hey";

  static std::string endOf(Background& load) {
    kill(static_cast<pid_t>(load.pid()), SIGINT);
    EXPECT_TRUE(eventually([&] { return load.hasEnded(); }));
    return load.output();
  }
  std::unique_ptr<Background> kept_, anew_;
};

TEST_F(Endpoint, NoRequestFailsAcrossUpgradesAndRollbacks) {
  if (!Load::isHere()) GTEST_SKIP() << "wrk or hey is not here";
  ASSERT_NO_FATAL_FAILURE(serve());
  publish(at("1.1.0"), 1);
  Load load(kPort);
  EXPECT_EQ(tenon("upgrade langid").status, 0);
  const char* rounds = std::getenv("TENON_ROUNDS");  // .ci/full asks for twenty
  for (int i = 0; i < (rounds ? std::atoi(rounds) : 3); ++i) {
    EXPECT_EQ(tenon("rollback langid").status, 0);
    EXPECT_NE(health().find("1.0.0"), std::string::npos);
    EXPECT_EQ(tenon("activate langid@1.1.0").status, 0);
    EXPECT_NE(health().find("1.1.0"), std::string::npos);
  }
  load.expectNoFailure();
}

TEST_F(Endpoint, WhoAsksDuringAColdUpgradeIsHeldUntilTheNewOneServes) {
  if (!Load::isHere()) GTEST_SKIP() << "wrk or hey is not here";
  startHub();
  startAgent();
  publish(at("1.0.0", "cold"));
  ASSERT_EQ(tenon("install langid").status, 0);
  publish(at("1.1.0", "cold"), 1);
  Load load(kPort);
  EXPECT_EQ(tenon("upgrade langid").status, 0);
  EXPECT_NE(health().find("1.1.0"), std::string::npos);
  load.expectNoFailure(true);
}

}  // namespace
}  // namespace tenon::host
