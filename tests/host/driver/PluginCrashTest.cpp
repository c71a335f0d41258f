// Cases 53 and 54 of the fault list for plugins: where a vendor signs one, it is never signed and another; on a node, one is
// there as it was signed, or it is not there.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "host/base/Limits.h"
#include "host/driver/PluginHosts.h"
#include "host/driver/package/NodePlugins.h"
#include "host/trust/Sha256.h"
#include "host/trust/SignatureFile.h"
#include "tests/host/driver/CollectedLog.h"
#include "tests/host/store/CrashSweep.h"
#include "tests/host/trust/Keys.h"
#include "tests/support/FakeClock.h"

namespace tenon::host {
namespace {

std::string acmeManifest(const std::string& version) {
  return R"({"schema":"tenon.plugin/1","name":"acme.run","version":")" + version +
         R"(","family":"runtime-driver","provides":["acme"],"abi":{"major":1}})";
}

void putFile(Files& files, const Path& path, std::string_view content) {
  auto file = WriteFile::create(files, 0, path.text(), {});
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_TRUE(file->append(content));
}

// ---- where it is made ----

TEST(PluginCrash, Case53And54APluginNeverBearsTheSignatureOfAnotherBuild) {
  const auto at = [](const Path& root) { return PluginFiles(root, "acme.run"); };
  CrashSweep sweep;
  sweep.prepare = [&](Files& files, const Path& root) {
    putFile(files, at(root).library, "the old build");
    putFile(files, at(root).manifest, acmeManifest("1.0.0"));
    ASSERT_TRUE(signPlugin(files, at(root), {testKey(1)}));
    putFile(files, root / "next.so", "the new build");
    ASSERT_TRUE(files.replace(root / "next.so", at(root).library));
  };
  sweep.act = [&](Files& files, const Path& root) { return signPlugin(files, at(root), {testKey(1)}); };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const auto text = files.readAll(at(root).manifest, limits::kPluginDocumentBytes);
    ASSERT_TRUE(text) << text.error().message();
    const auto manifest = PluginManifest::parse(*text);
    ASSERT_TRUE(manifest) << manifest.error().message();
    const auto signature = files.readAll(at(root).signature, limits::kManifestSignatureBytes);
    EXPECT_TRUE(signature || !done);
    if (signature) {
      EXPECT_EQ(*signature, toSignatureFile(signaturesOf({testKey(1)}, *text)));
    }
    EXPECT_TRUE(!done || manifest->sha256 == sha256("the new build"));
  };
  sweep.variants = 40;  // three names change, one after the other
  EXPECT_GT(sweep.run(), 10U);
}

// ---- where it is installed ----

// A vendor with the key 1, whose plugins lie outside of any node; a node is made anew for each look at its disk.
class NodePluginCrash : public testing::Test {
 protected:
  void SetUp() override {
    Channels* channels = machine_.adapter().channels();
    if (!channels) GTEST_SKIP() << "not on this system: channels";
    hosts_.emplace(*channels, log_, PluginHostSetting{Path(TENON_PLUGIN_HOST), {shop_.path()}, {}});
    for (const auto* version : {"1.0.0", "1.1.0"}) make(version);
  }

  struct Node {
    VendorKeys vendors;
    PluginLoader loader;
    DriverCatalog drivers;
    NodePlugins plugins;
    Node(NodePluginCrash& of, Files& files, const Path& root)
        : vendors(files, of.clock_, root / "trust" / "plugins"),
          loader(files, of.log_, &*of.hosts_, &vendors),
          drivers({"linux-x64"}, "", of.clock_),
          plugins({files, of.log_, vendors, loader, drivers}, root / "plugins") {
      plugins.open();
    }
    // "acme.run 1.0.0 ready", one after the other.
    std::string there() {
      std::string rows;
      for (const auto& info : drivers.list(DriverCatalog::Look::Away)) {
        rows += (rows.empty() ? "" : ", ") + info.name + " " + info.version + " " + info.state;
      }
      return rows;
    }
  };

  Path library(const std::string& version) const { return PluginFiles(shop_ / version, "acme.run").library; }
  void install(Node& node, const std::string& version) {
    const auto installed = node.plugins.install(library(version), {});
    ASSERT_TRUE(installed) << installed.error().message();
  }
  void trustVendor(Files& files, const Path& root) {
    VendorKey key;
    key.key = publicKeyOf(testKey(1));
    key.provides = {"acme"};
    ASSERT_TRUE(VendorKeys(files, clock_, root / "trust" / "plugins").trust(key));
  }
  void hasTheFirst(Files& files, const Path& root) {
    trustVendor(files, root);
    Node node(*this, files, root);
    install(node, "1.0.0");
  }
  auto installing(const std::string& version) {
    return [this, version](Files& files, const Path& root) -> Result<void> {
      TENON_CHECK(Node(*this, files, root).plugins.install(library(version), {}));
      return {};
    };
  }
  // A plugin's process is given the library by the machine that sealed it.
  CrashSweep ofThisNode() {
    CrashSweep sweep;
    sweep.machine = &machine_;
    return sweep;
  }
  // Whatever is under a node's plugins/ once it has started again is of a plugin that it has.
  static void expectNothingElse(Files& files, const Path& root, const std::string& there) {
    const auto names = files.list(root / "plugins");
    if (!names) return;
    for (const auto& name : *names) {
      EXPECT_EQ(name.name, "acme.run");
      const auto versions = files.list(root / "plugins" / name.name);
      ASSERT_TRUE(versions) << versions.error().message();
      for (const auto& version : *versions) {
        EXPECT_NE(there.find(" " + version.name + " "), std::string::npos) << version.name << " lies about";
      }
    }
  }

  MachineFiles machine_;
  FakeClock clock_;
  CollectedLog log_;
  TempFolder shop_;
  std::optional<PluginHosts> hosts_;

 private:
  // The shipped driver argv under the vendor's name.
  void make(const std::string& version) {
    ASSERT_TRUE(machine_->makeFolders(shop_ / version));
    const PluginFiles at(shop_ / version, "acme.run");
    const auto argv = machine_->readAll(PluginFiles(Path(TENON_PLUGINS), "argv").library, limits::kPluginLibraryBytes);
    ASSERT_TRUE(argv) << argv.error().message();
    putFile(*machine_, at.library, *argv);
    putFile(*machine_, at.manifest, acmeManifest(version));
    ASSERT_TRUE(signPlugin(*machine_, at, {testKey(1)}));
  }
};

// On a node that has no plugins yet: the folders on the way are new as well.
TEST_F(NodePluginCrash, Case53And54AFirstPluginIsThereAsItWasSignedOrNotAtAll) {
  CrashSweep sweep = ofThisNode();
  sweep.prepare = [&](Files& files, const Path& root) { trustVendor(files, root); };
  sweep.act = installing("1.0.0");
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const std::string there = Node(*this, files, root).there();
    EXPECT_TRUE(there == "acme.run 1.0.0 ready" || (!done && there.empty())) << there;
    expectNothingElse(files, root, there);
  };
  EXPECT_GT(sweep.run(), 12U);
}

TEST_F(NodePluginCrash, Case53And54ANewerVersionOrTheOlderIsThere) {
  CrashSweep sweep = ofThisNode();
  sweep.prepare = [&](Files& files, const Path& root) { hasTheFirst(files, root); };
  sweep.act = installing("1.1.0");
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const std::string there = Node(*this, files, root).there();
    EXPECT_TRUE(there == "acme.run 1.1.0 ready" ||
                (!done && (there == "acme.run 1.0.0 ready" || there == "acme.run 1.0.0 ready, acme.run 1.1.0 ready")))
        << there;
    expectNothingElse(files, root, there);
  };
  EXPECT_GT(sweep.run(), 12U);
}

TEST_F(NodePluginCrash, Case53And54ARemovedPluginIsGoneForGood) {
  CrashSweep sweep = ofThisNode();
  sweep.prepare = [&](Files& files, const Path& root) { hasTheFirst(files, root); };
  sweep.act = [&](Files& files, const Path& root) -> Result<void> {
    TENON_CHECK(Node(*this, files, root).plugins.remove("acme.run", std::nullopt));
    return {};
  };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const std::string there = Node(*this, files, root).there();
    EXPECT_TRUE(there.empty() || (!done && there == "acme.run 1.0.0 ready")) << there;
    expectNothingElse(files, root, there);
  };
  EXPECT_GT(sweep.run(), 3U);
}

}  // namespace
}  // namespace tenon::host
