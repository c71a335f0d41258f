// Connections on which nothing moves: the relay has room for so many, and must not keep those for ever.
#include "tests/host/relay/RelayFixture.h"

namespace tenon::host {
namespace {

using Protocol = EndpointPolicy::Protocol;
constexpr auto kMost = limits::kRelayIdle;

// Answers each byte with the same byte, until its peer goes away.
void echo(Poco::Net::StreamSocket& socket) {
  char byte = 0;
  while (socket.receiveBytes(&byte, 1) == 1) ScriptedServer::send(socket, {&byte, 1});
}

std::string askOnce(RawClient client) {
  client.send("x");
  return client.receiveSome();
}

class RelayIdle : public StillRelay {
 protected:
  RawClient client(std::uint16_t service, Protocol protocol) {
    const std::uint16_t front = freePort();
    relay({{id("langid"), endpoint(front, service, protocol)},
           {id("other"), endpoint(other_, echoing_.port(), Protocol::Tcp)}});
    return connectTo(front);
  }
  // The relay, which has one thread, is done with what it did before.
  void settle() { EXPECT_EQ(askOnce(connectTo(other_)), "x"); }

 private:
  ScriptedServer echoing_{echo};
  const std::uint16_t other_ = freePort();
};

TEST_F(RelayIdle, ATcpConnectionEndsWhenNothingHasMovedForSoLong) {
  ScriptedServer echoing(echo);
  RawClient client = this->client(echoing.port(), Protocol::Tcp);
  for (int turn = 0; turn < 4; ++turn) {
    if (turn > 0) clock_.advance(kMost - Millis{1});
    client.send("x");
    EXPECT_EQ(client.receiveSome(), "x") << "what moved a little less long ago keeps it";
    settle();
  }
  clock_.advance(kMost);
  EXPECT_TRUE(client.ended());
}

TEST_F(RelayIdle, AClientThatNeverSendsItsBodyIsLeft) {
  std::atomic<bool> begun = false, left = false;
  ScriptedServer waiting([&](Poco::Net::StreamSocket& socket) {
    ScriptedServer::readHead(socket);
    begun = true;
    char byte = 0;
    left = socket.receiveBytes(&byte, 1) == 0;
  });
  RawClient client = this->client(waiting.port(), Protocol::Http);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
  while (!begun) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  clock_.advance(kMost);
  EXPECT_TRUE(client.ended());
  while (!left) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST_F(RelayIdle, AnAnswerThatIsSilentForLessGoesOn) {
  std::atomic<bool> begun = false, said = false;
  ScriptedServer polled([&](Poco::Net::StreamSocket& socket) {
    ScriptedServer::readHead(socket);
    begun = true;
    while (!said) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ScriptedServer::send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnews");
  });
  RawClient client = this->client(polled.port(), Protocol::Http);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!begun) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  clock_.advance(kMost - Millis{1});
  said = true;
  EXPECT_EQ(client.answer().body, "news");
}

}  // namespace
}  // namespace tenon::host
