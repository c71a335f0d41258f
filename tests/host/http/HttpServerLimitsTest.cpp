#include <deque>

#include "tests/host/http/HttpFixture.h"

namespace tenon::host {
namespace {

using std::chrono::seconds;

class HttpServerLimits : public HttpServerFixture {};

TEST_F(HttpServerLimits, Case83CutsAHeadThatDoesNotCome) {
  serve();
  RawClient slow = connect(), silent = connect();
  slow.send("GET /hello HTTP/1.1\r\nHost: h\r\n");
  settle();
  clock_.advance(seconds(9));
  slow.send("X: ");
  settle();
  clock_.advance(seconds(2));
  settle();
  const RawAnswer answer = slow.answer();
  EXPECT_EQ(answer.status(), 408) << "a byte now and then does not help";
  slow.endSending();
  EXPECT_TRUE(slow.ended());
  EXPECT_TRUE(silent.ended()) << "who said nothing is told nothing";
}

TEST_F(HttpServerLimits, KeepsAnIdleConnectionForAWhile) {
  serve();
  RawClient client = connect();
  EXPECT_EQ(client.ask(get("/hello")).status(), 200);
  settle();
  clock_.advance(limits::kHttpIdle - seconds(1));
  settle();
  EXPECT_EQ(client.ask(get("/hello")).status(), 200);
  settle();
  clock_.advance(limits::kHttpIdle);
  settle();
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerLimits, CountsAHeadsTimeFromItsFirstByte) {
  serve();
  RawClient client = connect();
  EXPECT_EQ(client.ask(get("/hello")).status(), 200);
  settle();
  clock_.advance(seconds(60));
  client.send("GET /hel");
  settle();
  clock_.advance(seconds(9));
  settle();
  EXPECT_EQ(client.ask("lo HTTP/1.1\r\nHost: h\r\n\r\n").body, "hello");
}

TEST_F(HttpServerLimits, Case83RefusesAHeadThatIsTooLarge) {
  serve();
  RawClient client = connect();
  client.send("GET /hello HTTP/1.1\r\nHost: h\r\nX: " + std::string(1 << 20, 'a'));
  EXPECT_EQ(client.answer().status(), 431);
  client.endSending();
  EXPECT_TRUE(client.ended());

  std::string fits = "GET /hello HTTP/1.1\r\nHost: h\r\nX: ";
  fits += std::string(limits::kHttpHeaderBytes - fits.size() - 4, 'a') + "\r\n\r\n";
  EXPECT_EQ(connect().ask(fits).status(), 200);
  EXPECT_EQ(connect().ask("GET / HTTP/1.1\r\nX: " + fits).status(), 431);
}

TEST_F(HttpServerLimits, RefusesWhatIsNoHttp) {
  serve();
  EXPECT_EQ(connect().ask("\n").status(), 400);
  EXPECT_EQ(connect().ask("GET / HTTP/1.1\nHost: h\n\n").status(), 400);
  EXPECT_EQ(connect().ask("SSH-2.0-OpenSSH_9.2\r\n\r\n").status(), 400);
  EXPECT_EQ(connect().ask("GET /a%2f..%2fb HTTP/1.1\r\nHost: h\r\n\r\n").status(), 400);
  EXPECT_EQ(connect().ask("\r\n" + get("/hello")).status(), 200) << "an empty line before a request is passed over";
}

TEST_F(HttpServerLimits, AnswersThatItIsFull) {
  serve({}, clock_, {.address = "127.0.0.1:0", .connections = 3});
  std::deque<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(connect());
    ASSERT_EQ(clients.back().ask(get("/hello")).status(), 200);
  }
  RawClient fourth = connect();
  const RawAnswer answer = fourth.answer();
  EXPECT_EQ(answer.status(), 503);
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_TRUE(fourth.ended());
  EXPECT_EQ(clients.front().ask(get("/hello", "Connection: close\r\n")).status(), 200);
  EXPECT_TRUE(clients.front().ended());
  EXPECT_EQ(connect().ask(get("/hello")).status(), 200);
}

TEST_F(HttpServerLimits, Case85CutsAReaderThatIsStuckAndCostsNoThreadMeanwhile) {
  folder_.write("big", std::string(32 * limits::MiB, 'b'));
  Router router;
  router.add("GET", "/big", [&](HttpRequest&, HttpReply& reply) { reply.file(folder_ / "big", "text/plain", "e"); });
  serve(std::move(router));
  std::deque<RawClient> stuck;
  for (int i = 0; i < 6; ++i) {
    stuck.push_back(connect());
    stuck.back().send(get("/big"));
  }
  settle();  // by the two workers, which six readers would hold
  for (int round = 0; round < 20; ++round) settle();
  clock_.advance(limits::kHttpBodyStall + seconds(1));
  settle();
  EXPECT_LT(stuck.front().rest().size(), 32 * limits::MiB);
}

}  // namespace
}  // namespace tenon::host
