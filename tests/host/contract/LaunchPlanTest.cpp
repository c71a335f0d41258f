#include "host/contract/service/LaunchPlan.h"

#include "host/base/Limits.h"
#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

std::string plan(const std::string& members) { return R"({"schema":"tenon.plan/1","program":"bin/x")" + members + "}"; }

TEST(LaunchPlan, ReadsWhatADriverAnswers) {
  const auto read = LaunchPlan::parse(R"({
    "schema": "tenon.plan/1", "kind": "process", "program": "runtime/python/bin/python3",
    "args": ["-u", "app/main.py", "--port=${SERVICE_PORT}"], "env": {"B": "2", "A": "${DATA_DIR}"}, "cwd": "app",
    "prepare": [{"program": "bin/setup", "args": ["x"], "env": {"C": ""}}, {"program": "y"}],
    "exit_codes": {"3": "model missing", "-1": "?"}, "future": {"is": "ignored"}, "must_understand": ["prepare"]})");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->program, "runtime/python/bin/python3");
  EXPECT_EQ(read->args.back(), "--port=${SERVICE_PORT}");
  EXPECT_EQ(read->env, (Environment{{"B", "2"}, {"A", "${DATA_DIR}"}}));
  EXPECT_EQ(read->cwd, "app");
  ASSERT_EQ(read->prepare.size(), 2U);
  EXPECT_EQ(read->prepare[0].env, (Environment{{"C", ""}}));
  EXPECT_EQ(read->exitCodes.at(3), "model missing");
  EXPECT_TRUE(read->driver.empty());
}

TEST(LaunchPlan, TakesDefaultsForWhatIsAbsent) {
  const auto read = LaunchPlan::parse(plan(""));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cwd, ".");
  EXPECT_TRUE(read->args.empty() && read->env.empty() && read->prepare.empty() && read->exitCodes.empty());
}

TEST(LaunchPlan, ReadsItsStoredFormBack) {
  LaunchPlan stored;
  stored.driver = "python";
  stored.driverVersion = "1.4.0";
  stored.program = "/usr/bin/python3";
  stored.args = {"a\"b", "\xe4\xb8\xad", ""};
  stored.env = {{"A", "first"}, {"B", "2"}, {"A", "last"}};
  stored.prepare = {{"x", {"y"}, {{"Z", "1"}}}};
  stored.exitCodes = {{3, "model missing"}};
  const auto read = LaunchPlan::parse(stored.toJson());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->driver, "python");
  EXPECT_EQ(read->driverVersion, "1.4.0");
  EXPECT_EQ(read->args, stored.args);
  EXPECT_EQ(read->env, (Environment{{"B", "2"}, {"A", "last"}})) << "later wins, and JSON has no duplicate keys";
  EXPECT_EQ(read->toJson(), stored.toJson());
}

TEST(LaunchPlan, RefusesWithPlanInvalidAndThePath) {
  const struct {
    std::string text;
    const char *field, *message;
  } cases[] = {
      {"", "", ""},
      {"[]", "", ""},
      {R"({"program":"x"})", "schema", "missing"},
      {R"({"schema":"tenon.plan/2","program":"x"})", "schema", "tenon.plan/1"},
      {R"({"schema":"tenon.plan/1"})", "program", "missing"},
      {R"({"schema":"tenon.plan/1","program":""})", "program", "empty"},
      {R"({"schema":"tenon.plan/1","program":"a\u0000b"})", "program", "NUL"},
      {plan(R"(,"kind":"hosted")"), "kind", "reserved"},
      {plan(R"(,"kind":"daemon")"), "kind", "process"},
      {plan(R"(,"args":"x")"), "args", "array"},
      {plan(R"(,"args":["x",1])"), "args[1]", "string"},
      {plan(R"(,"args":["a\u0000"])"), "args[0]", "NUL"},
      {plan(R"(,"env":{"A":1})"), "env.A", "string"},
      {plan(R"(,"env":{"A=B":"x"})"), "", "letters, digits"},
      {plan(R"(,"env":{"1A":"x"})"), "", "letters, digits"},
      {plan(R"(,"env":{"A":"x","A":"y"})"), "", ""},
      {plan(R"(,"cwd":"../x")"), "cwd", "in the package"},
      {plan(R"(,"cwd":"/tmp")"), "cwd", "in the package"},
      {plan(R"(,"prepare":[{"args":[]}])"), "prepare[0].program", "missing"},
      {plan(R"(,"exit_codes":{"x":"y"})"), "", "no exit status"},
      {plan(R"(,"exit_codes":{"99999999999":"y"})"), "", "no exit status"},
      {plan(R"(,"driver":"x")"), "", ""},
  };
  for (const auto& each : cases) {
    const auto read = LaunchPlan::parse(each.text);
    expectRefused(read, ErrorCode::PlanInvalid, each.message);
    if (*each.field && !read) {
      EXPECT_EQ(read.error().field(), each.field) << each.text;
    }
  }
}

TEST(LaunchPlan, RefusesMoreThanTheLimits) {
  std::string args = "\"a\"";
  for (std::size_t i = 0; i < limits::kArguments; ++i) args += ",\"a\"";
  expectRefused(LaunchPlan::parse(plan(",\"args\":[" + args + "]")), ErrorCode::PlanInvalid, "more than 1024 arguments");
  std::string env = "\"A\":\"\"";
  for (std::size_t i = 0; i < limits::kEnvironmentEntries; ++i) env += ",\"A" + std::to_string(i) + "\":\"\"";
  expectRefused(LaunchPlan::parse(plan(",\"env\":{" + env + "}")), ErrorCode::PlanInvalid, "more than 512 variables");
  expectRefused(LaunchPlan::parse(plan(",\"x\":\"" + std::string(2 * limits::kPluginDocumentBytes, 'a') + "\"")),
                ErrorCode::PlanInvalid, "");
}

TEST(LaunchPlan, RefusesWhatItMustUnderstandAndDoesNot) {
  const auto read = LaunchPlan::parse(plan(R"(,"sandbox":{},"must_understand":["args","sandbox"])"));
  expectRefused(read, ErrorCode::DriverIncompatible, "\"sandbox\"");
  EXPECT_NE(read.error().hint().find("upgrade tenon"), std::string::npos);
}

}  // namespace
}  // namespace tenon::host
