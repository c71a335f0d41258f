// A relay on real sockets, with services that are servers of our own: what a client sees while they come and go.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/host/relay/RelayFixture.h"

namespace tenon::host {
namespace {

std::uint16_t portOf(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

// Says its name; POST /echo answers its body.
class NamedService {
 public:
  NamedService(Files& files, const Clock& clock, Log& log, std::string name) : pool_(2) {
    Router router;
    router.add("GET", "/name", [name](HttpRequest&, HttpReply& reply) { reply.text(200, "text/plain", name); });
    router.add("POST", "/echo", [](HttpRequest& request, HttpReply& reply) {
      const auto body = request.body(8 << 20);
      if (!body) return reply.problem(body.error());
      reply.text(200, "text/plain", *body);
    });
    server_ = HttpServer::listen({.address = "127.0.0.1:0"}, {files, pool_, clock, log}, std::move(router)).value();
    server_->start();
  }
  ~NamedService() { server_->stop(); }
  std::uint16_t port() const { return portOf(server_->address()); }

 private:
  WorkerPool pool_;
  std::unique_ptr<HttpServer> server_;
};

class RelayTest : public ::testing::Test {
 protected:
  RelayTest() {
    relay_ = Relay::open({*files_, clock_, log_, table()}, 0).value();
    relay_->start();
  }
  Path table() const { return folder_ / "endpoints.json"; }
  std::unique_ptr<NamedService> service(const std::string& name) {
    return std::make_unique<NamedService>(*files_, clock_, log_, name);
  }
  void lead(std::uint16_t to, bool awaited = false, EndpointPolicy::Protocol protocol = EndpointPolicy::Protocol::Http) {
    const EndpointTable entries{{ServiceId::parse("langid").value(), {{"127.0.0.1", port_, protocol}, to, awaited}}};
    const auto written = writeEndpointTable(*files_, table(), entries);
    ASSERT_TRUE(written) << written.error().message();
  }
  RawClient connect() { return connectTo(port_); }

  MachineFiles files_;
  TempFolder folder_;
  SystemClock clock_;
  RememberingLog log_;
  const std::uint16_t port_ = freePort();
  std::unique_ptr<Relay> relay_;
};

TEST_F(RelayTest, PassesRequestsAndAnswersOn) {
  const auto one = service("one");
  lead(one->port());
  RawClient client = connect();
  EXPECT_EQ(client.ask(get("/name")).body, "one");
  EXPECT_EQ(client.ask(post("/echo", "some text")).body, "some text");
  EXPECT_EQ(client.ask(get("/nowhere")).status(), 404) << "the service's own answer";
  const std::string large(3 << 20, 'x');
  EXPECT_EQ(client.ask(post("/echo", large)).body, large);
}

TEST_F(RelayTest, AKeptAliveClientPassesFromTheOldToTheNewBetweenTwoAnswers) {
  auto one = service("one");
  const auto two = service("two");
  lead(one->port());
  RawClient client = connect();
  EXPECT_EQ(client.ask(get("/name")).body, "one");
  lead(two->port());
  std::this_thread::sleep_for(std::chrono::milliseconds(10));  // what was read so long ago no longer holds
  EXPECT_EQ(client.ask(get("/name")).body, "two");
  one.reset();
  EXPECT_EQ(client.ask(get("/name")).body, "two");
}

TEST_F(RelayTest, NobodySeesAGapWhileReleasesComeAndGo) {
  auto now = service("0");
  lead(now->port());
  std::atomic<bool> ending = false;
  std::atomic<int> failures = 0;
  std::array<std::atomic<int>, 2> asked = {};
  const auto keepAsking = [&](std::size_t who, bool keptAlive) {
    std::optional<RawClient> client;
    while (!ending) {
      if (!client || !keptAlive) client.emplace(connect());
      const RawAnswer answer = asked[who] % 2 ? client->ask(get("/name")) : client->ask(post("/echo", "x"));
      ++asked[who];
      if (answer.status() != 200) {
        ++failures;
        client.reset();
      }
    }
  };
  // What had begun before is answered once each has asked twice more.
  const auto drain = [&] {
    const std::array<int, 2> until = {asked[0] + 2, asked[1] + 2};
    while (asked[0] < until[0] || asked[1] < until[1]) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  std::thread kept(keepAsking, 0, true), anew(keepAsking, 1, false);
  for (int release = 1; release <= 20; ++release) {
    auto next = service(std::to_string(release));
    lead(next->port());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // what was read so long ago no longer holds
    drain();
    now = std::move(next);
  }
  ending = true;
  kept.join();
  anew.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(RelayTest, HoldsWhoAsksWhileTheServiceStartsAndWhileNobodyListensOnItsPort) {
  const std::uint16_t nobody = freePort();
  for (const std::uint16_t to : {std::uint16_t{0}, nobody}) {
    lead(to, true);
    RawClient client = connect();
    ASSERT_TRUE(client.send(get("/name")));
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    const auto one = service("one");
    lead(one->port());
    EXPECT_EQ(client.answer().body, "one");
  }
}

TEST_F(RelayTest, SaysThatAServiceDoesNotRun) {
  lead(0);
  RawClient client = connect();
  const RawAnswer answer = client.ask(get("/name"));
  EXPECT_EQ(answer.status(), 503);
  EXPECT_TRUE(answer.has("Retry-After: 1"));
  EXPECT_EQ(answer.body, "the service is not running\n");
  EXPECT_TRUE(client.ended());
}

TEST_F(RelayTest, AsksOnceMoreWhatMayBeRepeated) {
  std::atomic<int> connections = 0;
  ScriptedServer dying([&](Poco::Net::StreamSocket& socket) {
    const std::string head = ScriptedServer::readHead(socket);
    if (++connections != 2 && head.starts_with("GET")) return;  // closes without a word
    if (head.starts_with("GET")) ScriptedServer::send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain");
  });
  lead(dying.port());
  EXPECT_EQ(connect().ask(get("/")).body, "again");
  EXPECT_EQ(connections, 2);
  EXPECT_EQ(connect().ask(post("/", "pay 5")).status(), 502);
  EXPECT_EQ(connections, 3) << "asked twice, it could pay twice";
}

TEST_F(RelayTest, AnAnswerThatBreaksOffIsNotEndedAsIfItWereWhole) {
  ScriptedServer half(ScriptedServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"));
  lead(half.port());
  RawClient client = connect();
  ASSERT_TRUE(client.send(get("/")));
  const std::string all = client.rest();
  EXPECT_TRUE(all.ends_with("\r\n\r\nhalf")) << all;
}

TEST_F(RelayTest, WhatIsNoAnswerIs502) {
  ScriptedServer other(ScriptedServer::answering("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
  lead(other.port());
  EXPECT_EQ(connect().ask(get("/")).status(), 502);
}

TEST_F(RelayTest, WhatTwoReadersCouldUnderstandDifferentlyReachesNoService) {
  std::atomic<int> connections = 0;
  ScriptedServer counting([&](Poco::Net::StreamSocket&) { ++connections; });
  lead(counting.port());
  EXPECT_EQ(
      connect().ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc").status(),
      400);
  EXPECT_EQ(connect().ask("GET / HTTP/1.1\nHost: x\n\n").status(), 400);
  EXPECT_EQ(connections, 0);
}

TEST_F(RelayTest, PassesAnythingOnByTcp) {
  ScriptedServer server([](Poco::Net::StreamSocket& socket) {
    char bytes[5];
    int got = 0;
    while (got < 5) got += socket.receiveBytes(bytes + got, 5 - got);
    ScriptedServer::send(socket, "\x01" + std::string(bytes, 5) + "\n\n");
    while (socket.receiveBytes(bytes, 5) > 0) continue;  // the client ends its side first
    ScriptedServer::send(socket, "bye");
  });
  lead(server.port(), false, EndpointPolicy::Protocol::Tcp);
  RawClient client = connect();
  ASSERT_TRUE(client.send("hello"));
  client.endSending();
  EXPECT_EQ(client.rest(), "\x01hello\n\nbye");
}

TEST_F(RelayTest, ATableThatCannotBeReadChangesNothing) {
  const auto one = service("one");
  lead(one->port());
  RawClient client = connect();
  EXPECT_EQ(client.ask(get("/name")).body, "one");
  folder_.write("endpoints.json", "{");
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_EQ(client.ask(get("/name")).body, "one");
  EXPECT_EQ(connect().ask(get("/name")).body, "one");
  const auto lines = log_.lines();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const auto& line) { return line.find("endpoints.json: ") != std::string::npos; }),
            1);
}

TEST_F(RelayTest, LeavesAPortThatTheTableNoLongerNames) {
  lead(0);
  (void)connect();
  ASSERT_TRUE(writeEndpointTable(*files_, table(), {}));
  EXPECT_NO_THROW({
    while (true) {
      try {
        RawClient("127.0.0.1:" + std::to_string(port_));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      } catch (const Poco::Exception&) {
        break;
      }
    }
  });
}

}  // namespace
}  // namespace tenon::host
