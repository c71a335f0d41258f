// A port that stays while the service behind it, the agent and the relay come and go.
#include <filesystem>

#include "tests/journey/Endpoint.h"

namespace tenon::host {

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
  const auto table = std::filesystem::last_write_time(root() + "/run/endpoints.json");
  startAgent();
  EXPECT_NE(health(), "");
  EXPECT_EQ(std::filesystem::last_write_time(root() + "/run/endpoints.json"), table)
      << "requests were held until the service had been asked for its health again";
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

}  // namespace tenon::host
