// Numbers in names are cases of the design's list of faults.
#include "host/driver/package/NodePlugins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>

#include "host/adapter/AtomicFile.h"
#include "host/driver/PluginHosts.h"
#include "tests/host/driver/CollectedLog.h"
#include "tests/host/trust/Keys.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

namespace fs = std::filesystem;

// A node with one vendor, who has the key 1 and may answer "acme".
class PluginsOfANode : public testing::Test {
 protected:
  void SetUp() override {
    Channels* channels = machine_.adapter().channels();
    if (!channels) GTEST_SKIP() << "not on this system: channels";
    hosts_.emplace(*channels, log_, PluginHostSetting{Path(TENON_PLUGIN_HOST), {folder_.path()}, {}});
    start();
    ASSERT_TRUE(plugins_->trust(keyOf(1, {"acme"})));
  }
  // Again, from what lies on the disk.
  void start() {
    plugins_.reset();
    vendors_.emplace(*machine_, clock_, folder_ / "trust" / "plugins");
    loader_.emplace(*machine_, log_, &*hosts_, &*vendors_);
    drivers_.emplace(std::vector<std::string>{"linux-x64"}, "", clock_);
    plugins_.emplace(NodePlugins::Collaborators{*machine_, log_, *vendors_, *loader_, *drivers_}, folder_ / "plugins");
    plugins_->open();
  }
  static VendorKey keyOf(unsigned char number, std::vector<std::string> provides) {
    VendorKey key;
    key.key = publicKeyOf(testKey(number));
    key.provides = std::move(provides);
    return key;
  }
  // The shipped driver argv under a vendor's name, in a folder of its own; signed, unless by 0.
  Path made(const std::string& name, const std::string& version, unsigned char signer = 1,
            const std::string& type = "acme") {
    const Path folder = folder_ / ("vendor-" + std::to_string(++made_));
    fs::create_directories(TempFolder::native(folder));
    const PluginFiles at(folder, name);
    const Path argv = PluginFiles(Path(TENON_PLUGINS), "argv").library;
    fs::copy(TempFolder::native(argv), TempFolder::native(at.library));
    EXPECT_TRUE(writeAtomically(*machine_, at.manifest,
                                R"({"schema":"tenon.plugin/1","name":")" + name + R"(","version":")" + version +
                                    R"(","family":"runtime-driver","provides":[")" + type +
                                    R"("],"abi":{"major":1},"x-vendor":"stays"})"));
    if (signer != 0) {
      EXPECT_TRUE(signPlugin(*machine_, at, {testKey(signer)}));
    }
    return at.library;
  }
  Result<InstalledPlugin> install(const Path& library, PluginInstallOptions options = {}) {
    return plugins_->install(library, options);
  }
  std::string refused(const Path& library, PluginInstallOptions options = {}) {
    const auto installed = plugins_->install(library, options);
    return installed ? "" : std::string(name(installed.error().code())) + ": " + installed.error().message();
  }
  // "acme.run 1.0.0 ready" for each, sorted.
  std::vector<std::string> there() {
    std::vector<std::string> rows;
    for (const auto& info : drivers_->list(DriverCatalog::Look::Away)) {
      rows.push_back(info.name + " " + info.version + " " + info.state);
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  std::vector<std::string> onDisk() {
    std::vector<std::string> found;
    const fs::path top = TempFolder::native(folder_ / "plugins");
    if (!fs::exists(top)) return found;
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      if (entry.is_regular_file()) found.push_back(entry.path().lexically_relative(top).generic_string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  static std::vector<std::string> filesOf(const std::string& name, const std::string& version) {
    const std::string stem = name + "/" + version + "/" + name;
    return {stem + ".plugin.json", stem + ".sig", stem + TENON_LIBRARY_SUFFIX};
  }

  MachineFiles machine_;
  FakeClock clock_;
  CollectedLog log_;
  TempFolder folder_;
  int made_ = 0;
  std::optional<PluginHosts> hosts_;
  std::optional<VendorKeys> vendors_;
  std::optional<PluginLoader> loader_;
  std::optional<DriverCatalog> drivers_;
  std::optional<NodePlugins> plugins_;
};

TEST_F(PluginsOfANode, OneThatIsSignedIsThereAtOnceAndAfterAStart) {
  const auto installed = install(made("acme.run", "1.0.0"));
  ASSERT_TRUE(installed) << installed.error().message();
  EXPECT_TRUE(installed->isNew);
  EXPECT_EQ(installed->signedBy, keyOf(1, {}).id());
  const auto found = drivers_->choose("acme", std::nullopt);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ((*found)->hosting(), "isolated");
  EXPECT_THAT(onDisk(), UnorderedElementsAreArray(filesOf("acme.run", "1.0.0")));
  start();
  EXPECT_THAT(there(), ElementsAre("acme.run 1.0.0 ready"));
}

TEST_F(PluginsOfANode, SigningLeavesWhatElseTheVendorSays) {
  const PluginFiles at = PluginFiles::of(made("acme.run", "1.0.0")).value();
  EXPECT_THAT(machine_->readAll(at.manifest, 9999).value(), HasSubstr("\"x-vendor\": \"stays\""));
}

TEST_F(PluginsOfANode, TheSameFilesAgainAreFine) {
  const Path library = made("acme.run", "1.0.0");
  ASSERT_TRUE(install(library));
  EXPECT_FALSE(install(library).value().isNew);
  EXPECT_THAT(there(), ElementsAre("acme.run 1.0.0 ready"));
  const Path other = made("acme.run", "1.0.0", 1, "acme");
  ASSERT_TRUE(writeAtomically(*machine_, PluginFiles::of(other).value().manifest,
                              R"({"schema":"tenon.plugin/1","name":"acme.run","version":"1.0.0","family":"runtime-driver",)"
                              R"("provides":["acme"],"abi":{"major":1}})"));
  ASSERT_TRUE(signPlugin(*machine_, PluginFiles::of(other).value(), {testKey(1)}));
  EXPECT_THAT(refused(other), HasSubstr("already-exists: acme.run 1.0.0 is installed here, with other content"));
}

TEST_F(PluginsOfANode, Case80WhatIsNotSignedForThisNodeLeavesNothing) {
  EXPECT_THAT(refused(made("acme.run", "1.0.0", 0)), HasSubstr("signature-invalid: acme.run" TENON_LIBRARY_SUFFIX));
  EXPECT_THAT(refused(made("acme.run", "1.0.0", 2)), HasSubstr("key-unknown: "));
  EXPECT_THAT(refused(made("acme.run", "1.0.0", 1, "python")), HasSubstr("key-role: acme.run 1.0.0 provides \"python\""));
  EXPECT_THAT(there(), IsEmpty());
  EXPECT_THAT(onDisk(), IsEmpty());
}

TEST_F(PluginsOfANode, Case80ALibraryThatWasSwappedAfterSigningIsRefused) {
  const Path library = made("acme.run", "1.0.0");
  const auto bytes = machine_->readAll(library, 64 << 20).value();
  ASSERT_TRUE(writeAtomically(*machine_, library, bytes + "x"));
  EXPECT_THAT(refused(library), HasSubstr("signature-invalid: acme.run" TENON_LIBRARY_SUFFIX " is not the library that"));
  EXPECT_THAT(onDisk(), IsEmpty());
}

TEST_F(PluginsOfANode, Case80ALibraryThatWasSwappedOnTheNodeIsRefusedAtItsStart) {
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  plugins_.reset();
  drivers_.reset();  // Windows lets nobody change what is open
  const PluginFiles at(folder_ / "plugins" / "acme.run" / "1.0.0", "acme.run");
  const auto bytes = machine_->readAll(at.library, 64 << 20).value();
  ASSERT_TRUE(writeAtomically(*machine_, at.library, bytes + "x"));
  start();
  EXPECT_THAT(there(), ElementsAre("acme.run 1.0.0 refused"));
  EXPECT_THAT(log_.lines, testing::Contains(HasSubstr("is not the library that its vendor signed")));
}

TEST_F(PluginsOfANode, Case80ALibraryThatIsSwappedWhileItRunsIsNotLoadedAgain) {
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  const PluginFiles at(folder_ / "plugins" / "acme.run" / "1.0.0", "acme.run");
  (void)writeAtomically(*machine_, at.library, "no library at all");  // where the system lets that happen
  const auto driver = drivers_->choose("acme", std::nullopt);
  ASSERT_TRUE(driver);
  const auto found = (*driver)->fingerprint();  // starts its process, which loads it anew
  EXPECT_TRUE(found) << found.error().message();
}

TEST_F(PluginsOfANode, ANewerVersionTakesThePlaceOfAnOlder) {
  ASSERT_TRUE(install(made("acme.run", "1.9.0")));
  const auto newer = install(made("acme.run", "1.10.0"));
  ASSERT_TRUE(newer) << newer.error().message();
  EXPECT_THAT(newer->replaced, ElementsAre("1.9.0"));
  EXPECT_THAT(there(), ElementsAre("acme.run 1.10.0 ready"));
  EXPECT_THAT(onDisk(), UnorderedElementsAreArray(filesOf("acme.run", "1.10.0")));
  EXPECT_THAT(refused(made("acme.run", "1.9.0")), HasSubstr("downgrade-refused: acme.run 1.10.0 is installed"));
  EXPECT_TRUE(install(made("acme.run", "1.9.0"), {.allowDowngrade = true}));
  EXPECT_THAT(there(), ElementsAre("acme.run 1.9.0 ready"));
}

TEST_F(PluginsOfANode, TwoVersionsStandBesideEachOtherForThoseWhoPin) {
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  EXPECT_THAT(install(made("acme.run", "2.0.0"), {.beside = true}).value().rivals, ElementsAre("acme.run 1.0.0"));
  EXPECT_EQ(drivers_->choose("acme", std::nullopt).error().code(), ErrorCode::DriverAmbiguous);
  EXPECT_EQ(drivers_->choose("acme", "acme.run@^1").value()->manifest().version, "1.0.0");
  EXPECT_EQ(drivers_->choose("acme", "acme.run").value()->manifest().version, "2.0.0");
}

TEST_F(PluginsOfANode, ADriverThatSomebodyCallsOutlivesItsRemoval) {
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  const auto driver = drivers_->choose("acme", std::nullopt);
  ASSERT_TRUE(driver);
  EXPECT_THAT(plugins_->remove("acme.run", std::nullopt).value(), ElementsAre("1.0.0"));
  EXPECT_TRUE((*driver)->fingerprint());
  EXPECT_THAT(there(), IsEmpty());
  EXPECT_EQ(drivers_->choose("acme", std::nullopt).error().code(), ErrorCode::DriverMissing);
  EXPECT_EQ(plugins_->remove("acme.run", std::nullopt).error().code(), ErrorCode::NotFound);
  EXPECT_EQ(plugins_->remove("../trust", std::nullopt).error().code(), ErrorCode::Usage);
}

TEST_F(PluginsOfANode, WhatIsRemovedIsGoneAfterAStart) {
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  ASSERT_TRUE(plugins_->remove("acme.run", "1.0.0"));
  start();
  EXPECT_THAT(there(), IsEmpty());
  EXPECT_THAT(onDisk(), IsEmpty());
}

TEST_F(PluginsOfANode, ANameBelongsToWhomItCameFromFirst) {
  ASSERT_TRUE(plugins_->trust(keyOf(2, {"acme"})));
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  EXPECT_THAT(refused(made("acme.run", "2.0.0", 2)), HasSubstr("key-role: acme.run 1.0.0 on this node is signed by key"));
  ASSERT_TRUE(plugins_->remove("acme.run", std::nullopt));
  EXPECT_TRUE(install(made("acme.run", "2.0.0", 2)));
}

TEST_F(PluginsOfANode, TheNameOfWhatIsHereOtherwiseIsRefused) {
  drivers_->add(loader_->load(PluginFiles(Path(TENON_PLUGINS), "argv").library, PluginLoader::Trust::Installed));
  EXPECT_THAT(refused(made("argv", "1.0.0")), HasSubstr("already-exists: there is a plugin argv already"));
}

TEST_F(PluginsOfANode, ARevokedKeyTakesItsPluginsWithIt) {
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  ASSERT_TRUE(plugins_->revoke(keyOf(1, {}).id()));
  EXPECT_THAT(there(), ElementsAre("acme.run 1.0.0 refused"));
  EXPECT_THAT(drivers_->choose("acme", std::nullopt).error().message(), HasSubstr("which is revoked"));
  start();
  EXPECT_THAT(there(), ElementsAre("acme.run 1.0.0 refused"));
}

TEST_F(PluginsOfANode, ANarrowerScopeHoldsAtOnce) {
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  ASSERT_TRUE(plugins_->trust(keyOf(1, {"other"})));
  EXPECT_THAT(there(), ElementsAre("acme.run 1.0.0 refused"));
  ASSERT_TRUE(plugins_->trust(keyOf(1, {"acme", "other"})));
  EXPECT_THAT(there(), ElementsAre("acme.run 1.0.0 ready"));
}

TEST_F(PluginsOfANode, WhereItsKeyAllowsThatAPluginRunsInThisProcess) {
  auto key = keyOf(1, {"acme"});
  key.inProcess = true;
  ASSERT_TRUE(plugins_->trust(key));
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  EXPECT_EQ(drivers_->choose("acme", std::nullopt).value()->hosting(), "in-process");
}

TEST_F(PluginsOfANode, OneThatDoesNotLoadLeavesNothing) {
  const Path library = made("acme.run", "1.0.0", 0);
  ASSERT_TRUE(writeAtomically(*machine_, library, "no library at all"));
  ASSERT_TRUE(signPlugin(*machine_, PluginFiles::of(library).value(), {testKey(1)}));
  EXPECT_THAT(refused(library), HasSubstr("driver-incompatible: acme.run" TENON_LIBRARY_SUFFIX));
  EXPECT_THAT(there(), IsEmpty());
  EXPECT_THAT(onDisk(), IsEmpty());
}

TEST_F(PluginsOfANode, WhatAnAgentThatDiedWasPuttingHereGoes) {
  ASSERT_TRUE(install(made("acme.run", "1.0.0")));
  const Path left = temporaryBeside(folder_ / "plugins" / "acme.run");
  fs::create_directories(TempFolder::native(left));
  fs::create_directories(TempFolder::native(folder_ / "plugins" / "acme.run" / "0.9.0"));
  start();
  EXPECT_THAT(there(), ElementsAre("acme.run 1.0.0 ready"));
  EXPECT_FALSE(machine_->exists(left));
  EXPECT_FALSE(machine_->exists(folder_ / "plugins" / "acme.run" / "0.9.0"));
}

TEST_F(PluginsOfANode, AFolderOfSignedPluginsIsLoadedByTheirKeys) {
  const Path folder = made("acme.run", "1.0.0").parent();
  const auto plugins = loader_->loadFolder(folder, PluginLoader::Trust::Signed).value();
  ASSERT_EQ(plugins.size(), 1u);
  EXPECT_EQ(plugins[0].state, PluginState::Ready) << plugins[0].why;
  EXPECT_EQ(plugins[0].signedBy, keyOf(1, {}).id());
  EXPECT_TRUE(plugins[0].hosts);
}

}  // namespace
}  // namespace tenon::host
