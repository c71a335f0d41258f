#include "host/driver/PluginDriver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "host/driver/DriverCatalog.h"
#include "host/driver/PluginHosts.h"
#include "tests/host/driver/CollectedLog.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;

Release release() {
  return {ServiceId::parse("sample").value(), SemVer::parse("1.2.3").value(), PlatformId::parse("linux-x64").value()};
}

// One driver, called in either hosting: all that is expected is expected of both.
class CalledDriver : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!isolated()) return;
    Channels* channels = machine_.adapter().channels();
    if (!channels) GTEST_SKIP() << "not on this system: channels";
    hosts_.emplace(*channels, log_, PluginHostSetting{Path(TENON_PLUGIN_HOST), {package_.path()}, {}});
  }
  bool isolated() const { return std::string(GetParam()) == "isolated"; }

  Plugin find(const char* folder, const std::string& name) {
    loader_.emplace(*machine_, log_, hosts_ ? &*hosts_ : nullptr);
    const auto plugins =
        loader_->loadFolder(Path(folder), isolated() ? PluginLoader::Trust::Developer : PluginLoader::Trust::Installed);
    for (const auto& plugin : *plugins) {
      if (plugin.manifest.name == name) return plugin;
    }
    throw std::runtime_error("no plugin " + name);
  }
  Result<std::unique_ptr<Driver>> open(const char* folder, const std::string& name) {
    const Plugin plugin = find(folder, name);
    if (plugin.state != PluginState::Ready) return Error(ErrorCode::NotFound, plugin.why);
    std::unique_ptr<DriverCalls> calls;
    if (isolated()) {
      calls = callsIsolated(plugin, clock_);
    } else {
      TENON_TRY(calls, callsInProcess(plugin));
    }
    return std::unique_ptr<Driver>(std::make_unique<PluginDriver>(plugin.manifest, std::move(calls),
                                                                  std::vector<std::string>{"linux-x64"}, package_.text()));
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

  MachineFiles machine_;
  FakeClock clock_;
  CollectedLog log_;
  TempFolder package_;
  std::optional<PluginHosts> hosts_;
  std::optional<PluginLoader> loader_;
};

INSTANTIATE_TEST_SUITE_P(Hosted, CalledDriver, testing::Values("in-process", "isolated"), [](const auto& hosting) {
  return std::string(hosting.param) == "isolated" ? "Apart" : "InProcess";
});

TEST_P(CalledDriver, PlansThroughTheRealLibrary) {
  package_.write("app/main.py", "");
  package_.write("runtime/python/bin/python3", "#!/bin/sh\n");
  auto driver = open(TENON_PLUGINS, "python");
  ASSERT_TRUE(driver) << driver.error().message();
  EXPECT_EQ((*driver)->hosting(), GetParam());
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

TEST_P(CalledDriver, HandsOnTheFingerprintAndThePolicy) {
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

TEST_P(CalledDriver, NamesTheMemberOfServiceJsonThatIsWrong) {
  auto driver = open(TENON_PLUGINS, "python");
  ASSERT_TRUE(driver);
  const Fingerprint there{Fingerprint::Health::Healthy, "", {{"python.path", "/opt/py"}}};
  const auto plan = (*driver)->plan(request(R"({"type":"python","entry":"gone.py"})"), there);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code(), ErrorCode::PlanInvalid);
  EXPECT_EQ(plan.error().field(), "platforms.linux-x64.exec.entry");
  EXPECT_EQ(plan.error().message(), "driver python 0.1.0: the package has no file gone.py");
}

TEST_P(CalledDriver, Case78ABadAnswerIsAnErrorThatNamesTheDriver) {
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
TEST_P(CalledDriver, Case79ATypeThatTheManifestAloneProvidesIsRefusedByTheLibrary) {
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

TEST_P(CalledDriver, ASecondAnswerIsRefused) { EXPECT_NE(refusal("twice").message(), "it planned"); }

TEST_P(CalledDriver, AFingerprintThatCannotBeReadIsAnError) {
  auto driver = open(TENON_BAD_PLUGINS, "fingerprint");
  ASSERT_TRUE(driver);
  const auto found = (*driver)->fingerprint();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::DriverCrashed);
  EXPECT_THAT(found.error().message(), HasSubstr("driver fingerprint 2.0.0"));
}

TEST_P(CalledDriver, ARequestPastTheLimitIsRefusedBeforeTheCall) {
  auto driver = open(TENON_PLUGINS, "argv");
  ASSERT_TRUE(driver);
  const auto plan = (*driver)->plan(request(R"({"type":"argv","program":")" + std::string(1u << 20, 'x') + "\"}"), {});
  EXPECT_EQ(plan.error().code(), ErrorCode::LimitExceeded);
}

// What std::abort() ends a process with.
const char* const kAborted = std::string(TENON_LIBRARY_SUFFIX) == ".dll" ? "with exit status 3" : "by signal 6 (SIGABRT)";

// Each by what the exec block asks for (bad/Bad.cpp).
class IsolatedDriver : public CalledDriver {
 protected:
  void SetUp() override {
    CalledDriver::SetUp();
    if (IsSkipped()) return;
    auto opened = open(TENON_BAD_PLUGINS, "moody");
    ASSERT_TRUE(opened) << opened.error().message();
    driver_ = *std::move(opened);
  }
  Result<LaunchPlan> plan(const std::string& mood) { return driver_->plan(request(R"({"mood":")" + mood + "\"}"), {}); }

  std::unique_ptr<Driver> driver_;
};

INSTANTIATE_TEST_SUITE_P(Hosted, IsolatedDriver, testing::Values("isolated"),
                         [](const auto&) { return std::string("Apart"); });

TEST_P(IsolatedDriver, Case78ACrashIsANamedErrorAndTheNextCallIsServed) {
  EXPECT_EQ(plan("calm").value().program, "a");
  const auto crashed = plan("abort");
  ASSERT_FALSE(crashed);
  EXPECT_EQ(crashed.error().code(), ErrorCode::DriverCrashed);
  EXPECT_EQ(crashed.error().message(), std::string("driver moody 2.0.0 crashed while it planned: it ended ") + kAborted);
  EXPECT_EQ(plan("calm").value().program, "a");
  EXPECT_THAT(plan("exit").error().message(), HasSubstr("it ended with exit status 3"));
  EXPECT_EQ(plan("calm").value().program, "a");
}

TEST_P(IsolatedDriver, Case78OneThatHangsIsGivenUp) {
  const auto hung = plan("hang");
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().code(), ErrorCode::DriverCrashed);
  EXPECT_THAT(hung.error().message(), HasSubstr("no answer within 5000 ms"));
  EXPECT_EQ(plan("calm").value().program, "a");
}

TEST_P(IsolatedDriver, Case78AFloodIsCutAndSpoilsNoAnswer) {
  EXPECT_EQ(plan("flood").value().program, "a");
  const auto isOfTheFlood = [](const std::string& line) { return line.find(" plugin: xxx") != std::string::npos; };
  EXPECT_EQ(std::count_if(log_.lines.begin(), log_.lines.end(), isOfTheFlood), 49) << "and what it said when it was opened";
  EXPECT_LE(log_.lines.back().size(), 4096u + 20);
  EXPECT_EQ(plan("print").value().program, "a");
}

TEST_P(IsolatedDriver, ItWritesNothing) {
  if (!machine_.adapter().facts().isolation.files()) GTEST_SKIP() << machine_.adapter().facts().isolation.filesWhy;
  EXPECT_EQ(plan("write").value().program, "refused");
  EXPECT_FALSE(package_.exists("written"));
}

TEST_P(IsolatedDriver, ItReachesNoNetwork) {
  if (std::string(TENON_LIBRARY_SUFFIX) == ".dll") GTEST_SKIP() << "on Windows it may use the network";
  EXPECT_EQ(plan("connect").value().program, "refused");
}

// A word in its own manifest must not bring it into this process.
TEST_P(IsolatedDriver, WhatSaysThatItIsNoDriverIsNotLoadedAtAll) {
  const TempFolder plugins;
  const std::string library = std::string("stillborn") + TENON_LIBRARY_SUFFIX;
  std::filesystem::copy(TENON_BAD_PLUGINS "-stillborn/" + library, TempFolder::native(plugins / library));
  plugins.write("stillborn.plugin.json", R"({"schema": "tenon.plugin/1", "name": "stillborn", "version": "2.0.0",
    "family": "platform-adapter", "provides": ["x"], "abi": {"major": 1, "minor_min": 0}})");
  const Plugin plugin = find(plugins.text().c_str(), "stillborn");
  EXPECT_EQ(plugin.state, PluginState::Refused);
  EXPECT_THAT(plugin.why, HasSubstr("is no runtime driver"));
}

TEST_P(IsolatedDriver, TwoCallersAreServedOneAfterTheOther) {
  std::vector<std::thread> callers;
  std::array<bool, 4> served = {};
  for (bool& one : served) callers.emplace_back([&] { one = static_cast<bool>(plan("calm")); });
  for (auto& caller : callers) caller.join();
  EXPECT_THAT(served, testing::Each(true));
}

TEST_P(IsolatedDriver, ThreeCrashesInTenMinutesAndItIsLeftAlone) {
  const auto ready = [&] { return !driver_->quarantined(); };
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(ready());
    clock_.advance(std::chrono::minutes(3));
    EXPECT_EQ(plan("abort").error().code(), ErrorCode::DriverCrashed);
  }
  const auto left = plan("calm");
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code(), ErrorCode::DriverQuarantined);
  EXPECT_EQ(left.error().message(),
            "driver moody 2.0.0 crashed 3 times within 10 minutes and is left alone for another 240 s");
  clock_.advance(std::chrono::minutes(4));
  EXPECT_TRUE(ready());
  EXPECT_EQ(plan("calm").value().program, "a");
}

TEST_P(IsolatedDriver, TheCatalogueTellsAQuarantine) {
  DriverCatalog catalog({"linux-x64"}, package_.text(), clock_);
  catalog.add(find(TENON_BAD_PLUGINS, "moody"));
  ASSERT_EQ(catalog.list().at(0).state, "ready");
  EXPECT_EQ(catalog.list().at(0).hosting, "isolated");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(catalog.plan("moody", std::nullopt, request(R"({"mood":"abort"})")));
  EXPECT_EQ(catalog.list().at(0).state, "quarantined");
  EXPECT_THAT(catalog.list().at(0).why, HasSubstr("left alone"));
}

// Which it would otherwise take this process down with.
TEST_P(IsolatedDriver, ALibraryThatDiesWhenItIsLoadedIsBroken) {
  const Plugin plugin = find(TENON_BAD_PLUGINS "-stillborn", "stillborn");
  EXPECT_EQ(plugin.state, PluginState::Broken);
  EXPECT_THAT(plugin.why, HasSubstr(std::string("could not be loaded: it ended ") + kAborted));
}

}  // namespace
}  // namespace tenon::host
