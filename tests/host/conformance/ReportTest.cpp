#include "host/conformance/Report.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "host/conformance/Answer.h"
#include "host/conformance/CheckPages.h"
#include "host/conformance/KeptCall.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

TEST(CheckPages, AreWhatTheDocumentSays) {
  std::ifstream file(TENON_SOURCE_DIR "/docs/conformance.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), checkPagesAsMarkdown()) << "make it anew: tenon explain checks-as-markdown > docs/conformance.md";
}

TEST(CheckPages, AreFoundByTheirId) {
  EXPECT_EQ(checkPage("golden-vectors")->id, check::kGolden);
  EXPECT_EQ(checkPage("golden"), nullptr);
}

TEST(ConformanceReport, IsPassedWhereNothingFailedAndSomethingWasPlanned) {
  ConformanceReport report{
      .plugin = "acme.shell", .version = "1.0.0", .content = {}, .tenon = "0.1.0", .at = {}, .checks = {}};
  report.checks = {{"manifest-valid", CheckVerdict::Pass, "", ""}, {"golden-vectors", CheckVerdict::Skip, "none", ""}};
  EXPECT_EQ(report.outcome(), "inconclusive");
  report.planned = true;
  EXPECT_EQ(report.outcome(), "passed");
  report.checks[1] = {"golden-vectors", CheckVerdict::Fail, "other", "failed-calls/a.json"};
  EXPECT_EQ(report.outcome(), "failed");
  EXPECT_EQ(report.document().text(),
            R"({"schema":"tenon.conformance/1","plugin":"acme.shell","version":"1.0.0","library_sha256":")" +
                std::string(64, '0') +
                R"(","tenon":"0.1.0","at":"1970-01-01T00:00:00.000Z","seed":0,"outcome":"failed","checks":[)"
                R"({"id":"manifest-valid","verdict":"pass","why":""},)"
                R"({"id":"golden-vectors","verdict":"fail","why":"other","call":"failed-calls/a.json"}]})");
}

TEST(Answers, AreJudgedByTheRulesOfTheAbi) {
  const auto fault = [](std::int32_t code, const std::vector<std::string>& documents,
                        const std::vector<std::string>& problems) {
    AnswerSink sink;
    for (const auto& each : documents) sink.sink()->document(sink.sink()->ctx, {each.data(), each.size()});
    for (const auto& each : problems) sink.sink()->problem(sink.sink()->ctx, code, {each.data(), each.size()});
    return brokenRule(sink.returned(code), "tenon.plan/1").value_or("");
  };
  const std::string plan = R"({"schema":"tenon.plan/1"})", problem = R"({"message":"no"})";
  EXPECT_EQ(fault(TENON_OK, {plan}, {}), "");
  EXPECT_EQ(fault(TENON_INVALID, {}, {problem}), "");
  EXPECT_EQ(fault(99, {}, {}), "it returned code 99, which is none");
  EXPECT_EQ(fault(TENON_OK, {}, {}), "it succeeded with 0 documents, not one");
  EXPECT_EQ(fault(TENON_OK, {plan, plan}, {}), "it succeeded with 2 documents, not one");
  EXPECT_EQ(fault(TENON_OK, {plan}, {problem}), "it succeeded, and told a problem");
  EXPECT_EQ(fault(TENON_OK, {R"({"schema":"tenon.fingerprint/1"})"}, {}),
            "its document is no tenon.plan/1: its schema says otherwise");
  EXPECT_NE(fault(TENON_OK, {"{"}, {}), "");
  EXPECT_EQ(fault(TENON_OK, {std::string((1u << 20) + 1, ' ')}, {}), "its document is larger than 1 MiB");
  EXPECT_EQ(fault(TENON_INVALID, {plan}, {problem}), "it gave a document, and code 1");
  EXPECT_EQ(fault(TENON_INVALID, {}, {}), "it returned code 1 and told 0 problems, not one");
  EXPECT_EQ(fault(TENON_INVALID, {}, {problem, problem}), "it returned code 1 and told 2 problems, not one");
  EXPECT_EQ(fault(TENON_INVALID, {}, {"{}"}), "its problem has no message");
  EXPECT_EQ(fault(TENON_INTERNAL, {}, {problem}), "it says that it is its own bug: no");
}

TEST(KeptCalls, ComeBackByteByByte) {
  MachineFiles machine;
  const TempFolder folder;
  for (const std::string& request : {std::string("{\"a\":\"\xC3\xA9\"}"), std::string("\xFF\0{", 3)}) {
    KeptCall call{"acme.shell", "1.0.0",     Path("/p/acme.shell.so"), Path("/g"), "survives-nonsense", true,
                  request,      "it crashed"};
    const Path file = keepCall(*machine, folder / "calls", call).value();
    const auto read = KeptCall::parse(machine->readAll(file, 1 << 20).value()).value();
    EXPECT_EQ(read.request, request);
    EXPECT_EQ(read.pluginFile, call.pluginFile);
    EXPECT_EQ(read.golden, call.golden);
    EXPECT_TRUE(read.plan);
  }
  EXPECT_TRUE(folder.exists("calls/acme.shell-survives-nonsense.json"));
  EXPECT_TRUE(folder.exists("calls/acme.shell-survives-nonsense-2.json"));
  EXPECT_FALSE(KeptCall::parse(R"({"schema":"tenon.plugin-call/1","operation":"dance","request":""})"));
}

}  // namespace
}  // namespace tenon::host
