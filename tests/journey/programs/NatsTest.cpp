// nats-server: clients on one port, health on another, and an exit of 1 when it is asked to stop.
#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class Nats : public RealProgram {
 protected:
  void SetUp() override {
    if (fromDebian("nats-server").empty()) GTEST_SKIP() << "Debian gave no nats-server";
  }
  std::string at(const std::string& version) {
    const std::string folder = package("nats", version, R"({
      "service_id": "nats", "version": "VERSION",
      "platforms": { "linux-x64": { "exec": { "type": "binary", "program": "bin/nats-server", "args": [
          "--addr", "127.0.0.1", "--port", "${SERVICE_PORT_CLIENTS}", "--http_port", "${SERVICE_PORT}"] },
        "ports": { "clients": 24222 } } },
      "health_check": { "type": "http", "endpoint": "/healthz", "interval_ms": 500 },
      "env_schema": {}, "upgrade": { "strategy": "warm", "probation_ms": 200, "drain_ms": 100 } })");
    place(fromDebian("nats-server") + "/usr/sbin/nats-server", folder + "/bin/nats-server");
    return folder;
  }
  // "24222", or what the agent has given instead; as people are told.
  std::string clientsPort() const {
    const std::string told = tenon("status nats").out, line = "\nport clients: ";
    const auto at = told.find(line);
    return at == std::string::npos ? "" : told.substr(at + line.size(), told.find('\n', at + 1) - at - line.size());
  }
  // What a subscriber is sent that publishes to itself.
  std::string delivered() const {
    std::string text;
    try {
      Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", clientsPort()));
      socket.setReceiveTimeout(Poco::Timespan(5, 0));
      const std::string asked = "CONNECT {\"verbose\":false}\r\nSUB word 1\r\nPUB word 5\r\ntenon\r\n";
      socket.sendBytes(asked.data(), static_cast<int>(asked.size()));
      char bytes[4096];
      while (text.find("\r\ntenon\r\n") == std::string::npos) {
        const int count = socket.receiveBytes(bytes, sizeof bytes);
        if (count <= 0) break;
        text.append(bytes, static_cast<std::size_t>(count));
      }
    } catch (const Poco::Exception& fault) {
      text += fault.displayText();
    }
    return text;
  }
};

TEST_F(Nats, AStopIsAStopThoughItExitsWith1) {
  ASSERT_NO_FATAL_FAILURE(serve(at("2.9.0")));
  EXPECT_NE(delivered().find("MSG word 1 5\r\ntenon\r\n"), std::string::npos) << delivered();
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("nats"));
  EXPECT_EQ(member("nats", "why"), "stopped: exit 1");
  ASSERT_EQ(tenon("start nats").status, 0);
  EXPECT_EQ(member("nats", "restarts"), "0");
  const long before = mainPid("nats");
  const auto restarted = tenon("restart nats");
  ASSERT_EQ(restarted.status, 0) << restarted.err;
  EXPECT_NE(mainPid("nats"), before);
  const auto upgraded = upgradeTo(at("2.9.1"), 1);
  ASSERT_EQ(upgraded.status, 0) << upgraded.err;
  EXPECT_NE(delivered().find("MSG word 1 5\r\ntenon\r\n"), std::string::npos) << delivered();
}

TEST_F(Nats, IsStartedAgainWhenItIsKilledAndOutlivesTheAgent) {
  ASSERT_NO_FATAL_FAILURE(serve(at("2.9.0")));
  const auto before = status("nats");
  killProcess(mainPid("nats"));
  ASSERT_TRUE(comesBack("nats", std::stol(before.at("pid"))));
  EXPECT_EQ(member("nats", "ports"), before.at("ports"));
  ASSERT_NO_FATAL_FAILURE(expectToOutliveTheAgent("nats", "/varz"));
  EXPECT_NE(delivered().find("MSG word 1 5\r\ntenon\r\n"), std::string::npos) << delivered();
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("nats"));
}

}  // namespace tenon::host
