#include "host/driver/PluginLoader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/conformance/requests/ExecutableBytes.h"
#include "tests/host/driver/CollectedLog.h"
#include "tests/support/ReadOnlyFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;

const std::string kLibrary = "x" TENON_LIBRARY_SUFFIX;
constexpr bool kWindows = std::string_view(TENON_LIBRARY_SUFFIX) == ".dll";

std::string libraryFor(unsigned machine) { return kWindows ? peBytes(machine) : elfBytes(machine); }

std::string manifestOf(const std::string& name) {
  return R"({"schema":"tenon.plugin/1","name":")" + name +
         R"(","version":"2.0.0","family":"runtime-driver","provides":["x"],"abi":{"major":1}})";
}

class PluginLoading : public testing::Test {
 protected:
  Plugin bad(const std::string& name, PluginLoader::Trust trust = PluginLoader::Trust::Installed) {
    const auto plugins = loader_.loadFolder(Path(TENON_BAD_PLUGINS), trust);
    for (const auto& plugin : *plugins) {
      if (plugin.manifest.name == name) return plugin;
    }
    return {};
  }
  Plugin only(const Path& folder) {
    auto plugins = loader_.loadFolder(folder, PluginLoader::Trust::Installed).value();
    EXPECT_EQ(plugins.size(), 1u);
    return plugins.empty() ? Plugin{} : plugins[0];
  }
  void expect(const Plugin& plugin, PluginState state, const std::string& why) {
    EXPECT_EQ(name(plugin.state), name(state)) << plugin.manifest.name;
    EXPECT_THAT(plugin.why, HasSubstr(why));
    EXPECT_EQ(plugin.entry, nullptr);
  }

  ReadOnlyFiles files_;
  CollectedLog log_;
  PluginLoader loader_{files_, log_};
  TempFolder folder_;
};

TEST_F(PluginLoading, FindsTheDriversThatShip) {
  const auto plugins = loader_.loadFolder(Path(TENON_PLUGINS), PluginLoader::Trust::Installed);
  ASSERT_TRUE(plugins);
  std::vector<std::string> names;
  for (const auto& plugin : *plugins) {
    if (plugin.manifest.family != "runtime-driver") continue;
    EXPECT_EQ(plugin.state, PluginState::Ready) << plugin.why;
    EXPECT_NE(plugin.entry, nullptr);
    EXPECT_EQ(plugin.host, &loader_.hostServices());
    names.push_back(plugin.manifest.name);
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"argv", "python", "rust"}));
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST_F(PluginLoading, TellsAMissingFolder) {
  EXPECT_EQ(loader_.loadFolder(folder_ / "gone", PluginLoader::Trust::Installed).error().code(), ErrorCode::NotFound);
}

TEST_F(PluginLoading, Case77TellsEachWayInWhichALibraryIsWrong) {
  expect(bad("symbol"), PluginState::Broken,
         "symbol" TENON_LIBRARY_SUFFIX " does not export tenon_plugin_v1, so it is no Tenon plugin");
  expect(bad("magic"), PluginState::Broken,
         "magic 2.0.0 is no Tenon plugin: its entry does not begin with the magic number");
  expect(bad("major"), PluginState::Incompatible, "major 2.0.0 needs a host of ABI 2, this one is 1.1: upgrade tenon");
  expect(bad("minor"), PluginState::Incompatible,
         "minor 2.0.0 needs a host of ABI 1.9 or newer, this one is 1.1: upgrade tenon");
  expect(bad("major-told"), PluginState::Incompatible,
         "major-told 2.0.0 needs a host of ABI 2, this one is 1.1: upgrade tenon");
  expect(bad("minor-told"), PluginState::Incompatible, "needs a host of ABI 1.9 or newer, this one is 1.1: upgrade tenon");
}

TEST_F(PluginLoading, Case77TellsAMissingLibrary) {
  folder_.write("x.plugin.json", manifestOf("x"));
  expect(only(folder_.path()), PluginState::Broken, "its library x" TENON_LIBRARY_SUFFIX " is missing beside x.plugin.json");
}

TEST_F(PluginLoading, Case77TellsALibraryForAnotherMachine) {
  folder_.write("x.plugin.json", manifestOf("x"));
  const std::map<unsigned, std::string> others =
      kWindows ? std::map<unsigned, std::string>{{0x14C, "x86"}, {0xAA64, "arm64"}, {0x5064, "machine number 20580"}}
               : std::map<unsigned, std::string>{{3, "x86"}, {183, "arm64"}, {243, "riscv64"}};
  for (const auto& [number, machine] : others) {
    folder_.write(kLibrary, libraryFor(number));
    expect(only(folder_.path()), PluginState::Broken, kLibrary + " was built for " + machine + ", this machine is ");
  }
  folder_.write(kLibrary, kWindows ? elfBytes(62) : peBytes(0x8664));
  expect(only(folder_.path()), PluginState::Broken, kLibrary + " is no shared library of this operating system");
}

TEST_F(PluginLoading, SurvivesALibraryThatIsCutShort) {
  folder_.write("x.plugin.json", manifestOf("x"));
  std::filesystem::copy(TENON_BAD_PLUGINS "/nothing" TENON_LIBRARY_SUFFIX, (folder_ / kLibrary).text());
  for (const std::uintmax_t size : {8192u, 4096u, kWindows ? 2048u : 100u, kWindows ? 512u : 64u}) {
    std::filesystem::resize_file((folder_ / kLibrary).text(), size);
    expect(only(folder_.path()), PluginState::Broken, kLibrary + " is cut short: install the plugin again");
  }
  std::filesystem::resize_file((folder_ / kLibrary).text(), 0);
  expect(only(folder_.path()), PluginState::Broken, kLibrary + " is no shared library of this operating system");
}

TEST_F(PluginLoading, TellsALibraryWithoutAManifest) {
  folder_.write(kLibrary, libraryFor(62));
  expect(only(folder_.path()), PluginState::Broken, kLibrary + " has no manifest x.plugin.json beside it");
}

TEST_F(PluginLoading, TellsAManifestThatCannotBeRead) {
  folder_.write("x.plugin.json", "{");
  expect(only(folder_.path()), PluginState::Broken, "x.plugin.json: ");
  folder_.write("x.plugin.json", std::string(2u << 20, ' '));
  expect(only(folder_.path()), PluginState::Broken, "");
}

TEST_F(PluginLoading, Case80RunsNoCodeOfAPluginThatIsNotTrusted) {
  expect(bad("nothing", PluginLoader::Trust::Signed), PluginState::Refused, "nothing 2.0.0 is not signed");
  EXPECT_TRUE(log_.lines.empty());
}

TEST_F(PluginLoading, SaysThatAnUnsignedPluginWasLoadedForDevelopment) {
  EXPECT_EQ(bad("nothing", PluginLoader::Trust::Developer).state, PluginState::Ready);
  EXPECT_THAT(log_.lines, testing::Contains(HasSubstr("2 plugin nothing 2.0.0 is unsigned")));
}

TEST_F(PluginLoading, TakesAStaticPluginWithItsManifest) {
  const Plugin loaded = bad("nothing");
  ASSERT_NE(loaded.entry, nullptr);
  const Plugin plugin = loader_.adoptStatic(*loaded.entry, manifestOf("x"));
  EXPECT_EQ(plugin.state, PluginState::Ready) << plugin.why;
  EXPECT_EQ(plugin.path, "built-in");
  EXPECT_EQ(plugin.entry, loaded.entry);
  EXPECT_EQ(loader_.adoptStatic(*loaded.entry, "nonsense").state, PluginState::Broken);
}

TEST_F(PluginLoading, RefusesALibraryWhoseManifestNamesAnotherAbi) {
  std::string manifest = manifestOf("x");
  tenon_entry entry = *bad("nothing").entry;
  EXPECT_EQ(loader_.adoptStatic(entry, manifest).state, PluginState::Ready);
  manifest.replace(manifest.find("\"major\":1"), 9, "\"major\":2");
  expect(loader_.adoptStatic(entry, manifest), PluginState::Broken, "they do not belong together");
}

TEST_F(PluginLoading, WritesWhatPluginsLogWithTheirLevel) {
  const tenon_host& host = loader_.hostServices();
  const auto log = [&](std::int32_t level, std::string_view text) { host.log(host.ctx, level, {text.data(), text.size()}); };
  log(0, "a");
  log(3, "b");
  log(99, "c");
  log(-1, "d");
  host.log(host.ctx, 1, {nullptr, 0});
  log(1, std::string(1u << 20, 'x'));
  ASSERT_EQ(log_.lines.size(), 6u);
  EXPECT_EQ(log_.lines[0], "0 plugin: a");
  EXPECT_EQ(log_.lines[1], "3 plugin: b");
  EXPECT_EQ(log_.lines[2], "3 plugin: c");
  EXPECT_EQ(log_.lines[3], "0 plugin: d");
  EXPECT_EQ(log_.lines[4], "1 plugin: ");
  EXPECT_LT(log_.lines[5].size(), 5000u);
}

}  // namespace
}  // namespace tenon::host
