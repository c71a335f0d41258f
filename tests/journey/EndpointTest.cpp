// What callers of a port that stays see, while the service behind it comes, goes and changes: with a load generator.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "tests/journey/Journey.h"
#include "tests/journey/Posix.h"

namespace tenon::host {
namespace {

class Endpoint : public Journey {
 protected:
  static constexpr const char* kPort = "5941";  // the test's alone: journeys run one at a time

  std::string at(const std::string& version, const std::string& strategy = "warm") {
    const std::string folder = langid(version);
    replaceIn(folder + "/service.json", "\"warm\"", "\"" + strategy + "\"");
    replaceIn(folder + "/service.json", "\"drain_ms\": 100", "\"drain_ms\": 500");
    replaceIn(folder + "/service.json",
              "\"env_schema\":", "\"endpoint\": { \"port\": " + std::string(kPort) + " },\n  \"env_schema\":");
    return folder;
  }
  void serve() { Journey::serve(at("1.0.0")); }
  std::string health() const { return get(kPort, "/health"); }
  long relayPid() const {
    const auto found =
        shell("cat " + root() + "/run/instances/tenon.relay.*.json | sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p'");
    return found.out.empty() ? 0 : std::stol(found.out);
  }
};

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

TEST_F(Endpoint, OutlivesTheAgent) {
  ASSERT_NO_FATAL_FAILURE(serve());
  const auto before = status("langid");
  EXPECT_EQ(before.at("endpoint"), "127.0.0.1:" + std::string(kPort));
  const std::string told = tenon("status langid").out;
  EXPECT_NE(told.find("endpoint: 127.0.0.1:" + std::string(kPort)), std::string::npos) << told;
  const long relay = relayPid();
  ASSERT_NE(relay, 0);
  endAgent(End::Killed);
  EXPECT_NE(health(), "") << "nobody is left but the service and the relay";
  startAgent();
  EXPECT_NE(health(), "");
  EXPECT_EQ(status("langid")["pid"], before.at("pid"));
  EXPECT_EQ(relayPid(), relay);
}

TEST_F(Endpoint, ARelayThatDiesIsStartedAgain) {
  ASSERT_NO_FATAL_FAILURE(serve());
  const long relay = relayPid();
  killProcess(relay);
  EXPECT_TRUE(eventually([&] { return !health().empty(); }));
  EXPECT_NE(relayPid(), relay);
}

TEST_F(Endpoint, SaysThatAServiceIsStoppedAndGoesWithIt) {
  ASSERT_NO_FATAL_FAILURE(serve());
  ASSERT_EQ(tenon("stop langid").status, 0);
  EXPECT_EQ(health(), "the service is not running\n");
  ASSERT_EQ(tenon("start langid").status, 0);
  EXPECT_NE(health().find("1.0.0"), std::string::npos);
  const long relay = relayPid();
  ASSERT_EQ(tenon("remove langid --purge").status, 0);
  EXPECT_EQ(health(), "");
  EXPECT_FALSE(isRunning(relay)) << "nobody has an endpoint any more";
}

TEST_F(Endpoint, TwoServicesCannotHaveOne) {
  ASSERT_NO_FATAL_FAILURE(serve());
  const std::string other = at("2.0.0");
  replaceIn(other + "/service.json", "\"service_id\": \"langid\"", "\"service_id\": \"other\"");
  publish(other);
  const auto refused = tenon("install other");
  EXPECT_EQ(refused.status, 6) << refused.out << refused.err;
  EXPECT_NE(refused.err.find("error port-taken: endpoint.port " + std::string(kPort) + " is that of langid"),
            std::string::npos)
      << refused.err;
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("other") + "/versions"));
  EXPECT_NE(health(), "");
}

}  // namespace
}  // namespace tenon::host
