// Binaries of every SDK minor that there was: plugins, which this host loads; and plugin hosts, which serve today's plugins.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/driver/DriverCalls.h"
#include "host/driver/DriverCatalog.h"
#include "host/driver/PluginHosts.h"
#include "host/driver/PluginLoader.h"
#include "tests/plugins/PluginLibrary.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

namespace fs = std::filesystem;

// The kept files of that ending, of all minors, below tests/zoo.
std::vector<std::string> kept(const std::string& ending) {
  std::vector<std::string> found;
  for (const auto& minor : fs::directory_iterator(TENON_ZOO)) {
    if (!fs::is_directory(minor.path() / "linux-x64")) continue;
    for (const auto& file : fs::directory_iterator(minor.path() / "linux-x64")) {
      if (file.path().string().ends_with(ending)) found.push_back(fs::relative(file.path(), TENON_ZOO).string());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string inZoo(const std::string& file) { return std::string(TENON_ZOO) + "/" + file; }

class Hosting {
 public:
  explicit Hosting(const std::string& pluginHost, std::vector<Path> readable = {})
      : hosts_(*machine_.adapter().channels(), log_, PluginHostSetting{Path(pluginHost), std::move(readable), {}}),
        here_(*machine_, log_),
        apart_(*machine_, log_, &hosts_) {}

  Plugin here(const std::string& library) const { return here_.load(Path(library), PluginLoader::Trust::Developer); }
  Plugin apart(const std::string& library) const { return apart_.load(Path(library), PluginLoader::Trust::Developer); }

 private:
  MachineFiles machine_;
  NullLog log_;
  PluginHosts hosts_;
  PluginLoader here_, apart_;
};

class ZooPlugin : public testing::TestWithParam<std::string> {};

TEST_P(ZooPlugin, PlansForThisHostInBothHostings) {
  const TempFolder folder;
  for (const char* runtime : {"sh", "perl"}) {
    fs::permissions(folder.write(std::string("bin/") + runtime, "").text(), fs::perms::owner_all);
  }
  folder.write("package/run", "");
  const Hosting hosting(TENON_PLUGIN_HOST, {folder.path()});
  const std::string library = inZoo(GetParam());
  for (const Plugin& plugin : {hosting.here(library), hosting.apart(library)}) {
    ASSERT_EQ(plugin.state, PluginState::Ready) << plugin.why;
    FakeClock clock;
    DriverCatalog catalog({"linux-x64"}, (folder / "bin").text(), clock);
    catalog.add(plugin);
    const std::string type = plugin.manifest.provides.front();
    const Release release{ServiceId::parse("sample").value(), SemVer::parse("1.0.0").value(),
                          PlatformId::parse("linux-x64").value()};
    const auto exec = Json::parse(R"({"type":")" + type + R"(","entry":"run","args":["${SERVICE_PORT}"]})").value();
    const auto plan = catalog.plan(type, std::nullopt, {release, folder / "package", exec, "", std::nullopt, {"linux-x64"}});
    ASSERT_TRUE(plan) << plan.error().message();
    EXPECT_EQ(plan->program, (folder / "bin" / (type == "shell" ? "sh" : "perl")).text());
    EXPECT_EQ(plan->args.back(), "${SERVICE_PORT}");
    EXPECT_EQ(plan->args[plan->args.size() - 2], "${SERVICE_HOME}/run");
    const auto wrong = Json::parse(R"({"type":")" + type + R"(","entry":5})").value();
    const auto refused =
        catalog.plan(type, std::nullopt, {release, folder / "package", wrong, "", std::nullopt, {"linux-x64"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field(), "platforms.linux-x64.exec.entry");
  }
}

std::string title(const testing::TestParamInfo<std::string>& info) {
  std::string text = info.param;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return text;
}

INSTANTIATE_TEST_SUITE_P(Kept, ZooPlugin, testing::ValuesIn(kept(".so")), title);

// What each kept plugin host speaks with whoever starts it (host/plugin_host/Message.h).
const std::map<std::string, std::int32_t> kWire = {{"1.1", 1}};

class ZooHost : public testing::TestWithParam<std::string> {};

TEST_P(ZooHost, ServesTodaysPluginsOrSaysThatItIsOfAnotherBuild) {
  if (TENON_SANITIZED) GTEST_SKIP() << "a library with a sanitizer is not loaded by a program without";
  const std::string minor = fs::path(GetParam()).begin()->string();
  const TempFolder package;
  package.write("main.py", "");
  const std::string request =
      R"({"schema":"tenon.plan-request/1","service_id":"sample","version":"1.0.0","platform":"linux-x64","package_dir":")" +
      package.text() + R"(","exec":{"type":"python","entry":"main.py"},"fingerprint":{"python.path":"/usr/bin/python3"}})";
  const Hosting hosting(inZoo(GetParam()), {package.path()});
  for (const std::string driver : {"argv", "java", "node", "python", "rust"}) {
    const Plugin plugin = hosting.apart(std::string(TENON_PLUGINS) + "/" + driver + ".so");
    if (kWire.at(minor) != wire::kVersion) {
      EXPECT_EQ(plugin.state, PluginState::Broken);
      EXPECT_NE(plugin.why.find("tenon-plugin-host and tenon are of different builds"), std::string::npos) << plugin.why;
      continue;
    }
    ASSERT_EQ(plugin.state, PluginState::Ready) << plugin.why;
    FakeClock clock;
    const auto calls = callsIsolated(plugin, clock);
    const PluginAnswer there = collected([&](const tenon_sink* sink) { return calls->plan(request, sink).value(); });
    const PluginAnswer here = PluginLibrary(driver).plan(request);
    EXPECT_EQ(there.code, here.code) << driver;
    EXPECT_EQ(there.document, here.document) << driver;
    EXPECT_EQ(there.problem, here.problem) << driver;
  }
}

INSTANTIATE_TEST_SUITE_P(Kept, ZooHost, testing::ValuesIn(kept("/tenon-plugin-host")), title);

TEST(Zoo, APluginOfTheFutureIsRefusedAndTheSentenceSaysWhatToUpgrade) {
  const Hosting hosting(TENON_PLUGIN_HOST);
  const std::string library = inZoo("future/acme.future.so");
  for (const Plugin& plugin : {hosting.here(library), hosting.apart(library)}) {
    EXPECT_EQ(plugin.state, PluginState::Incompatible);
    EXPECT_EQ(plugin.why, "acme.future 9.0.0 needs a host of ABI 1.1000 or newer, this one is 1." +
                              std::to_string(TENON_ABI_MINOR) + ": upgrade tenon");
  }
}

TEST(Zoo, HasPluginsOfEveryMinorAndAHostOfEachSinceTheFirst) {
  for (int minor = 0; minor <= TENON_ABI_MINOR; ++minor) {
    const std::string of = "1." + std::to_string(minor) + "/";
    for (const std::string& ending : {std::string(".so"), std::string("tenon-plugin-host")}) {
      const auto all = kept(ending);
      const bool found = std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.starts_with(of); });
      EXPECT_TRUE(found || (minor == 0 && ending != ".so")) << "tests/zoo/freeze 1." << minor << " makes " << ending;
    }
  }
}

}  // namespace
}  // namespace tenon::host
