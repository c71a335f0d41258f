#include "host/base/Json.h"
#include "tests/host/cli/CommandRun.h"
#include "tests/support/DoctorFinding.h"

namespace tenon::host {

using testing::HasSubstr;
using testing::Not;

class Doctor : public CommandRun {
 protected:
  std::string finds(const std::string& root, const std::string& check) {
    const auto told = tenon({"--root", root, "doctor", "-o", "json"});
    status_ = told.status;
    return doctorFinding(told.out, check);
  }
  int status_ = 0;
};

TEST_F(Doctor, WithoutAnAgentTellsWhatThisMachineTells) {
  EXPECT_EQ(finds(folder_.text(), "folder"), "ok: " + folder_.text() + " can be written");
  EXPECT_THAT(finds(folder_.text(), "disk"), HasSubstr(" are free"));
  EXPECT_THAT(finds(folder_.text(), "containment"), HasSubstr(machine_.adapter().facts().containment));
  EXPECT_EQ(finds(folder_.text(), "hub"), "warning: none is configured");
  EXPECT_THAT(finds(folder_.text(), "agent"), HasSubstr("failed: no agent answers"));
  EXPECT_EQ(status_, 1);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.text())) << "nothing stays of a look";
}

TEST_F(Doctor, TellsOfARootThatIsNotThere) {
  EXPECT_EQ(finds(path("none"), "folder"), "warning: " + path("none") + " is not there");
  EXPECT_FALSE(folder_.exists("none"));
}

TEST_F(Doctor, ForPeopleEachCheckIsALineAndWhatToDoIsBelowIt) {
  const auto told = tenon({"--root", folder_.text(), "doctor"});
  EXPECT_THAT(told.out, HasSubstr("ok       folder: " + folder_.text() + " can be written\n"));
  EXPECT_THAT(told.out, HasSubstr("warning  hub: none is configured\n         → tenon agent --hub URL, TENON_HUB, or "));
}

TEST_F(Doctor, TellsOfAHubThatDoesNotAnswer) {
  servers_.settled = {{"hub", "http://127.0.0.1:1", "TENON_HUB"}};
  EXPECT_THAT(finds(folder_.text(), "hub"), HasSubstr("failed: http://127.0.0.1:1"));
}

class BugReport : public CommandRun {};

TEST_F(BugReport, WithoutAnAgentHoldsWhatLiesOnDisk) {
  folder_.write("events.jsonl", std::string(70'000, 'x') + "\n{\"id\":7,\"what\":\"http://me:s3cret@hub/x\"}\n");
  servers_.settled = {{"hub", "http://me:s3cret@127.0.0.1:1", "flag"}, {"log_file", path("agent.log"), "flag"}};
  folder_.write("agent.log", "first\nlast\n");
  const auto told = tenon({"--root", folder_.text(), "bug-report", "--out", path("report.json")});
  EXPECT_EQ(told.status, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("read it before you give it away"));
  const std::string text = folder_.read("report.json");
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  const auto report = Json::parse(text).value();
  EXPECT_EQ(report.stringsOr("events", {}).value(), std::vector<std::string>{R"({"id":7,"what":"http://(removed)@hub/x"})"});
  EXPECT_EQ(report.stringsOr("log", {}).value(), (std::vector<std::string>{"first", "last"}));
  EXPECT_THAT(report.member("node").value().stringOr("error", "").value(), HasSubstr("no agent answers"));
  EXPECT_FALSE(report.member("checks").value().array().value().empty());
}

TEST_F(BugReport, IsNotWrittenOverAFolder) {
  folder_.write("taken/file", "");
  EXPECT_NE(tenon({"--root", folder_.text(), "bug-report", "--out", path("taken")}).status, 0);
  EXPECT_TRUE(folder_.exists("taken/file"));
}

}  // namespace tenon::host
