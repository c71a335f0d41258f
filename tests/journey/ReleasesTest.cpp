// The life of real programs: Debian's node exporter, and a Python service that carries its own Python.
#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/journey/Journey.h"
#include "tests/journey/Posix.h"

namespace tenon::host {

class Releases : public Journey {};

TEST_F(Releases, NativeServiceFromInstallToReinstall) {
  const auto first = nodeExporter(path("exporter-1.5.0"), "1.5.0"), second = nodeExporter(path("exporter-1.6.0"), "1.6.0");
  if (!first || !second) GTEST_SKIP() << "prometheus-node-exporter cannot be had from Debian's packages here";
  startHub();
  startAgent();
  publish(*first);
  ASSERT_EQ(tenon("install node-exporter").status, 0);
  EXPECT_NE(get(status("node-exporter")["port"], "/metrics").find("node_cpu_seconds_total"), std::string::npos);

  publish(*second, 1);
  ASSERT_EQ(tenon("upgrade node-exporter").status, 0);
  auto row = status("node-exporter");
  EXPECT_EQ(row["version"], "1.6.0");
  EXPECT_EQ(row["previous"], "1.5.0");
  ASSERT_EQ(tenon("rollback node-exporter").status, 0);
  EXPECT_EQ(status("node-exporter")["version"], "1.5.0");

  ASSERT_EQ(tenon("stop node-exporter").status, 0);
  EXPECT_EQ(status("node-exporter")["state"], "stopped");
  ASSERT_EQ(tenon("start node-exporter").status, 0);
  const long pid = std::stol(status("node-exporter")["pid"]);
  ASSERT_EQ(tenon("remove node-exporter").status, 0);
  EXPECT_FALSE(isRunning(pid));
  EXPECT_EQ(tenon("status node-exporter").status, 4);
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("node-exporter") + "/versions"));
  EXPECT_TRUE(std::filesystem::is_empty(root() + "/run/instances"));

  ASSERT_EQ(tenon("install node-exporter@1.6.0").status, 0);
  EXPECT_EQ(status("node-exporter")["state"], "ready");
  ASSERT_EQ(tenon("remove node-exporter --purge").status, 0);
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("node-exporter")));
}

TEST_F(Releases, RustServiceByItsTargetTripleWithItsModels) {
  const std::string folder = path("textstats");
  std::filesystem::copy(std::string(TENON_SOURCE_DIR) + "/samples/services/textstats", folder,
                        std::filesystem::copy_options::recursive);
  const std::string target = std::string(TENON_BINARY_DIR) + "/journey/cargo";
  const auto built = shell("cd " + folder + " && CARGO_TARGET_DIR=" + target + " cargo build --release --offline --quiet");
  if (built.status == 127) GTEST_SKIP() << "cargo is not here";
  ASSERT_EQ(built.status, 0) << built.err;
  const std::string bin = folder + "/bin/x86_64-unknown-linux-gnu";
  std::filesystem::create_directories(bin);
  std::filesystem::copy(target + "/release/textstats", bin + "/textstats");
  replaceIn(folder + "/service.json", "\"default_port\": 5120,", "");
  startHub();
  startAgent();
  publish(folder);
  const auto installed = tenon("install textstats");
  ASSERT_EQ(installed.status, 0) << installed.out << installed.err;

  // "the", "and" and "a" are in models/stopwords.txt
  EXPECT_EQ(post(status("textstats")["port"], "/stats", "The cat and the cats, the dog and a cat"),
            R"({"characters":39,"words":10,"top":[{"word":"cat","count":2},{"word":"cats","count":1},)"
            R"({"word":"dog","count":1}]})");
}

TEST_F(Releases, PythonServiceThatCarriesItsPython) {
  const std::string python = fromDebian("portable-python");
  if (python.empty()) GTEST_SKIP() << "Python's packages cannot be had from Debian here";
  startHub();
  startAgent();
  const std::string folder = langid("1.0.0");
  std::filesystem::create_directories(folder + "/runtime");
  shell("cp -a " + python + " " + folder + "/runtime/python");
  publish(folder);
  const auto installed = tenon("install langid");
  ASSERT_EQ(installed.status, 0) << installed.out << installed.err;
  const std::string exe = shell("readlink /proc/" + status("langid")["pid"] + "/exe").out;
  EXPECT_NE(exe.find("versions/1.0.0/linux-x64/runtime/python/bin/python3"), std::string::npos) << exe;
}

TEST_F(Releases, WarmUpgradeAndRollbackLeaveNoGap) {
  startHub();
  startAgent();
  publish(langid("1.0.0"));
  ASSERT_EQ(tenon("install langid").status, 0);
  publish(langid("1.1.0"), 1);
  std::atomic<bool> stop{false};
  std::atomic<int> asked{0}, failed{0};
  std::thread caller([&] {
    while (!stop) {
      ++asked;
      failed += get(status("langid")["port"], "/health").empty();
    }
  });
  EXPECT_EQ(tenon("upgrade langid").status, 0);
  EXPECT_EQ(tenon("rollback langid").status, 0);
  stop = true;
  caller.join();
  EXPECT_GT(asked, 5);
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(status("langid")["version"], "1.0.0");
}

TEST_F(Releases, ColdUpgradeThatFailsGoesBack) {
  startHub();
  startAgent();
  const auto cold = [&](const std::string& version) {
    const std::string folder = langid(version);
    replaceIn(folder + "/service.json", "\"warm\"", "\"cold\"");
    return folder;
  };
  publish(cold("1.0.0"));
  ASSERT_EQ(tenon("install langid").status, 0);
  const std::string bad = cold("1.1.0");
  replaceIn(bad + "/app/main.py", "self.answer(200, {\"status\": \"OK\"", "self.answer(503, {\"status\": \"warming\"");
  replaceIn(bad + "/service.json", "\"startup_grace_ms\": 10000", "\"startup_grace_ms\": 1000");
  publish(bad, 1);
  const auto upgraded = tenon("upgrade langid");
  EXPECT_EQ(upgraded.status, 3) << upgraded.out << upgraded.err;
  EXPECT_NE(upgraded.err.find("health-timeout"), std::string::npos) << upgraded.err;
  auto row = status("langid");
  EXPECT_EQ(row["version"], "1.0.0");
  EXPECT_EQ(row["state"], "ready");
}

TEST_F(Releases, FirstReleaseThatFailsLeavesNothing) {
  startHub();
  startAgent();
  const std::string bad = langid("1.0.0");
  replaceIn(bad + "/app/main.py", "def main():", "def main():\n    sys.exit(7)");
  publish(bad);
  const auto installed = tenon("install langid");
  EXPECT_EQ(installed.status, 1) << installed.out << installed.err;
  EXPECT_NE(installed.err.find("exit 7"), std::string::npos) << installed.err;
  EXPECT_EQ(tenon("status langid").status, 4);
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("langid") + "/versions/1.0.0"));
}

TEST_F(Releases, NoActivateThenActivate) {
  startHub();
  startAgent();
  publish(langid("1.0.0"));
  ASSERT_EQ(tenon("install langid").status, 0);
  publish(langid("1.1.0"), 1);
  ASSERT_EQ(tenon("upgrade langid --no-activate").status, 0);
  EXPECT_EQ(status("langid")["version"], "1.0.0");
  ASSERT_EQ(tenon("activate langid@1.1.0").status, 0);
  EXPECT_EQ(status("langid")["version"], "1.1.0");
}

TEST_F(Releases, PlanTellsBeforeAByteMoves) {
  startHub();
  startAgent();
  publish(langid("1.0.0"));
  const auto plan = tenon("plan install langid -o json");
  ASSERT_EQ(plan.status, 0) << plan.err;
  const auto json = Json::parse(plan.out);
  ASSERT_TRUE(json) << plan.out;
  EXPECT_EQ(*json->member("to")->string(), "1.0.0");
  EXPECT_GT(*json->member("fetch_bytes")->integer(0, INT64_MAX), 1000);
  EXPECT_GT(*json->member("total_files")->integer(0, INT64_MAX), 3);
  EXPECT_EQ(tenon("plan install langid --detailed-exitcode").status, 2);
  EXPECT_FALSE(std::filesystem::exists(serviceFolder("langid")));
}

}  // namespace tenon::host
