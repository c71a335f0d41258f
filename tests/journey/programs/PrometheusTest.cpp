// Debian's Prometheus finds the services of a node by the agent's service discovery, and reads what they and the agent
// measure.
#include <Poco/Net/ServerSocket.h>

#include <memory>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class Prometheus : public RealProgram {
 protected:
  void startPrometheus() {
    const Json agent = Json::parse(readText(root() + "/run/agent.json")).value();
    const std::string api = agent.stringOr("address", "").value(), token = agent.stringOr("token_file", "").value();
    const std::string shown = "authorization: { type: Bearer, credentials_file: " + token + " }\n";
    writeText(path("prometheus.yml"),
              "global: { scrape_interval: 1s }\n"
              "scrape_configs:\n"
              "  - job_name: node\n"
              "    " +
                  shown + "    static_configs: [{ targets: [\"" + api +
                  "\"] }]\n"
                  "  - job_name: services\n"
                  "    http_sd_configs:\n"
                  "      - url: http://" +
                  api +
                  "/sd/prometheus\n"
                  "        refresh_interval: 1s\n"
                  "        " +
                  shown);
    Poco::Net::ServerSocket free(Poco::Net::SocketAddress("127.0.0.1", 0));
    port_ = std::to_string(free.address().port());
    free.close();
    prometheus_ =
        std::make_unique<Background>("prometheus", std::vector<std::string>{"--config.file=" + path("prometheus.yml"),
                                                                            "--web.listen-address=127.0.0.1:" + port_,
                                                                            "--storage.tsdb.path=" + path("prometheus")});
  }
  // The value of an expression, "" while there is none.
  std::string value(const std::string& expression) {
    const auto answer = Json::parse(get(port_, "/api/v1/query?query=" + expression));
    const auto data = answer ? answer->find("data") : std::nullopt;
    const auto result = data ? data->find("result")->array() : Result<std::vector<Json>>(std::vector<Json>());
    if (!result || result->empty()) return "";
    return result->front().find("value")->array().value().at(1).string().value();
  }

  std::unique_ptr<Background> prometheus_;
  std::string port_;
};

TEST_F(Prometheus, FindsTheServicesOfANodeAndReadsThem) {
  if (shell("command -v prometheus").status != 0) GTEST_SKIP() << "prometheus is not installed here";
  const auto folder = nodeExporter(path("node-exporter-1.5.0"), "1.5.0");
  if (!folder) GTEST_SKIP() << "Debian gave no prometheus-node-exporter";
  startHub();
  startAgent("--listen 127.0.0.1:0");
  publish(*folder);
  expectDone(tenon("install node-exporter"));
  startPrometheus();
  EXPECT_TRUE(eventually([&] { return value("up%7Bjob=%22services%22,service=%22node-exporter%22%7D") == "1"; }))
      << prometheus_->output();
  EXPECT_NE(value("count(node_cpu_seconds_total%7Bversion=%221.5.0%22%7D)"), "");
  EXPECT_TRUE(eventually([&] { return value("tenon_service_ready%7Bservice=%22node-exporter%22%7D") == "1"; }));

  expectDone(tenon("stop node-exporter"));
  EXPECT_TRUE(eventually([&] { return value("tenon_service_ready%7Bservice=%22node-exporter%22%7D") == "0"; }));
  EXPECT_TRUE(eventually([&] { return value("up%7Bjob=%22services%22%7D").empty(); })) << "it is a target no more";
}

}  // namespace tenon::host
