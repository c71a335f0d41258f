// prometheus-node-exporter where it dies and where its agent does; its releases are in ReleasesTest.
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

}  // namespace tenon::host
