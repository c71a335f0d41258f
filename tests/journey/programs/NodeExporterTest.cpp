// prometheus-node-exporter through all of its releases, where it dies, and where its agent does.
#include <filesystem>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class NodeExporter : public RealProgram {};

TEST_F(NodeExporter, IsStartedAgainWhenItIsKilledAndOutlivesTheAgent) {
  const auto folder = nodeExporter(path("node-exporter-1.5.0"), "1.5.0");
  if (!folder) GTEST_SKIP() << "Debian gave no prometheus-node-exporter";
  ASSERT_NO_FATAL_FAILURE(serve(*folder));
  const auto before = status("node-exporter");
  killProcess(mainPid("node-exporter"));
  ASSERT_TRUE(comesBack("node-exporter", std::stol(before.at("pid"))));
  EXPECT_EQ(member("node-exporter", "port"), before.at("port"));
  ASSERT_NO_FATAL_FAILURE(expectToOutliveTheAgent("node-exporter", "/metrics"));
  const std::string metrics = get(before.at("port"), "/metrics");
  EXPECT_NE(metrics.find("node_cpu_seconds_total"), std::string::npos) << metrics.substr(0, 1000);
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("node-exporter"));
}

TEST_F(NodeExporter, FromInstallToReinstall) {
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

}  // namespace tenon::host
