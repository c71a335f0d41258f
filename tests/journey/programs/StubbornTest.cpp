// What does not behave as a service should: it ignores its signal, or takes its port where its supervisor is not its parent.
#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class Stubborn : public RealProgram {
 protected:
  std::string at(const std::string& version, const std::string& mode) {
    const std::string folder = package("stubborn", version, R"({
      "service_id": "stubborn", "version": "VERSION",
      "platforms": { "linux-x64": { "exec": { "type": "python", "entry": "stubborn.py" } } },
      "health_check": { "type": "http", "endpoint": "/", "interval_ms": 500 },
      "env_schema": {}, "env": { "MODE": ")" + mode + R"(" }, "stop": { "grace_ms": 300 },
      "upgrade": { "strategy": "warm", "probation_ms": 200, "drain_ms": 100 } })");
    place(source("python/stubborn.py"), folder + "/stubborn.py");
    return folder;
  }
  long answering() const { return std::atol(get(member("stubborn", "port"), "/").c_str()); }
};

TEST_F(Stubborn, WhatIgnoresTermIsKilledAfterItsGraceAndInAnUpgradeToo) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0", "deaf")));
  const long old = mainPid("stubborn");
  const auto upgraded = upgradeTo(at("1.1.0", "deaf"), 1);
  ASSERT_EQ(upgraded.status, 0) << upgraded.err;
  EXPECT_NE(answering(), old);
  EXPECT_EQ(processes("stubborn"), std::set<long>{answering()});
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("stubborn"));
  EXPECT_EQ(member("stubborn", "why"), "did not stop within 0.3 s, killed");
}

TEST_F(Stubborn, WhatTookItsPortIntoAnotherSessionGoesWithItsMainProcess) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0", "away")));
  const auto before = status("stubborn");
  const long away = answering();
  ASSERT_NE(away, mainPid("stubborn"));
  const std::string parent = shell("cut -d' ' -f4,6 /proc/" + std::to_string(away) + "/stat").out;
  EXPECT_EQ(parent.find(before.at("pid")), std::string::npos) << parent;
  killProcess(mainPid("stubborn"));
  ASSERT_TRUE(comesBack("stubborn", std::stol(before.at("pid"))));
  EXPECT_TRUE(haveEnded("stubborn", {away}));
  EXPECT_EQ(member("stubborn", "port"), before.at("port"));
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("stubborn"));
}

TEST_F(Stubborn, WhatTookItsPortIntoAnotherSessionIsAdoptedAndStopped) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0", "away")));
  const long away = answering();
  ASSERT_NO_FATAL_FAILURE(expectToOutliveTheAgent("stubborn", "/"));
  EXPECT_EQ(answering(), away);
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("stubborn"));
}

}  // namespace tenon::host
