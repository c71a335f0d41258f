#include "host/driver/InProcessDriver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/support/ReadOnlyFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;

Release release() {
  return {ServiceId::parse("sample").value(), SemVer::parse("1.2.3").value(), PlatformId::parse("linux-x64").value()};
}

class CalledDriver : public testing::Test {
 protected:
  Result<std::unique_ptr<Driver>> open(const char* folder, const std::string& name) {
    const auto plugins = loader_.loadFolder(Path(folder), PluginLoader::Trust::Installed);
    for (const auto& plugin : *plugins) {
      if (plugin.manifest.name == name) return InProcessDriver::open(plugin, {"linux-x64"}, package_.text());
    }
    return Error(ErrorCode::NotFound, name);
  }
  PlanRequest request(const std::string& exec) {
    return {release(), package_.path(), Json::parse(exec).value(), "", std::nullopt, {"linux-x64"}};
  }
  Error refusal(const std::string& name) {
    auto driver = open(TENON_BAD_PLUGINS, name);
    if (!driver) return driver.error();
    auto plan = (*driver)->plan(request("{}"), {});
    return plan ? Error(ErrorCode::Internal, "it planned") : plan.error();
  }

  ReadOnlyFiles files_;
  NullLog log_;
  PluginLoader loader_{files_, log_};
  TempFolder package_;
};

TEST_F(CalledDriver, PlansThroughTheRealLibrary) {
  package_.write("app/main.py", "");
  package_.write("runtime/python/bin/python3", "#!/bin/sh\n");
  auto driver = open(TENON_PLUGINS, "python");
  ASSERT_TRUE(driver) << driver.error().message();
  EXPECT_EQ((*driver)->hosting(), "in-process");
  const auto plan =
      (*driver)->plan(request(R"({"type":"python","entry":"app/main.py","args":["--port","${SERVICE_PORT}"]})"), {});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->driver, "python");
  EXPECT_EQ(plan->driverVersion, "0.1.0");
  EXPECT_EQ(plan->program, "${SERVICE_HOME}/runtime/python/bin/python3");
  EXPECT_THAT(plan->args, testing::ElementsAre("-u", "-B", "${SERVICE_HOME}/app/main.py", "--port", "${SERVICE_PORT}"));
  EXPECT_THAT(plan->env, testing::Contains(std::pair<std::string, std::string>("PYTHONNOUSERSITE", "1")));
  EXPECT_EQ(LaunchPlan::parse(plan->toJson()).value().args, plan->args);
}

TEST_F(CalledDriver, HandsOnTheFingerprintAndThePolicy) {
  package_.write("app/main.py", "");
  auto driver = open(TENON_PLUGINS, "python");
  ASSERT_TRUE(driver);
  const auto found = (*driver)->fingerprint();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->health, Fingerprint::Health::Undetected);
  EXPECT_THAT(found->why, HasSubstr("no python3"));

  PlanRequest wanted = request(R"({"type":"python","entry":"app/main.py"})");
  const auto none = (*driver)->plan(wanted, *found);
  EXPECT_EQ(none.error().code(), ErrorCode::ResourceMissing);
  const Fingerprint there{Fingerprint::Health::Healthy, "", {{"python.path", "/opt/py"}}};
  EXPECT_EQ((*driver)->plan(wanted, there).value().program, "/opt/py");
  wanted.systemRuntime = false;
  EXPECT_EQ((*driver)->plan(wanted, there).error().code(), ErrorCode::PlanInvalid);
}

TEST_F(CalledDriver, NamesTheMemberOfServiceJsonThatIsWrong) {
  auto driver = open(TENON_PLUGINS, "python");
  ASSERT_TRUE(driver);
  const Fingerprint there{Fingerprint::Health::Healthy, "", {{"python.path", "/opt/py"}}};
  const auto plan = (*driver)->plan(request(R"({"type":"python","entry":"gone.py"})"), there);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code(), ErrorCode::PlanInvalid);
  EXPECT_EQ(plan.error().field(), "platforms.linux-x64.exec.entry");
  EXPECT_EQ(plan.error().message(), "driver python 0.1.0: the package has no file gone.py");
}

TEST_F(CalledDriver, Case78ABadAnswerIsAnErrorThatNamesTheDriver) {
  for (const auto& [name, code, what] : std::vector<std::tuple<std::string, ErrorCode, std::string>>{
           {"plan", ErrorCode::PlanInvalid, ""},
           {"silent", ErrorCode::DriverCrashed, "without an answer"},
           {"huge", ErrorCode::LimitExceeded, "1048576"},
           {"code", ErrorCode::DriverCrashed, "99"},
           {"demands", ErrorCode::DriverIncompatible, "sandbox"},
           {"open", ErrorCode::DriverCrashed, "does not open"},
           {"family", ErrorCode::DriverIncompatible, "tenon.driver/1"}}) {
    const Error error = refusal(name);
    EXPECT_EQ(host::name(error.code()), host::name(code)) << name << ": " << error.message();
    EXPECT_THAT(error.message(), HasSubstr("driver " + name + " 2.0.0"));
    EXPECT_THAT(error.message(), HasSubstr(what));
  }
}

// The library is asked, since its manifest promises it, and answers for itself.
TEST_F(CalledDriver, Case79ATypeThatTheManifestAloneProvidesIsRefusedByTheLibrary) {
  const TempFolder plugins;
  const std::string library = "argv" TENON_LIBRARY_SUFFIX;
  std::filesystem::copy(TENON_PLUGINS "/" + library, TempFolder::native(plugins / library));
  plugins.write("argv.plugin.json",
                R"({"schema": "tenon.plugin/1", "name": "argv", "version": "0.1.0", "family": "runtime-driver",
    "provides": ["fortran"], "abi": {"major": 1, "minor_min": 0}})");
  auto driver = open(plugins.text().c_str(), "argv");
  ASSERT_TRUE(driver) << driver.error().message();
  const auto plan = (*driver)->plan(request(R"({"type":"fortran","program":"app/main"})"), {});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code(), ErrorCode::PlanInvalid);
  EXPECT_EQ(plan.error().field(), "platforms.linux-x64.exec.type");
  EXPECT_THAT(plan.error().message(), HasSubstr("driver argv 0.1.0"));
}

TEST_F(CalledDriver, ASecondAnswerIsRefused) { EXPECT_NE(refusal("twice").message(), "it planned"); }

TEST_F(CalledDriver, AFingerprintThatCannotBeReadIsAnError) {
  auto driver = open(TENON_BAD_PLUGINS, "fingerprint");
  ASSERT_TRUE(driver);
  const auto found = (*driver)->fingerprint();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::DriverCrashed);
  EXPECT_THAT(found.error().message(), HasSubstr("driver fingerprint 2.0.0"));
}

TEST_F(CalledDriver, ARequestPastTheLimitIsRefusedBeforeTheCall) {
  auto driver = open(TENON_PLUGINS, "argv");
  ASSERT_TRUE(driver);
  const auto plan = (*driver)->plan(request(R"({"type":"argv","program":")" + std::string(1u << 20, 'x') + "\"}"), {});
  EXPECT_EQ(plan.error().code(), ErrorCode::LimitExceeded);
}

}  // namespace
}  // namespace tenon::host
