#include "host/base/Json.h"
#include "tests/host/cli/CommandRun.h"

namespace tenon::host {

using testing::HasSubstr;

class Doctor : public CommandRun {
 protected:
  // What it finds of `check`: its verdict, then why.
  std::string finds(const std::string& root, const std::string& check) {
    const auto told = tenon({"--root", root, "doctor", "-o", "json"});
    status_ = told.status;
    const auto document = Json::parse(told.out);
    EXPECT_TRUE(document) << told.out << told.err;
    if (!document) return "";
    const auto rows = document->find("checks")->array().value();
    for (const auto& row : rows) {
      if (row.stringOr("check", "").value() == check)
        return row.stringOr("verdict", "").value() + ": " + row.stringOr("why", "").value();
    }
    return "";
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

}  // namespace tenon::host
