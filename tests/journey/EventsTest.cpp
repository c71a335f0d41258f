// `tenon events`: what happened and what happens, across agents.
#include <sstream>

#include "host/base/Json.h"
#include "tests/journey/AgentLife.h"

namespace tenon::host {

class Events : public AgentLife {
 protected:
  // The ids that a follower has written, of events without a gap.
  static std::vector<std::int64_t> ids(const std::string& lines) {
    std::vector<std::int64_t> found;
    std::istringstream each(lines);
    for (std::string line; std::getline(each, line);) {
      const auto event = Json::parse(line);
      if (event && event->isObject() && event->find("id")) found.push_back(event->integerOr("id", 0, 0, INT64_MAX).value());
    }
    return found;
  }
  std::string written() const { return readText(root() + "/events.jsonl"); }
};

TEST_F(Events, AreFollowedFromOneAgentToTheNextWithoutAGap) {
  serve();
  const std::string table = tenon("events langid --tail 3").out;
  EXPECT_NE(table.find("service-ready"), std::string::npos) << table;
  EXPECT_EQ(table.find("agent-started"), std::string::npos) << "of one service only";
  EXPECT_EQ(tenon("events --tail 2 -o jsonl").out, written().substr(written().rfind('\n', written().rfind("\n{") - 1) + 1));

  Background follower(TENON_PROGRAM, {"--root", root(), "events", "-f", "--tail", "1", "-o", "jsonl"});
  ASSERT_TRUE(eventually([&] { return !ids(follower.output()).empty(); }));
  killProcess(std::stol(status("langid")["pid"]));
  ASSERT_TRUE(eventually([&] { return follower.output().find("service-backoff") != std::string::npos; }))
      << follower.output();
  endAgent(End::Killed);
  startAgent();
  ASSERT_TRUE(eventually([&] { return ids(follower.output()).back() == ids(written()).back(); })) << follower.output();
  follower.kill();
  const auto followed = ids(follower.output());
  for (std::size_t at = 1; at < followed.size(); ++at) EXPECT_EQ(followed[at], followed[at - 1] + 1) << follower.output();
  EXPECT_NE(follower.output().find("agent-started"), std::string::npos);
}

TEST_F(Events, OfAWrongServiceOrWithoutAnAgentAreRefused) {
  startAgent();
  EXPECT_EQ(tenon("events Not-An-Id").status, 5);
  EXPECT_EQ(tenon("events --tail many").status, 64);
  EXPECT_EQ(tenon("events nobody -o json").out, "{\"events\":[]}\n");
  endAgent(End::Asked);
  EXPECT_EQ(tenon("events").status, 7);
  EXPECT_EQ(tenon("events --follow").status, 7) << "there has to be one to begin with";
}

}  // namespace tenon::host
