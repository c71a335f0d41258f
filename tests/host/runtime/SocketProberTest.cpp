// The real prober against servers that behave, and such as do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "host/runtime/HealthProber.h"
#include "tests/support/ScriptedServer.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SocketProberTest : public testing::Test {
 protected:
  std::future<ProbeAnswer> begin(std::uint16_t port, Millis timeout = Millis{30000}) {
    ProbeTarget target{check_, port};
    target.check.timeout = timeout;
    auto promise = std::make_shared<std::promise<ProbeAnswer>>();
    auto future = promise->get_future();
    prober_->probe(std::move(target), [promise](ProbeAnswer answer) { promise->set_value(std::move(answer)); });
    return future;
  }
  ProbeAnswer ask(std::uint16_t port, Millis timeout = Millis{30000}) {
    auto future = begin(port, timeout);
    if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) return {false, "the prober never answered"};
    return future.get();
  }
  ProbeAnswer askOf(ScriptedServer::Script script, Millis timeout = Millis{30000}) {
    const ScriptedServer server(std::move(script));
    return ask(server.port(), timeout);
  }

  SystemClock clock_;
  HealthCheck check_;
  std::unique_ptr<HealthProber> prober_ = makeSocketProber(clock_);
};

TEST_F(SocketProberTest, CallsTwoHundredHealthyWithoutWaitingForItsBody) {
  const auto answer = askOf(ScriptedServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"));
  EXPECT_TRUE(answer.healthy);
  EXPECT_EQ(answer.text, "200");
}

TEST_F(SocketProberTest, AsksForTheEndpointAndNothingElse) {
  std::promise<std::string> head;
  check_.endpoint = "/v1/health?full=1";
  const auto answer = askOf([&](Poco::Net::StreamSocket& socket) {
    head.set_value(ScriptedServer::readHead(socket));
    ScriptedServer::send(socket, "HTTP/1.0 204 No Content\r\n\r\n");
  });
  EXPECT_TRUE(answer.healthy);
  const std::string sent = head.get_future().get();
  EXPECT_THAT(sent, StartsWith("GET /v1/health?full=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_THAT(sent, HasSubstr("Connection: close\r\n"));
}

TEST_F(SocketProberTest, SaysWhatAnUnhealthyServiceSays) {
  const auto answer = askOf(ScriptedServer::answering(
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 25\r\n\r\nwarming\x1b[31m\r\n up, \xff 40 %"));
  EXPECT_FALSE(answer.healthy);
  EXPECT_EQ(answer.text, "503 warming [31m up, ? 40 %");
}

TEST_F(SocketProberTest, ReadsAnAnswerThatComesByteByByte) {
  const auto answer = askOf([](Poco::Net::StreamSocket& socket) {
    socket.setNoDelay(true);
    ScriptedServer::readHead(socket);
    for (const char byte : std::string("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nnot ready\r\n0\r\n\r\n")) {
      ScriptedServer::send(socket, {&byte, 1});
    }
  });
  EXPECT_EQ(answer.text, "503 not ready");
}

TEST_F(SocketProberTest, Case71DoesNotFollowARedirectAndCallsItHealthyByDefault) {
  const ScriptedServer elsewhere(ScriptedServer::answering("HTTP/1.1 500 No\r\n\r\n"));
  const std::string redirect =
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + std::to_string(elsewhere.port()) + "/\r\n\r\n";
  EXPECT_TRUE(askOf(ScriptedServer::answering(redirect)).healthy);
  check_.expectTo = 299;
  const auto strict = askOf(ScriptedServer::answering(redirect));
  EXPECT_FALSE(strict.healthy);
  EXPECT_EQ(strict.text, "302");
}

// Case 71.
TEST_F(SocketProberTest, Case71GivesUpOnAHangingAnswer) {
  const auto answer = askOf(
      [](Poco::Net::StreamSocket& socket) {
        char byte = 0;
        ScriptedServer::readHead(socket);
        socket.receiveBytes(&byte, 1);  // until the prober has gone
      },
      Millis{200});
  EXPECT_FALSE(answer.healthy);
  EXPECT_EQ(answer.text, "timed out after 0.2 s");
}

TEST_F(SocketProberTest, TellsTheStatusOfAnAnswerWhoseBodyHangs) {
  const auto answer = askOf(
      [](Poco::Net::StreamSocket& socket) {
        char byte = 0;
        ScriptedServer::readHead(socket);
        ScriptedServer::send(socket, "HTTP/1.1 503 No\r\n\r\nnearly");
        socket.receiveBytes(&byte, 1);
      },
      Millis{2000});
  EXPECT_FALSE(answer.healthy);
  EXPECT_EQ(answer.text, "503 nearly");
}

TEST_F(SocketProberTest, Case71ReadsLittleOfAnEndlessBody) {
  std::atomic<std::uint64_t> sent = 0;
  const auto answer = askOf([&](Poco::Net::StreamSocket& socket) {
    ScriptedServer::readHead(socket);
    ScriptedServer::send(socket, "HTTP/1.1 500 No\r\nContent-Length: 1073741824\r\n\r\n");
    const std::string block(65536, 'x');
    for (std::uint64_t total = 0; total < limits::GiB; total += block.size()) {
      ScriptedServer::send(socket, block);
      sent += block.size();
    }
  });
  EXPECT_FALSE(answer.healthy);
  EXPECT_EQ(answer.text, "500 " + std::string(limits::kHealthTextBytes, 'x'));
  EXPECT_LT(sent, 64 * limits::MiB);  // what the kernel's buffers hold, at most
}

TEST_F(SocketProberTest, Case71RefusesAHeaderWithoutEnd) {
  const auto answer = askOf([](Poco::Net::StreamSocket& socket) {
    ScriptedServer::readHead(socket);
    ScriptedServer::send(socket, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10'000; ++i) ScriptedServer::send(socket, "X-Filler-" + std::to_string(i) + ": yes\r\n");
    ScriptedServer::send(socket, "\r\n");
  });
  EXPECT_FALSE(answer.healthy);
  EXPECT_EQ(answer.text, "the answer's header is larger than 16 KiB");
}

TEST_F(SocketProberTest, TellsThatNobodyListens) {
  std::uint16_t port = 0;
  {
    const ScriptedServer gone(ScriptedServer::answering(""));
    port = gone.port();
  }
  const auto answer = ask(port);
  EXPECT_FALSE(answer.healthy);
  EXPECT_EQ(answer.text, "connection refused");
}

TEST_F(SocketProberTest, TellsWhatIsNotHttp) {
  const auto ssh = askOf(ScriptedServer::answering("SSH-2.0-OpenSSH_9.2p1\r\n"));
  EXPECT_FALSE(ssh.healthy);
  EXPECT_EQ(ssh.text, "not HTTP: SSH-2.0-OpenSSH_9.2p1");
  EXPECT_EQ(askOf(ScriptedServer::answering("HTTP/1.1 abc\r\n\r\n")).text, "not HTTP: HTTP/1.1 abc");
  EXPECT_EQ(askOf(ScriptedServer::answering("HTTP/1.1 2000 OK\r\n\r\n")).text, "not HTTP: HTTP/1.1 2000 OK");
}

TEST_F(SocketProberTest, TellsThatTheConnectionWasClosed) {
  EXPECT_EQ(askOf(ScriptedServer::answering("")).text, "the connection was closed before an answer came");
  EXPECT_EQ(askOf(ScriptedServer::answering("HTTP/1.1 200 OK\r\nA: b\r\n")).text,
            "the connection was closed before an answer came");
}

TEST_F(SocketProberTest, WaitsForTheRealAnswerAfterAnInterimOne) {
  const auto answer = askOf(ScriptedServer::answering("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"));
  EXPECT_TRUE(answer.healthy);
  EXPECT_EQ(answer.text, "200");
}

TEST_F(SocketProberTest, RefusesAnEndpointThatIsNoPath) {
  const ScriptedServer server(ScriptedServer::answering("HTTP/1.1 200 OK\r\n\r\n"));
  for (const char* endpoint : {"", "health", "/a b", "/a\r\nX: y", "http://other/"}) {
    check_.endpoint = endpoint;
    const auto answer = ask(server.port());
    EXPECT_FALSE(answer.healthy) << endpoint;
    EXPECT_THAT(answer.text, HasSubstr("is no path"));
  }
}

TEST_F(SocketProberTest, IsContentWithAConnectionWhereTcpIsAsked) {
  check_.type = HealthCheck::Type::Tcp;
  check_.endpoint = "";
  const auto answer = askOf([](Poco::Net::StreamSocket&) {});
  EXPECT_TRUE(answer.healthy);
  EXPECT_EQ(answer.text, "connected");
}

TEST_F(SocketProberTest, DelaysNobodyForOneThatHangs) {
  const ScriptedServer hangs([](Poco::Net::StreamSocket& socket) {
    char bytes[1024];
    while (socket.receiveBytes(bytes, sizeof bytes) > 0) {
    }
  });
  const ScriptedServer answers(ScriptedServer::answering("HTTP/1.1 200 OK\r\n\r\n"));
  std::vector<std::future<ProbeAnswer>> stuck;
  for (int i = 0; i < 50; ++i) stuck.push_back(begin(hangs.port()));
  for (int i = 0; i < 50; ++i) {
    const auto answer = ask(answers.port());
    EXPECT_TRUE(answer.healthy) << answer.text;
  }
  for (const auto& each : stuck) EXPECT_NE(each.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  prober_.reset();  // with fifty under way
}

}  // namespace
}  // namespace tenon::host
