// `tenon set`: what the node's owner sets for a service outlives its versions.
#include "tests/journey/AgentLife.h"

namespace tenon::host {

class Settings : public AgentLife {};

TEST_F(Settings, AreKeptAcrossUpgradesUntilTheyAreTakenAway) {
  startHub();
  startAgent();
  EXPECT_EQ(tenon("set langid GREETING=good_day").status, 0) << "before it is installed";
  publish(langid("1.0.0"));
  expectDone(tenon("install langid"));
  const auto set = tenon("set langid LEVEL=2 PATH_OF=${SERVICE_HOME}");
  EXPECT_EQ(set.out, "GREETING=good_day\nLEVEL=2\nPATH_OF=${SERVICE_HOME}\n");
  EXPECT_NE(set.err.find("does not name LEVEL"), std::string::npos) << set.err;
  EXPECT_NE(set.err.find("tenon restart langid"), std::string::npos) << set.err;
  expectDone(tenon("restart langid"));
  publish(langid("2.0.0"));
  expectDone(tenon("upgrade langid"));
  EXPECT_EQ(tenon("set langid --unset LEVEL --unset PATH_OF").out, "GREETING=good_day\n");
  EXPECT_EQ(tenon("set langid -o json").out,
            "{\"environment\":{\"GREETING\":\"good_day\"},\"undeclared\":[\"GREETING\"]}\n");

  EXPECT_EQ(tenon("set langid SERVICE_PORT=80").status, 64);
  EXPECT_EQ(tenon("set langid GREETING").status, 64);
  EXPECT_EQ(tenon("set langid HOSTS=${NOBODY}").status, 64);
  EXPECT_EQ(tenon("set langid").out, "GREETING=good_day\n");
  expectDone(tenon("remove langid"));
  EXPECT_EQ(tenon("set langid").out, "");
}

}  // namespace tenon::host
