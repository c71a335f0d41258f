// What a node tells of itself: its settings, what keeps it from working well, and all of that in one file.
#include <gmock/gmock.h>

#include "tests/journey/Journey.h"
#include "tests/journey/langid/Langid.h"
#include "tests/support/DoctorFinding.h"

namespace tenon::host {

using testing::HasSubstr;
using testing::Not;

class Node : public Journey {
 protected:
  std::string finds(const std::string& check) {
    const auto told = tenon("doctor -o json");
    status_ = told.status;
    return doctorFinding(told.out, check);
  }
  int status_ = 0;
};

TEST_F(Node, TellsWhatKeepsItFromWorkingWell) {
  ASSERT_NO_FATAL_FAILURE(serve(langid("1.0.0")));
  EXPECT_EQ(finds("hub"), "ok: " + hubUrl() + " answers");
  EXPECT_EQ(status_, 0);
  EXPECT_EQ(finds("clock"), "ok: agrees with the hub's");
  EXPECT_EQ(finds("services"), "ok: 1 installed");
  EXPECT_THAT(finds("drivers"), HasSubstr("ok: argv"));
  EXPECT_EQ(finds("trust"), "ok: mode keys, by the release keys it was given");

  expectDone(tenon("stop langid"));
  EXPECT_EQ(finds("service langid"), "") << "stopped is what was asked for";

  stopHub();
  EXPECT_THAT(finds("hub"), HasSubstr("failed: " + hubUrl() + ": "));
  EXPECT_EQ(status_, 1);
  endAgent(End::Asked);
  EXPECT_THAT(finds("agent"), HasSubstr("failed: no agent answers"));
}

TEST_F(Node, TellsWhoDecidedEachSetting) {
  startHub();
  writeText(root() + "/agent.properties", "isolation_least = none\n");
  startAgent();
  const auto told = tenon("config show --origin");
  expectDone(told);
  EXPECT_THAT(told.out, testing::ContainsRegex("hub +" + hubUrl() + " +flag\n"));
  EXPECT_THAT(told.out, testing::ContainsRegex("isolation_least +none +.*agent\\.properties\n"));
  EXPECT_THAT(told.err, Not(HasSubstr("no agent answers")));
}

TEST_F(Node, ReportsAFaultInOneFileWithoutWhatServicesAreSetToAndWrite) {
  ASSERT_NO_FATAL_FAILURE(serve(langid("1.0.0")));
  const std::string failing = langid("2.0.0");
  endsAtStart(failing, 3, "s3cret");
  publish(failing);
  EXPECT_EQ(tenon("upgrade langid").status, 3);
  expectDone(tenon("bug-report --out " + path("report.json")));
  const std::string text = readText(path("report.json"));
  const Json report = Json::parse(text).value();
  for (const std::string part : {"node", "trust", "keys", "drivers", "services", "changes"}) {
    EXPECT_TRUE(report.find(part)) << part;
    EXPECT_FALSE(report.find(part)->find("error")) << report.find(part)->text();
  }
  EXPECT_THAT(text, HasSubstr("\"service_id\": \"langid\""));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  EXPECT_FALSE(report.stringsOr("events", {}).value().empty());
}

}  // namespace tenon::host
