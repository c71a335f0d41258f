// Processes that want the same thing at the same time: one gets it, the others are told "busy" (case 59).
#include <algorithm>
#include <filesystem>

#include "tests/journey/Journey.h"
#include "tests/journey/langid/Langid.h"

namespace tenon::host {

class Races : public Journey {};

TEST_F(Races, Case59OfAgentsStartedAtOnceOneServesAndTheOthersAreBusy) {
  std::vector<std::unique_ptr<Background>> agents;
  for (int count = 0; count < 6; ++count) {
    agents.push_back(std::make_unique<Background>(TENON_PROGRAM, std::vector<std::string>{"--root", root(), "agent"}));
  }
  const auto running = [&] {
    return std::count_if(agents.begin(), agents.end(), [](auto& each) { return !each->hasEnded(); });
  };
  ASSERT_TRUE(eventually([&] { return running() == 1; }));
  ASSERT_TRUE(eventually([&] { return tenon("status").status == 0; }));
  EXPECT_EQ(running(), 1);
  for (auto& agent : agents) {
    if (agent->hasEnded()) {
      EXPECT_NE(agent->output().find("error busy: another agent runs for"), std::string::npos) << agent->output();
    }
  }
}

// Of a change that lasts as long as the test wants: its service is not healthy before a file is there.
TEST_F(Races, Case59WhileAServiceIsChangedOtherChangesOfItAreBusyAndThoseOfOthersPass) {
  const std::string slow = langid("2.0.0"), other = langid("1.0.0");
  replaceIn(slow + "/service.json", "\"service_id\": \"langid\"", "\"service_id\": \"slow\"");
  replaceIn(slow + "/service.json", "\"startup_grace_ms\": 10000", "\"startup_grace_ms\": 600000");
  isHealthyOnceToldSo(slow);
  startHub();
  startAgent();
  publish(slow);
  publish(other);
  ASSERT_EQ(tenon("--no-wait install slow").status, 0);
  const std::string data = serviceFolder("slow") + "/data";
  ASSERT_TRUE(
      eventually([&] { return std::filesystem::exists(data); }));  // it has been started, and is asked for its health

  for (const std::string change : {"install", "upgrade", "restart", "stop", "rollback", "prune", "remove"}) {
    const auto refused = tenon(change + " slow");
    EXPECT_EQ(refused.status, 10) << change << ": " << refused.out << refused.err;
    EXPECT_NE(refused.err.find("error busy"), std::string::npos) << change << ": " << refused.err;
  }
  const auto beside = tenon("install langid");
  EXPECT_EQ(beside.status, 0) << beside.out << beside.err;
  EXPECT_EQ(status("langid")["state"], "ready");
  const auto collected = tenon("gc");
  EXPECT_EQ(collected.status, 0) << collected.err;

  writeText(data + "/healthy", "");
  ASSERT_TRUE(eventually([&] { return tenon("restart slow").status == 0; }));  // its lock is free once it has proven itself
  EXPECT_EQ(status("slow")["state"], "ready");
}

}  // namespace tenon::host
