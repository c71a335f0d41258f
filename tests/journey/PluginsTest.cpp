// Plugins of others: they run apart from the agent, and harm nobody.
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/journey/Journey.h"

namespace tenon::host {

namespace fs = std::filesystem;

class Plugins : public Journey {
 protected:
  // A folder of plugins with that one: a library that was built, under a name of its own.
  void have(const std::string& library, const std::string& name, const std::string& type) {
    fs::create_directories(path("plugins"));
    fs::copy(library, path("plugins/" + name + ".so"));
    writeText(path("plugins/" + name + ".plugin.json"),
              R"({"schema":"tenon.plugin/1","name":")" + name +
                  R"(","version":"2.0.0","family":"runtime-driver","provides":[")" + type +
                  R"("],"abi":{"major":1,"minor_min":0}})");
  }
  // The shipped driver of Python as acme's, signed by vendor.key; the library's path.
  std::string haveSigned() {
    have(std::string(TENON_BINARY_DIR) + "/lib/tenon/plugins/python.so", "acme.python", "python");
    const std::string library = path("plugins/acme.python.so");
    expectDone(tenon("key gen --out " + path("vendor")));
    expectDone(tenon("plugin sign " + library + " --key " + path("vendor.key")));
    return library;
  }
  void haveMoody() { have(std::string(TENON_BINARY_DIR) + "/tests/host/driver/bad/plugins/moody.so", "moody", "moody"); }
  void serveWith() {
    startHub();
    startAgent("--plugins " + path("plugins") + " --dev-plugins");
  }
  // A service whose plan is asked for with that mood.
  std::string moody(const std::string& mood) {
    const std::string folder = path(mood + "-1.0.0");
    fs::create_directories(folder);
    writeText(folder + "/service.json",
              R"({"service_id":")" + mood + R"(","version":"1.0.0","name":"Moody","platforms":{")" + platformName() +
                  R"(":{"exec":{"type":"moody","mood":")" + mood +
                  R"("},"files":{"requires":["service.json"]}}},"health_check":{"type":"none"},"env_schema":{}})");
    return folder;
  }
  // A row of `tenon drivers`.
  std::string told(const std::string& driver, const std::string& member) const {
    const auto drivers = Json::parse(tenon("drivers -o json").out).value().member("drivers").value().array().value();
    for (const auto& row : drivers) {
      if (row.stringOr("name", "").value() == driver) return row.stringOr(member, "").value();
    }
    return "none";
  }
  std::set<std::string> pluginHosts() const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "status");
      std::string name, line;
      while (std::getline(file, line) && !line.starts_with("PPid:")) {
        if (line.starts_with("Name:")) name = line;
      }
      if (name.find("tenon-plugin-ho") != std::string::npos && line == "PPid:\t" + std::to_string(agentPid())) {
        found.insert(entry.path().string());
      }
    }
    return found;
  }
};

TEST_F(Plugins, AVendorsDriverPlansApartFromTheAgent) {
  have(std::string(TENON_BINARY_DIR) + "/lib/tenon/plugins/python.so", "acme.python", "python");
  serveWith();
  const std::string folder = langid("1.0.0");
  replaceIn(folder + "/service.json", "\"exec\":", "\"driver\": \"acme.python@^2\", \"exec\":");
  publish(folder);
  expectDone(tenon("install langid"));
  EXPECT_EQ(status("langid")["state"], "ready");
  EXPECT_EQ(told("acme.python", "hosting"), "isolated");
  EXPECT_EQ(told("python", "hosting"), "in-process");
  EXPECT_EQ(pluginHosts().size(), 1u);
}

TEST_F(Plugins, Case78ADriverThatCrashesCostsItsCallsAndIsLeftAloneInTheEnd) {
  haveMoody();
  serveWith();
  publish(moody("abort"));
  const long agent = agentPid();
  for (int i = 0; i < 3; ++i) {
    const auto crashed = tenon("install abort");
    EXPECT_EQ(crashed.status, 1) << crashed.out;
    EXPECT_NE(crashed.err.find("error driver-crashed: "), std::string::npos) << crashed.err;
    EXPECT_NE(crashed.err.find("driver moody 2.0.0 crashed while it planned: it ended by signal 6"), std::string::npos);
  }
  EXPECT_NE(tenon("install abort").err.find("error driver-quarantined: "), std::string::npos);
  EXPECT_EQ(told("moody", "state"), "quarantined");
  EXPECT_EQ(agentPid(), agent);
}

TEST_F(Plugins, ADriverInAnEndlessLoopDoesNotOutliveTheAgent) {
  haveMoody();
  serveWith();
  publish(moody("hang"));
  ASSERT_EQ(told("moody", "state"), "ready");
  const auto hosts = pluginHosts();
  ASSERT_EQ(hosts.size(), 1u);
  Background install(TENON_PROGRAM, {"--root", root(), "install", "hang"});
  const auto busy = [&] {  // it has taken 100 ms of processor
    std::ifstream file(*hosts.begin() + "/stat");
    std::string word;
    for (int at = 0; at < 14; ++at) file >> word;
    return file && std::stol(word) > 10;
  };
  ASSERT_TRUE(eventually(busy));
  endAgent(End::Killed);
  EXPECT_TRUE(eventually([&] { return !fs::exists(*hosts.begin()) || !busy(); }));
}

// A vendor's whole way: a key, a signature, a node that trusts it, a service that pins the driver.
TEST_F(Plugins, AVendorsSignedDriverIsInstalledAndPlans) {
  const std::string library = haveSigned();
  startHub();
  startAgent();
  EXPECT_NE(tenon("plugin install " + library).err.find("error key-unknown: "), std::string::npos);
  expectDone(tenon("plugin trust " + path("vendor.pub") + " --provides python --name acme"));
  expectDone(tenon("plugin install " + library));
  EXPECT_EQ(told("acme.python", "hosting"), "isolated");
  EXPECT_NE(tenon("plugin list").out.find("acme.python  2.0.0"), std::string::npos);
  EXPECT_NE(tenon("plugin keys").out.find("acme"), std::string::npos);

  const std::string folder = langid("1.0.0");
  replaceIn(folder + "/service.json", "\"exec\":", "\"driver\": \"acme.python@^2\", \"exec\":");
  publish(folder);
  expectDone(tenon("install langid"));
  auto before = status("langid");
  EXPECT_EQ(before["state"], "ready");

  // The next version, before it is installed: here it is the same library, which plans the same.
  replaceIn(path("plugins/acme.python.plugin.json"), "2.0.0", "2.1.0");
  expectDone(tenon("plugin sign " + library + " --key " + path("vendor.key")));
  const auto preview = tenon("plugin install " + library + " --dry-run");
  EXPECT_NE(preview.out.find("acme.python 2.1.0 would be installed, for python"), std::string::npos) << preview.out;
  EXPECT_NE(preview.out.find("langid 1.0.0  acme.python 2.0.0  the same plan"), std::string::npos) << preview.out;
  EXPECT_EQ(told("acme.python", "version"), "2.0.0");
  expectDone(tenon("plugin install " + library));
  EXPECT_EQ(told("acme.python", "version"), "2.1.0");

  endAgent(End::Killed);
  startAgent();
  EXPECT_EQ(told("acme.python", "state"), "ready");

  // Case 82: the driver goes, what it planned runs on and starts again.
  expectDone(tenon("plugin remove acme.python"));
  EXPECT_EQ(told("acme.python", "state"), "none");
  EXPECT_EQ(status("langid")["pid"], before["pid"]);
  expectDone(tenon("restart langid"));
  EXPECT_EQ(status("langid")["state"], "ready");
}

TEST_F(Plugins, WhoUsesTheApiLetsNoPluginIntoTheAgent) {
  const std::string library = haveSigned();
  startHub();
  startAgent();
  const std::string trust = "plugin trust " + path("vendor.pub") + " --provides python --in-process";
  EXPECT_NE(tenon(trust).err.find("error busy: an agent runs for "), std::string::npos);
  endAgent(End::Asked);
  expectDone(tenon(trust));
  startAgent();
  expectDone(tenon("plugin install " + library));
  EXPECT_EQ(told("acme.python", "hosting"), "in-process");
  EXPECT_TRUE(pluginHosts().empty());
  expectDone(tenon("plugin revoke " + path("vendor.pub")));
  EXPECT_EQ(told("acme.python", "state"), "refused");
}

}  // namespace tenon::host
