#include "host/driver/DriverCatalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/FakeClock.h"
#include "tests/support/ReadOnlyFiles.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;

// Counts how often the node was looked at.
class FakeDriver final : public Driver {
 public:
  FakeDriver(std::string name, std::string version, std::vector<std::string> provides, int* looks = nullptr)
      : manifest_{std::move(name), std::move(version), "runtime-driver", std::move(provides), 1, 0}, looks_(looks) {}
  const PluginManifest& manifest() const override { return manifest_; }
  std::string_view hosting() const override { return "isolated"; }
  Result<Fingerprint> fingerprint() override {
    if (manifest_.name == "faulty") return Error(ErrorCode::DriverCrashed, "it fell over");
    Fingerprint found;
    found.health = manifest_.name == "absent" ? Fingerprint::Health::Undetected : Fingerprint::Health::Healthy;
    if (manifest_.name == "absent") found.why = "nothing here";
    if (looks_) found.attributes["looks"] = std::to_string(++*looks_);
    return found;
  }
  Result<LaunchPlan> plan(const PlanRequest&, const Fingerprint& fingerprint) override {
    LaunchPlan plan;
    plan.program = manifest_.name;
    for (const auto& [key, value] : fingerprint.attributes) plan.args.push_back(key + "=" + value);
    return plan;
  }

 private:
  PluginManifest manifest_;
  int* looks_;
};

class Catalogue : public testing::Test {
 protected:
  void have(const std::string& name, const std::string& version, std::vector<std::string> provides, int* looks = nullptr) {
    catalog_.add(std::make_unique<FakeDriver>(name, version, std::move(provides), looks), "/plugins/" + name + ".so");
  }
  std::string chosen(const std::string& type, const std::optional<std::string>& pin = std::nullopt) {
    const auto driver = catalog_.choose(type, pin);
    return driver ? (*driver)->manifest().name + " " + (*driver)->manifest().version
                  : std::string(name(driver.error().code())) + ": " + driver.error().message();
  }
  static PlanRequest request() {
    return {{ServiceId::parse("s").value(), SemVer::parse("1.0.0").value(), PlatformId::parse("linux-x64").value()},
            Path("/p"),
            Json::parse("{}").value(),
            "",
            std::nullopt,
            {}};
  }

  FakeClock clock_;
  DriverCatalog catalog_{{"linux-x64"}, "/nowhere", clock_};
};

TEST_F(Catalogue, ChoosesTheOneThatProvidesTheType) {
  have("argv", "1.0.0", {"argv", "binary"});
  have("python", "1.0.0", {"python"});
  EXPECT_EQ(chosen("binary"), "argv 1.0.0");
  EXPECT_EQ(chosen("python"), "python 1.0.0");
}

TEST_F(Catalogue, NamesTheTypesThatThereAre) {
  EXPECT_EQ(chosen("node"), "driver-missing: no driver for exec type \"node\"; no driver is loaded");
  have("argv", "1.0.0", {"binary", "argv"});
  have("python", "1.0.0", {"python"});
  EXPECT_EQ(chosen("node"),
            "driver-missing: no driver for exec type \"node\"; the exec types that there are: argv, binary, python");
}

TEST_F(Catalogue, Case81NamesBothOfTwoAndTheLineToAdd) {
  have("python", "1.0.0", {"python"});
  have("acme.python", "2.0.0", {"python"});
  const auto driver = catalog_.choose("python", std::nullopt);
  ASSERT_FALSE(driver);
  EXPECT_EQ(driver.error().code(), ErrorCode::DriverAmbiguous);
  EXPECT_EQ(driver.error().message(), "exec type \"python\" is provided by python 1.0.0 and acme.python 2.0.0");
  EXPECT_THAT(driver.error().hint(), HasSubstr("\"driver\": \"python\""));
  EXPECT_EQ(chosen("python", "acme.python"), "acme.python 2.0.0");
}

TEST_F(Catalogue, APinTakesTheNewestVersionThatFits) {
  for (const char* version : {"1.2.0", "1.10.0", "2.0.0"}) have("acme.python", version, {"python"});
  EXPECT_EQ(chosen("python", "acme.python@^1"), "acme.python 1.10.0");
  EXPECT_EQ(chosen("python", "acme.python"), "acme.python 2.0.0");
  EXPECT_THAT(chosen("python"), HasSubstr("driver-ambiguous"));
  EXPECT_THAT(catalog_.choose("python", std::nullopt).error().hint(), HasSubstr("acme.python@1.2.0"));
  EXPECT_THAT(chosen("python", "acme.python@^3"),
              HasSubstr("driver-missing: no driver for exec type \"python\" by driver "
                        "\"acme.python@^3\"; there is acme.python 1.10.0, acme.python 1.2.0"));
}

TEST_F(Catalogue, RefusesAPinThatIsNone) {
  have("python", "1.0.0", {"python"});
  for (const char* pin : {"", "@^1", "python@", "python@banana"}) {
    const auto driver = catalog_.choose("python", pin);
    ASSERT_FALSE(driver) << pin;
    EXPECT_EQ(driver.error().code(), ErrorCode::PlanInvalid) << pin;
    EXPECT_EQ(driver.error().field(), "driver");
  }
}

TEST_F(Catalogue, PassesOnWhyTheOnlyCandidateIsUnusable) {
  Plugin plugin;
  plugin.manifest = {"python", "2.0.0", "runtime-driver", {"python"}, 1, 4};
  plugin.state = PluginState::Incompatible;
  plugin.why = "python 2.0.0 needs a host of ABI 1.4 or newer, this one is 1.1: upgrade tenon";
  catalog_.add(plugin);
  EXPECT_EQ(chosen("python"), "driver-incompatible: no driver for exec type \"python\": " + plugin.why);
  plugin.manifest.provides = {"perl"};
  plugin.state = PluginState::Refused;
  plugin.why = "not signed";
  catalog_.add(plugin);
  EXPECT_EQ(chosen("perl"), "driver-missing: no driver for exec type \"perl\": not signed");
}

TEST_F(Catalogue, LooksAtTheNodeOnceAMinute) {
  int looks = 0;
  have("python", "1.0.0", {"python"}, &looks);
  EXPECT_THAT(catalog_.plan("python", std::nullopt, request()).value().args, testing::ElementsAre("looks=1"));
  clock_.advance(std::chrono::seconds(59));
  EXPECT_THAT(catalog_.plan("python", std::nullopt, request()).value().args, testing::ElementsAre("looks=1"));
  clock_.advance(std::chrono::seconds(1));
  EXPECT_THAT(catalog_.plan("python", std::nullopt, request()).value().args, testing::ElementsAre("looks=2"));
}

TEST_F(Catalogue, LookingBackCallsNoDriver) {
  int looks = 0;
  have("python", "1.0.0", {"python"}, &looks);
  have("absent", "1.0.0", {"x"});
  const auto states = [&] {
    std::vector<std::string> found;
    const auto rows = catalog_.list(DriverCatalog::Look::Back);
    for (const auto& row : rows) found.push_back(row.state);
    return found;
  };
  EXPECT_THAT(states(), testing::ElementsAre("ready", "ready"));  // as they were loaded: nobody has looked yet
  (void)catalog_.list();
  clock_.advance(std::chrono::hours(1));
  EXPECT_THAT(states(), testing::ElementsAre("ready", "undetected"));
  EXPECT_EQ(looks, 1);
}

TEST_F(Catalogue, ListsEveryPluginInItsState) {
  have("python", "1.0.0", {"python"});
  have("absent", "1.0.0", {"x"});
  have("faulty", "1.0.0", {"y"});
  Plugin adapter;
  adapter.manifest.family = "platform-adapter";
  catalog_.add(adapter);
  Plugin broken;
  broken.manifest.name = "broken";
  broken.why = "its library is missing";
  catalog_.add(broken);

  const auto rows = catalog_.list();
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].state, "ready");
  EXPECT_EQ(rows[0].hosting, "isolated");
  EXPECT_EQ(rows[0].path, "/plugins/python.so");
  EXPECT_EQ(rows[1].state + ": " + rows[1].why, "undetected: nothing here");
  EXPECT_EQ(rows[2].state + ": " + rows[2].why, "broken: it fell over");
  EXPECT_EQ(rows[3].state + ": " + rows[3].why, "broken: its library is missing");
  EXPECT_EQ(rows[3].hosting, "");
}

TEST_F(Catalogue, AFaultWhileLookingIsTold) {
  have("faulty", "1.0.0", {"y"});
  EXPECT_EQ(catalog_.plan("y", std::nullopt, request()).error().code(), ErrorCode::DriverCrashed);
}

TEST_F(Catalogue, TakesUpLibrariesAndFindsThoseThatAreNoDriver) {
  ReadOnlyFiles files;
  NullLog log;
  PluginLoader loader(files, log);
  DriverCatalog catalog({"linux-x64"}, "/nowhere", clock_);
  const auto plugins = loader.loadFolder(Path(TENON_BAD_PLUGINS), PluginLoader::Trust::Installed);
  for (const auto& plugin : *plugins) catalog.add(plugin);
  EXPECT_TRUE(catalog.choose("nothing", std::nullopt));
  EXPECT_THAT(catalog.choose("family", std::nullopt).error().message(), HasSubstr("its library offers no tenon.driver/1"));
  EXPECT_EQ(catalog.choose("minor", std::nullopt).error().code(), ErrorCode::DriverIncompatible);
  EXPECT_EQ(catalog.list().size(), 17u);
}

TEST_F(Catalogue, ServesManyThreads) {
  int looks = 0;
  have("python", "1.0.0", {"python"}, &looks);
  ASSERT_TRUE(catalog_.plan("python", std::nullopt, request()));
  bool good[8] = {};
  std::vector<std::thread> threads;
  for (bool& result : good) {
    threads.emplace_back([&] {
      result = true;
      for (int i = 0; i < 100; ++i)
        result = result && catalog_.plan("python", std::nullopt, request()) && !catalog_.list().empty();
    });
  }
  for (auto& thread : threads) thread.join();
  for (const bool result : good) EXPECT_TRUE(result);
}

}  // namespace
}  // namespace tenon::host
