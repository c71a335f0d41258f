#include "tenon/fields.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tenon/driver.hpp"
#include "tests/support/TempFolder.h"

namespace tenon {
namespace {

json::Value parsed(const char* text) { return *json::parse(text).value; }

template <class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const Problem& problem) {
    return problem.document();
  }
  return "no problem";
}

TEST(Fields, NameTheMemberThatIsWrong) {
  const auto value = parsed(R"({"entry": 5, "args": ["a", 7], "nul": "a\u0000b", "n": 1.5, "t": "true"})");
  const Fields exec(&value, "exec");
  EXPECT_EQ(refusal([&] { (void)exec.string("entry"); }), R"({"message":"expected a string","field":"exec.entry"})");
  EXPECT_EQ(refusal([&] { (void)exec.list("args"); }), R"({"message":"expected a string","field":"exec.args[1]"})");
  EXPECT_EQ(refusal([&] { (void)exec.string("nul"); }), R"({"message":"holds a NUL character","field":"exec.nul"})");
  EXPECT_EQ(refusal([&] { (void)exec.integer("n"); }), R"({"message":"expected a whole number","field":"exec.n"})");
  EXPECT_EQ(refusal([&] { (void)exec.boolean("t"); }), R"({"message":"expected true or false","field":"exec.t"})");
  EXPECT_EQ(refusal([&] { (void)exec.string("gone").orInvalid("name it"); }),
            R"({"message":"name it","field":"exec.gone"})");
}

TEST(Fields, GiveWhatIsThereOrTheDefault) {
  const auto value = parsed(R"({"cwd": "app", "args": ["a", "b"]})");
  const Fields exec(&value, "exec");
  EXPECT_EQ(exec.string("cwd").orInvalid(""), "app");
  EXPECT_EQ(exec.string("gone").otherwise("x"), "x");
  EXPECT_EQ(exec.list("args").otherwise({}).size(), 2u);
  EXPECT_FALSE(Fields(nullptr, "fingerprint").has("anything"));
}

TEST(PackagePath, StaysInsideThePackage) {
  const PackageDir package("/pkg");
  for (const char* good : {"a", "a/b", "./a", "a/../b", "a/.."}) EXPECT_TRUE((package / good).inside()) << good;
  for (const char* bad : {"", "/etc/passwd", "..", "a/../../b", "a\\b", "C:/x"})
    EXPECT_FALSE((package / bad).inside()) << bad;
}

TEST(PackagePath, ReadsHereAndWritesForThePlan) {
  const host::TempFolder folder;
  folder.write("app/main.py", "print()");
  const PackageDir package(folder.text());
  EXPECT_TRUE((package / "app/main.py").isFile());
  EXPECT_FALSE((package / "app").isFile());
  EXPECT_TRUE((package / "app").exists());
  EXPECT_FALSE((package / "app/../../").exists());
  EXPECT_EQ((package / "app/${X}.py").text(), "${SERVICE_HOME}/app/$${X}.py");
}

TEST(Text, EscapesOnlyWhatTheMachineSaid) {
  const auto facts = parsed(R"({"path": "/opt/${odd}/$x"})");
  const Fields fingerprint(&facts, "fingerprint");
  EXPECT_EQ(Text(fingerprint.string("path")).text(), "/opt/$${odd}/$x");
  EXPECT_EQ(Text("--port=${SERVICE_PORT}").text(), "--port=${SERVICE_PORT}");
  EXPECT_EQ(Text::literal("$${").text(), "$$${");
  EXPECT_NE(refusal([&] { (void)Text(fingerprint.string("gone")); }).find("resource-missing"), std::string::npos);
}

}  // namespace
}  // namespace tenon
