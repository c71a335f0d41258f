#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tenon/executable.hpp"
#include "tenon/json.hpp"
#include "tests/plugins/GoldenCase.h"
#include "tests/plugins/PluginApart.h"
#include "tests/plugins/PluginLibrary.h"
#include "tests/support/DiskOffers.h"

namespace tenon::host {
namespace {

class Golden : public testing::TestWithParam<GoldenCase> {};

json::Value parsed(const std::string& text) {
  const json::Parsed value = json::parse(text);
  EXPECT_TRUE(value) << value.error << "\n" << text;
  return value ? *value : json::Value();
}

TEST_P(Golden, AnswersAsRecorded) {
  const TempFolder package;
  const PluginLibrary library(GetParam().driver);
  const PluginAnswer answer = library.plan(GetParam().prepare(package));
  if (const std::string plan = GetParam().read("plan.json"); !plan.empty()) {
    EXPECT_EQ(answer.code, TENON_OK) << answer.problem;
    EXPECT_EQ(answer.documents, 1);
    EXPECT_EQ(answer.problems, 0);
    EXPECT_EQ(parsed(answer.document), parsed(plan)) << answer.document;
    return;
  }
  const json::Value expected = parsed(GetParam().read("problem.json")), told = parsed(answer.problem);
  EXPECT_EQ(answer.documents, 0) << answer.document;
  EXPECT_EQ(answer.problems, 1);
  EXPECT_EQ(std::optional<std::int64_t>(answer.code), expected.find("code")->integer());
  ASSERT_NE(told.find("message"), nullptr);
  EXPECT_EQ(*told.find("message")->string(), *expected.find("message")->string());
  for (const auto& [mine, theirs] : std::map<std::string, std::string>{{"field", "field"}, {"error_code", "code"}}) {
    const json::Value *want = expected.find(mine), *have = told.find(theirs);
    EXPECT_EQ(want ? *want->string() : "", have ? *have->string() : "");
  }
}

TEST_P(Golden, AnswersTheSameBytesApart) {
  const TempFolder package;
  const PluginLibrary library(GetParam().driver);
  const std::string request = GetParam().prepare(package);
  PluginApart apart(GetParam().driver, package.path());
  if (!apart.possible()) GTEST_SKIP() << "not on this system: channels";
  const PluginAnswer here = library.plan(request), there = apart.plan(request);
  EXPECT_EQ(here.code, there.code);
  EXPECT_EQ(here.document, there.document);
  EXPECT_EQ(here.problem, there.problem);
}

TEST_P(Golden, AnswersTheSameBytesAThousandTimesAndOnEightThreads) {
  const TempFolder package;
  const PluginLibrary library(GetParam().driver);
  const std::string request = GetParam().prepare(package);
  const PluginAnswer first = library.plan(request);
  const auto same = [&] {
    for (int i = 0; i < 125; ++i) {
      const PluginAnswer again = library.plan(request);
      if (again.code != first.code || again.document != first.document || again.problem != first.problem) return false;
    }
    return true;
  };
  bool results[8] = {};
  std::vector<std::thread> threads;
  for (bool& result : results) threads.emplace_back([&] { result = same(); });
  for (auto& thread : threads) thread.join();
  for (const bool result : results) EXPECT_TRUE(result);
}

std::string title(const testing::TestParamInfo<GoldenCase>& info) {
  std::string text = info.param.driver + "_" + info.param.name;
  for (char& c : text) c = c == '-' ? '_' : c;
  return text;
}

INSTANTIATE_TEST_SUITE_P(Drivers, Golden, testing::ValuesIn(GoldenCase::ofThisSystem()), title);

TEST(PythonDriver, FindsAnInterpreterOnTheNodesSearchPathOnly) {
  const PluginLibrary library("python");
  const TempFolder node;
  const std::string request =
      R"({"schema":"tenon.fingerprint-request/1","platforms":["linux-x64"],"search_path":")" + node.text() + R"("})";
  EXPECT_NE(library.fingerprint(request).document.find("\"undetected\""), std::string::npos);

  TENON_NEEDS_SYMLINKS();
  std::filesystem::permissions(node.write("python3.11", "").text(), std::filesystem::perms::owner_all);
  std::filesystem::create_symlink("python3.11", node.text() + "/python3");
  tenon::Fingerprint expected({});
  tenon::describeLibc(expected.healthy());  // what every driver tells of the node's libraries
  expected.attribute("python.path", node.text() + "/python3").attribute("python.version", "3.11");
  EXPECT_EQ(library.fingerprint(request).document, expected.document());
}

// What is told of the version stands in files beside the program: nothing is started for it.
void expectToTell(const std::string& driver, const std::string& command, const std::map<std::string, std::string>& beside,
                  const std::string& version) {
  TENON_NEEDS_SYMLINKS();
  const PluginLibrary library(driver);
  const TempFolder node;
  const std::string request =
      R"({"schema":"tenon.fingerprint-request/1","platforms":["linux-x64"],"search_path":")" + node.text() + R"(/bin"})";
  EXPECT_NE(library.fingerprint(request).document.find("\"undetected\""), std::string::npos);
  std::filesystem::permissions(node.write("opt/bin/" + command, "").text(), std::filesystem::perms::owner_all);
  node.write("bin/none", "");
  std::filesystem::create_symlink("../opt/bin/" + command, node.text() + "/bin/" + command);
  for (const auto& [path, text] : beside) node.write("opt/" + path, text);
  const std::string found = library.fingerprint(request).document;
  EXPECT_NE(found.find("\"healthy\""), std::string::npos) << found;
  EXPECT_NE(found.find("\"" + driver + ".path\":\"" + node.text() + "/bin/" + command + "\""), std::string::npos) << found;
  EXPECT_NE(found.find("\"" + driver + ".version\":\"" + version + "\""), std::string::npos) << found;
}

TEST(NodeDriver, TellsTheVersionThatStandsInNodesHeaders) {
  expectToTell("node", "node",
               {{"include/node/node_version.h",
                 "#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 9\n#define NODE_PATCH_VERSION 1\n"}},
               "20.9.1");
}

TEST(JavaDriver, TellsTheVersionThatStandsInJavasReleaseFile) {
  expectToTell("java", "java", {{"release", "IMPLEMENTOR=\"Debian\"\nJAVA_VERSION=\"17.0.13\"\n"}}, "17.0.13");
}

}  // namespace
}  // namespace tenon::host
