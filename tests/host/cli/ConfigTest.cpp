#include "tests/host/cli/CommandRun.h"

namespace tenon::host {

using testing::HasSubstr;

class Config : public CommandRun {};

TEST_F(Config, WithoutAnAgentTellsWhatOneWouldGoBy) {
  const auto shown = tenon({"--root", folder_.text(), "config", "show", "--origin"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_EQ(shown.out, "KEY     VALUE        ORIGIN\nhub                  default\nlisten  127.0.0.1:0  " +
                           path("agent.properties") + "\n");
  EXPECT_THAT(shown.err, HasSubstr("no agent answers"));
}

TEST_F(Config, AnswersAsJson) {
  const auto shown = tenon({"--root", folder_.text(), "config", "show", "-o", "json"});
  EXPECT_THAT(shown.out, HasSubstr(R"({"key":"hub","value":"","origin":"default"})"));
}

}  // namespace tenon::host
