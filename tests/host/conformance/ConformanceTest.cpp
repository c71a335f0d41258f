#include "host/conformance/Conformance.h"

#include <Poco/SharedLibrary.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "host/conformance/CheckPages.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;

class Conformance : public testing::Test {
 protected:
  static Path trial(const std::string& name) { return Path(TENON_TRIALS) / (name + Poco::SharedLibrary::suffix()); }
  ConformanceTools tools() { return {machine_.adapter(), clock_, Path(TENON_PLUGIN_HOST), Path(TENON_PROGRAM), "0.0.1"}; }
  static constexpr std::size_t kDocuments = 500;  // odd ones: what they break is broken by then
  ConformanceOptions optionsFor(const Path& library) const {
    return {.pluginFile = library, .golden = {}, .service = {}, .keep = folder_ / "kept", .documents = kDocuments};
  }
  // Two recorded answers of the driver: one plan, one refusal.
  Path golden(const std::string& environment = "{}") const {
    const std::string request =
        R"({"schema":"tenon.plan-request/1","service_id":"s","version":"1.0.0","platform":"linux-x64","package_dir":"@PACKAGE@","exec":{"type":"trial")";
    folder_.write("golden/planned/request.json", request + R"(,"entry":"server","args":["--port","${SERVICE_PORT}"]}})");
    folder_.write("golden/planned/package.txt", "text server\n");
    folder_.write("golden/planned/plan.json",
                  R"({"schema":"tenon.plan/1","program":"server","args":["--port","${SERVICE_PORT}"],
      "cwd":".","prepare":[],"exit_codes":{},"env":)" +
                      environment + "}");
    folder_.write("golden/refused/request.json", request + "}}");
    folder_.write("golden/refused/problem.json", R"({"code":1,"message":"name the program","field":"exec.entry"})");
    return folder_ / "golden";
  }
  // One that serves; `mode` as of tests/host/runtime/Server.cpp.
  Path service(const std::string& mode) const {
    const bool windows = std::string(Poco::SharedLibrary::suffix()) == ".dll";
    const std::string program = windows ? "server.exe" : "server";
    std::filesystem::create_directories(TempFolder::native(folder_ / "service"));
    std::filesystem::copy_file(TENON_TEST_SERVER, TempFolder::native(folder_ / "service" / program));
    folder_.write("service/service.json",
                  R"({"service_id":"served","version":"1.0.0","platforms":{"linux-x64":)" + variant(program, mode) +
                      R"(,"windows-x64":)" + variant(program, mode) +
                      R"(},"health_check":{"type":"http","endpoint":"/health","startup_grace_ms":30000,"interval_ms":100},
      "env_schema":{},"stop":{"grace_ms":)" +
                      (mode == "stubborn" ? "300" : "10000") + "}}");
    return folder_ / "service";
  }
  static std::string variant(const std::string& program, const std::string& mode) {
    return R"({"exec":{"type":"trial","entry":")" + program + R"(","mode":")" + mode +
           R"("},"files":{"requires":["service.json"]}})";
  }

  // That check fails for that reason, and no other does.
  CheckResult onlyOneFails(const ConformanceReport& report, std::string_view id) {
    CheckResult failed;
    EXPECT_EQ(report.checks.size(), kChecks);
    for (const auto& each : report.checks) {
      EXPECT_EQ(each.verdict == CheckVerdict::Fail, each.id == id) << each.id << ": " << each.why;
      if (each.id == id) failed = each;
    }
    EXPECT_EQ(report.outcome(), "failed");
    return failed;
  }
  static CheckResult row(const ConformanceReport& report, std::string_view id) {
    const auto found =
        std::find_if(report.checks.begin(), report.checks.end(), [&](const auto& each) { return each.id == id; });
    return found == report.checks.end() ? CheckResult{} : *found;
  }

  MachineFiles machine_;
  SystemClock clock_;
  TempFolder folder_;
};

TEST_F(Conformance, AGoodDriverPassesEveryCheck) {
  auto options = optionsFor(trial("trial-nothing"));
  options.golden = golden();
  options.service = service("");
  options.documents = limits::kOddDocuments;
  std::vector<std::string> told;
  const auto report = checkPlugin(tools(), options, [&](std::string_view id, std::size_t done, std::size_t of) {
    EXPECT_LT(done, of);
    told.emplace_back(id);
  });
  ASSERT_TRUE(report) << report.error().message();
  const bool seen = machine_.adapter().ownState().has_value();
  for (const auto& each : report->checks) {
    const bool unseen = each.id == check::kLoads && !seen;
    EXPECT_EQ(name(each.verdict), unseen ? "skip" : "pass") << each.id << ": " << each.why;
    EXPECT_EQ(each.kept, "");
  }
  EXPECT_EQ(report->outcome(), "passed");
  EXPECT_EQ(report->plugin + " " + report->version, "trial-nothing 1.0.0");
  EXPECT_EQ(told.back(), check::kLaunch);
  EXPECT_FALSE(folder_.exists("kept"));
}

TEST_F(Conformance, WithoutAPlanItIsInconclusive) {
  const auto report = checkPlugin(tools(), optionsFor(trial("trial-nothing")));
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(report->failed());
  EXPECT_EQ(report->outcome(), "inconclusive");
  EXPECT_EQ(row(*report, check::kGolden).why, "no vectors are given: --golden DIR");
  EXPECT_EQ(row(*report, check::kLaunch).why, "no service is given: --service DIR");
}

struct Broken {
  std::string plugin;
  std::string_view check;
  std::string why;
  std::string environment = "{}";  // that it plans, and that is recorded so
};
std::ostream& operator<<(std::ostream& out, const Broken& broken) { return out << broken.plugin; }

class BrokenRule : public Conformance, public testing::WithParamInterface<Broken> {};

TEST_P(BrokenRule, FailsItsCheckAndNoOther) {
  const Broken& broken = GetParam();
  if (broken.check == check::kLoads && !machine_.adapter().ownState()) GTEST_SKIP() << "this adapter does not tell it";
  auto options = optionsFor(trial(broken.plugin));
  options.golden = golden(broken.environment);
  const auto report = checkPlugin(tools(), options);
  ASSERT_TRUE(report) << report.error().message();
  const CheckResult failed = onlyOneFails(*report, broken.check);
  EXPECT_THAT(failed.why, HasSubstr(broken.why));
}

INSTANTIATE_TEST_SUITE_P(
    Drivers, BrokenRule,
    testing::Values(Broken{"trial-types", check::kManifest, "it plans an exec type that it does not provide"},
                    Broken{"trial-promises", check::kManifest, "the manifest provides fortran, and the library refuses it"},
                    Broken{"trial-table", check::kManifest, "offers no tenon.driver/1"},
                    Broken{"trial-minor", check::kManifest, "name different ABI versions"},
                    Broken{"trial-digest", check::kManifest, "names another SHA-256 than the library has"},
                    Broken{"trial-exports", check::kExports, " besides: "},
                    Broken{"trial-leaves", check::kLoads, "TENON_TRIAL_LEFT=1"},
                    Broken{"trial-counts", check::kRepeatable, "planned again in a row it gave"},
                    Broken{"trial-threads", check::kRepeatable, "planned again by 8 threads it gave"},
                    Broken{"trial-names", check::kRepeatable, "the host can't read its plan", R"({"1 NAME":"x"})"},
                    Broken{"trial-environment", check::kHosting, "SEEN"},
                    Broken{"trial-crash", check::kNonsense, "crashed while it planned"},
                    Broken{"trial-hangs", check::kNonsense, "no answer within 5000 ms"},
                    Broken{"trial-fieldless", check::kNonsense, "its refusal names no field"},
                    Broken{"trial-narrow", check::kMembers, "a member that it does not know changes its answer"},
                    Broken{"trial-careless", check::kMembers, "must_understand names a member that it cannot know"},
                    Broken{"trial-stubborn", check::kEnds, "returns code 0 though the host took no document"},
                    Broken{"trial-fingerprint", check::kEnds, "health"}),
    [](const testing::TestParamInfo<Broken>& each) { return each.param.plugin.substr(6); });

TEST_F(Conformance, TellsEachThingThatIsLeftBehind) {
  if (!machine_.adapter().ownState()) GTEST_SKIP() << "this adapter does not tell it";
  auto options = optionsFor(trial("trial-leaves"));
  options.golden = golden();
  const auto report = checkPlugin(tools(), options);
  ASSERT_TRUE(report) << report.error().message();
  for (const std::string left : {"thread left: ", "descriptor left: ", "/dev/null", "signal handler left: 2 ignored",
                                 "environment left: TENON_TRIAL_LEFT=1", "locale was C, is C.UTF-8"}) {
    EXPECT_THAT(row(*report, check::kLoads).why, HasSubstr(left));
  }
}

TEST_F(Conformance, AnAnswerThatIsNotAsRecordedFailsGoldenVectorsAlone) {
  auto options = optionsFor(trial("trial-nothing"));
  options.golden = golden();
  folder_.write("golden/planned/plan.json", R"({"schema":"tenon.plan/1","program":"other"})");
  const auto report = checkPlugin(tools(), options);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(onlyOneFails(*report, check::kGolden).why, "golden planned: its program is \"server\", recorded is \"other\"");
}

TEST_F(Conformance, AServiceThatEndsAtOnceFailsTheLaunchAlone) {
  auto options = optionsFor(trial("trial-ends"));
  options.service = service("");
  const auto report = checkPlugin(tools(), options);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_THAT(onlyOneFails(*report, check::kLaunch).why, HasSubstr("it did not become ready"));
}

TEST_F(Conformance, AServiceThatDoesNotEndWithinItsGraceFailsTheLaunchAlone) {
  if (std::string(Poco::SharedLibrary::suffix()) == ".dll") GTEST_SKIP() << "its program is stubborn on POSIX alone";
  auto options = optionsFor(trial("trial-nothing"));
  options.service = service("stubborn");
  const auto report = checkPlugin(tools(), options);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_THAT(onlyOneFails(*report, check::kLaunch).why, HasSubstr("did not stop within 0.3 s"));
}

TEST_F(Conformance, Case78TheCallThatItCrashedInIsKeptAndCanBeMadeAgain) {
  auto options = optionsFor(trial("trial-crash"));
  options.golden = golden();
  const auto report = checkPlugin(tools(), options);
  ASSERT_TRUE(report) << report.error().message();
  const std::string kept = row(*report, check::kNonsense).kept;
  ASSERT_EQ(kept, (folder_ / "kept/trial-crash-survives-nonsense.json").text());
  auto call = KeptCall::parse(folder_.read("kept/trial-crash-survives-nonsense.json")).value();
  const auto again = replayCall(tools(), call);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::DriverCrashed);
  call.pluginFile = trial("trial-nothing");  // mended
  const auto mended = replayCall(tools(), call);
  ASSERT_TRUE(mended) << mended.error().message();
  EXPECT_EQ(mended->code, TENON_INVALID);
  EXPECT_THAT(mended->told("field"), HasSubstr("exec.args"));
}

TEST_F(Conformance, Case77ALibraryThatIsNoneLeavesNothingToCheckButItsFiles) {
  folder_.write("x" + Poco::SharedLibrary::suffix(), "no library");
  folder_.write(
      "x.plugin.json",
      R"({"schema":"tenon.plugin/1","name":"x","version":"1.0.0","family":"runtime-driver","provides":["x"],"abi":{"major":1}})");
  const auto report = checkPlugin(tools(), optionsFor(folder_ / ("x" + Poco::SharedLibrary::suffix())));
  ASSERT_TRUE(report) << report.error().message();
  for (const auto& each : report->checks) {
    const bool read = each.id == check::kManifest || each.id == check::kExports;
    EXPECT_EQ(name(each.verdict), read ? "fail" : "skip") << each.id << ": " << each.why;
  }
}

TEST_F(Conformance, WhatIsNotThereIsAnErrorAndNoVerdict) {
  EXPECT_EQ(checkPlugin(tools(), optionsFor(trial("trial-none"))).error().code(), ErrorCode::NotFound);
  auto options = optionsFor(trial("trial-nothing"));
  options.golden = folder_ / "none";
  EXPECT_EQ(checkPlugin(tools(), options).error().code(), ErrorCode::NotFound);
}

class ShippedDriver : public Conformance, public testing::WithParamInterface<std::string> {
 protected:
  // All, but on Windows those whose paths mean nothing there: a file "posix" marks them.
  Path vectors() const {
    const bool windows = std::string(Poco::SharedLibrary::suffix()) == ".dll";
    for (const auto& each : std::filesystem::directory_iterator(TENON_SOURCE_DIR "/tests/plugins/golden/" + GetParam())) {
      if (windows && std::filesystem::exists(each.path() / "posix")) continue;
      const auto copy = TempFolder::native(folder_ / ("golden/" + each.path().filename().string()));
      std::filesystem::create_directories(copy);
      std::filesystem::copy(each.path(), copy, std::filesystem::copy_options::recursive);
    }
    return folder_ / "golden";
  }
};

TEST_P(ShippedDriver, PassesWithItsGoldenVectors) {
  auto options = optionsFor(Path(TENON_PLUGINS) / (GetParam() + Poco::SharedLibrary::suffix()));
  options.golden = vectors();
  options.documents = 4 * kDocuments;
  const auto report = checkPlugin(tools(), options);
  ASSERT_TRUE(report) << report.error().message();
  for (const auto& each : report->checks)
    EXPECT_NE(name(each.verdict), "fail") << each.id << ": " << each.why << ' ' << each.kept;
  EXPECT_EQ(report->outcome(), "passed");
}

INSTANTIATE_TEST_SUITE_P(Drivers, ShippedDriver, testing::Values("argv", "java", "node", "python", "rust"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace tenon::host
