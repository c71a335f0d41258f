#include "host/base/Json.h"
#include "tests/host/cli/CommandRun.h"

namespace tenon::host {

using testing::HasSubstr;
using testing::StartsWith;

class Validate : public CommandRun {
 protected:
  Validate() {
    folder_.write("app/main.py", "");
    write(R"("app/main.py")");
  }
  void write(const std::string& needed, const std::string& args = R"("${SERVICE_PORT}")") {
    folder_.write("service.json", R"({
  "service_id": "greeter", "version": "1.0.0",
  "platforms": {
    ")" + platform() + R"(": {
      "exec": { "type": "argv", "program": "greeter", "args": [)" +
                                      args + R"(] },
      "files": { "requires": [)" + needed +
                                      R"(] }
    }
  },
  "health_check": {}, "env_schema": {}
})");
  }
  std::string platform() { return machine_.adapter().facts().platforms.front(); }
  Ran validateFolder() { return tenon({"validate", folder_.text()}); }
};

TEST_F(Validate, SaysOkOfWhatIsRight) {
  EXPECT_EQ(validateFolder().out, "ok  " + path("service.json") + "\n");
  EXPECT_EQ(validateFolder().status, 0);
}

TEST_F(Validate, LooksAtTheFlatFormAsAPackageForThisMachine) {
  folder_.write("service.json", R"({"id": "a", "version": "1.0.0", "port": 6007, "exec": {"command": "greeter"}})");
  const auto ran = validateFolder();
  EXPECT_EQ(ran.out,
            "  note    the flat form: looked at as a package for " + platform() + "\nok  " + path("service.json") + "\n");
  EXPECT_EQ(ran.status, 0);
  folder_.write("service.json", R"({"id": "a", "version": "1.0.0",
  "exec": {"command": "greeter", "args": ["${SERVICE_PROT}"]}})");
  EXPECT_THAT(validateFolder().out, HasSubstr("SERVICE_PROT"));
  EXPECT_EQ(validateFolder().status, 1);
}

TEST_F(Validate, TellsEveryFaultWithItsLineAndColumn) {
  folder_.write("service.json", R"({ "version": "1.0.0",
  "platforms": {
    "linux-x64": { "exec": { "type": 7 } },
    "windows-x64": { "exec": {} }
  },
  "health_check": { "endpoint": "/héalth", "type": "http" }, "env_schema": {}, "isolation": "total" })");
  const auto found = validateFolder();
  const std::string file = path("service.json");
  EXPECT_EQ(found.status, 1);
  EXPECT_THAT(found.out, HasSubstr(file + ":1:1: the document (line 1): \"service_id\" is missing\n"));
  EXPECT_THAT(found.out, HasSubstr(file + ":3:38: platforms.linux-x64.exec.type (line 3): expected a string"));
  EXPECT_THAT(found.out, HasSubstr(file + ":4:30: platforms.windows-x64.exec (line 4): \"type\" is missing\n"));
  EXPECT_THAT(found.out, HasSubstr(file + ":6:33: health_check.endpoint (line 6): expected a path"));
  EXPECT_THAT(found.out, HasSubstr(file + ":6:93: isolation (line 6): expected one of"));
  EXPECT_THAT(found.out, HasSubstr("\n5 faults\n"));
}

TEST_F(Validate, TellsWhereTheTextIsNoJson) {
  folder_.write("service.json", "{\n  \"version\": 1.0.0 }");
  EXPECT_THAT(validateFolder().out,
              StartsWith(path("service.json") + ":2:17: line 2, column 17: expected ',' or '}', found '.'\n1 fault\n"));
}

TEST_F(Validate, AnswersAsJson) {
  write(R"("app/")", R"("${POTR}")");
  const auto found = tenon({"validate", folder_.text(), "-o", "json"});
  EXPECT_EQ(found.status, 1);
  const auto document = Json::parse(found.out);
  ASSERT_TRUE(document) << found.out;
  EXPECT_EQ(document->find("valid")->boolean().value(), false);
  const Json fault = document->find("faults")->array().value().at(0);
  EXPECT_EQ(fault.find("code")->string().value(), "plan-invalid");
  EXPECT_EQ(fault.find("field")->string().value(), "platforms." + platform() + ".exec.args[0]");
  EXPECT_EQ(fault.find("line")->integer(5, 5).value(), 5);
  EXPECT_EQ(fault.find("column")->integer(64, 64).value(), 64);
}

TEST_F(Validate, OfAFolderTellsWhatPackingWouldRefuse) {
  write(R"("app/", "models/")");
  const auto found = validateFolder();
  EXPECT_EQ(found.status, 1);
  EXPECT_THAT(found.out, StartsWith(path("service.json") + ":6:39: platforms."));
  EXPECT_THAT(found.out, HasSubstr("files.requires: models/ is not there\n1 fault\n"));
  EXPECT_EQ(tenon({"validate", path("service.json")}).status, 0) << "the document alone";
}

TEST_F(Validate, TakesForAFaultWhatADriverSaysOfTheFolderAndNotWhatThisMachineLacks) {
  servers_.fault =
      Error(ErrorCode::PlanInvalid, "the package has no file x").withField("platforms." + platform() + ".exec.program");
  const auto found = validateFolder();
  EXPECT_EQ(found.status, 1);
  EXPECT_THAT(found.out, StartsWith(path("service.json") + ":5:44: platforms."));
  EXPECT_EQ(tenon({"validate", path("service.json")}).status, 0) << "the document alone";
  servers_.fault = Error(ErrorCode::DriverMissing, "no driver for exec type \"argv\"");
  const auto noted = validateFolder();
  EXPECT_EQ(noted.status, 0);
  EXPECT_THAT(noted.out, StartsWith("  note    no driver here can plan it: no driver for exec type \"argv\"\nok  "));
}

TEST_F(Validate, OfAFolderWithoutOneSaysHowToBegin) {
  const auto missing = tenon({"validate", path("app")});
  EXPECT_EQ(missing.status, 4);
  EXPECT_THAT(missing.err, HasSubstr("tenon init makes a service to begin with"));
  EXPECT_EQ(tenon({"validate", path("nowhere")}).status, 4);
}

}  // namespace tenon::host
