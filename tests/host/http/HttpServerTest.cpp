#include <gmock/gmock.h>

#include <atomic>
#include <deque>
#include <future>
#include <thread>

#include "tests/host/http/HttpFixture.h"

namespace tenon::host {
namespace {

class HttpServerTest : public HttpServerFixture {};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  serve();
  RawClient client = connect();
  for (int i = 0; i < 3; ++i) {
    const RawAnswer answer = client.ask(get("/hello"));
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_TRUE(answer.has("Connection: keep-alive"));
    EXPECT_TRUE(answer.has("Content-Type: text/plain"));
    EXPECT_TRUE(answer.has("Server: tenon"));
    EXPECT_TRUE(answer.has("Date: Tue, 24 Nov 2026 07:45:00 GMT"));
  }
  EXPECT_EQ(client.ask(get("/hello", "Connection: close\r\n")).status(), 200);
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerTest, Case83AnswersAtOnceThoughManyIdleClientsAreKept) {
  serve();
  std::deque<RawClient> idle;
  for (int i = 0; i < 50; ++i) {
    idle.push_back(connect());
    ASSERT_EQ(idle.back().ask(get("/hello")).status(), 200);
  }
  EXPECT_EQ(connect().ask(get("/hello")).body, "hello");
  for (auto& each : idle) EXPECT_EQ(each.ask(get("/hello")).body, "hello");
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  serve();
  RawClient client = connect();
  client.send(post("/echo", "one") + post("/echo", "two") + get("/hello") + post("/echo", "three", "Connection: close\r\n"));
  EXPECT_EQ(client.answer().body, "one");
  EXPECT_EQ(client.answer().body, "two");
  EXPECT_EQ(client.answer().body, "hello");
  EXPECT_EQ(client.answer().body, "three");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerTest, ReadsARequestThatComesByteByByte) {
  serve();
  RawClient client = connect();
  for (const char c : post("/echo", "slow but sure")) client.send(std::string(1, c));
  EXPECT_EQ(client.answer().body, "slow but sure");
}

TEST_F(HttpServerTest, AnswersAClientThatEndsItsSideAfterTheRequest) {
  serve();
  RawClient client = connect();
  client.send(get("/hello"));
  client.endSending();
  EXPECT_EQ(client.answer().body, "hello");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  serve();
  RawClient client = connect();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(client.ask(head + "3\r\nabc\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n").body, "abc0123456789");
  EXPECT_EQ(client.ask(head + "0\r\n\r\n").status(), 200);
  EXPECT_EQ(client.ask(get("/hello")).body, "hello") << "the connection is where it should be";
}

TEST_F(HttpServerTest, RefusesBrokenChunksAndEndsTheConnection) {
  serve();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string body :
       {"\r\n", "x\r\n", "-1\r\n", "+3\r\nabc\r\n", "0x3\r\nabc\r\n", " 3\r\nabc\r\n", "3 \r\nabc\r\n", "3\nabc\r\n",
        "3\r\nabcd\r\n", "3\r\nabc\n0\r\n\r\n", "11111111111111111\r\n", "3;\x01\r\nabc\r\n", "0\r\nX: a\n\r\n"}) {
    RawClient client = connect();
    const RawAnswer answer = client.ask(head + body + get("/hello"));
    EXPECT_EQ(answer.status(), 400) << body;
    EXPECT_TRUE(answer.has("Connection: close")) << body;
    EXPECT_EQ(client.rest(), "") << "what follows is no request: " << body;
  }
  RawClient endless = connect();
  EXPECT_EQ(endless.ask(head + "3;" + std::string(1000, 'e')).status(), 400);
}

TEST_F(HttpServerTest, Case83CutsAChunkedBodyAtTheHandlersLimit) {
  serve();
  RawClient client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 17; ++i) client.send(chunk);
  const RawAnswer answer = client.answer();
  EXPECT_EQ(answer.status(), 413);
  EXPECT_NE(answer.body.find("\"code\":\"limit-exceeded\""), std::string::npos);
}

TEST_F(HttpServerTest, RefusesALargeBodyBeforeItComes) {
  serve();
  RawClient client = connect();
  const RawAnswer answer = client.ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n");
  EXPECT_EQ(answer.status(), 413);
  EXPECT_TRUE(answer.has("Connection: close"));
}

TEST_F(HttpServerTest, ClosesAfterABodyThatNobodyRead) {
  serve();
  RawClient client = connect();
  EXPECT_EQ(client.ask("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\npart").status(), 404);
  client.endSending();
  EXPECT_TRUE(client.ended());
  RawClient whole = connect();
  EXPECT_EQ(whole.ask(post("/nowhere", "short") + get("/hello")).status(), 404);
  EXPECT_EQ(whole.answer().body, "hello") << "a body that has come already is passed over";
}

TEST_F(HttpServerTest, SaysContinueOnlyWhereTheBodyIsWanted) {
  serve();
  RawClient wanted = connect();
  wanted.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wanted.answer().status(), 100);
  EXPECT_EQ(wanted.ask("abc").body, "abc");
  RawClient refused = connect();
  EXPECT_EQ(refused.ask("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n").status(),
            404);
  refused.endSending();
  EXPECT_TRUE(refused.ended());
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  serve();
  RawClient client = connect();
  const RawAnswer answer = client.ask("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n", true);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_TRUE(answer.has("Content-Length: 5"));
  EXPECT_EQ(client.ask(get("/hello")).body, "hello") << "no byte of a body came between";
}

TEST_F(HttpServerTest, SaysWhatIsThereAndWhatItTakes) {
  Router router;
  router.add("DELETE", "/hello", [](HttpRequest&, HttpReply& reply) { reply.empty(204); });
  serve(std::move(router));
  RawClient client = connect();
  const RawAnswer missing = client.ask(get("/nowhere"));
  EXPECT_EQ(missing.status(), 404);
  EXPECT_TRUE(missing.has("Content-Type: application/problem+json"));
  EXPECT_EQ(missing.body, R"({"title":"Not Found","status":404,"code":"not-found","detail":"no such path: /nowhere"})");
  const RawAnswer wrong = client.ask(post("/hello", ""));
  EXPECT_EQ(wrong.status(), 405);
  EXPECT_TRUE(wrong.has("Allow: DELETE, GET, HEAD"));
  const RawAnswer deleted = client.ask("DELETE /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(deleted.status(), 204);
  EXPECT_EQ(deleted.head.find("Content-Length"), std::string::npos);
}

TEST_F(HttpServerTest, GivesPathsToTheMostExactRoute) {
  Router router;
  const auto say = [](const char* what) {
    return [what](HttpRequest& request, HttpReply& reply) {
      reply.text(200, "text/plain", what + (":" + request.pathParameter("id")) + ":" + request.pathParameter("verb"));
    };
  };
  router.add("GET", "/s/{id}/{verb}", say("both"));
  router.add("GET", "/s/{id}/start", say("start"));
  router.add("GET", "/s/all/{verb}", say("all"));
  router.add("GET", "/", say("top"));
  serve(std::move(router));
  RawClient client = connect();
  EXPECT_EQ(client.ask(get("/s/a/b")).body, "both:a:b");
  EXPECT_EQ(client.ask(get("/s/a/start")).body, "start:a:");
  EXPECT_EQ(client.ask(get("/s/all/start")).body, "all::start");
  EXPECT_EQ(client.ask(get("/s/a%20b/c")).body, "both:a b:c");
  EXPECT_EQ(client.ask(get("/")).body, "top::");
  EXPECT_EQ(client.ask(get("/s/a")).status(), 404);
}

TEST_F(HttpServerTest, AsksTheGuardFirst) {
  Router router;
  router.guard([](const HttpRequest& request) -> Result<void> {
    if (request.header("Authorization") == "Bearer t") return {};
    return Error(ErrorCode::Unauthenticated, "no token").withHint("send one");
  });
  serve(std::move(router));
  RawClient client = connect();
  const RawAnswer refused = client.ask(get("/hello"));
  EXPECT_EQ(refused.status(), 401);
  EXPECT_TRUE(refused.has("WWW-Authenticate: Bearer"));
  EXPECT_EQ(refused.body,
            R"({"title":"Unauthorized","status":401,"code":"unauthenticated","detail":"no token","hint":"send one"})");
  EXPECT_EQ(client.ask(get("/hello", "Authorization: Bearer t\r\n")).status(), 200);
}

TEST_F(HttpServerTest, SurvivesHandlersThatFail) {
  Router router;
  router.add("GET", "/throws", [](HttpRequest&, HttpReply&) { throw std::runtime_error("secret reason"); });
  router.add("GET", "/silent", [](HttpRequest&, HttpReply&) {});
  router.add("GET", "/twice", [](HttpRequest&, HttpReply& reply) {
    reply.json(200, "1");
    reply.json(200, "2");
  });
  router.add("GET", "/splits", [](HttpRequest&, HttpReply& reply) {
    reply.header("X-A", "a\r\nX-B: b");
    reply.empty(200);
  });
  serve(std::move(router));
  RawClient client = connect();
  const RawAnswer thrown = client.ask(get("/throws"));
  EXPECT_EQ(thrown.status(), 500);
  EXPECT_EQ(thrown.body.find("secret"), std::string::npos) << "reasons of bugs go to the log";
  EXPECT_EQ(client.ask(get("/silent")).status(), 500);
  EXPECT_EQ(client.ask(get("/twice")).body, "1");
  EXPECT_EQ(client.ask(get("/splits")).head.find("X-B"), std::string::npos);
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
  EXPECT_NE(log_.lines().at(0).find("secret reason"), std::string::npos);
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  serve();
  const auto code = [&](const std::string& address) {
    const auto result = HttpServer::listen({.address = address}, {*files_, pool_, clock_, log_}, {});
    return result ? ErrorCode::Internal : result.error().code();
  };
  EXPECT_EQ(code(server_->address()), ErrorCode::PortTaken);
  EXPECT_EQ(code("127.0.0.1"), ErrorCode::Usage);
  EXPECT_EQ(code("127.0.0.1:99999"), ErrorCode::Usage);
  EXPECT_EQ(code("unix:relative"), ErrorCode::Usage);
  EXPECT_EQ(code("unix:/" + std::string(120, 'a')), ErrorCode::Usage);
  EXPECT_EQ(code("192.0.2.1:0"), ErrorCode::Usage);
}

TEST_F(HttpServerTest, FinishesWhatRunsAndClosesTheRestWhenItStops) {
  std::promise<void> running, release;
  std::shared_future<void> released = release.get_future().share();
  Router router;
  router.add("POST", "/long", [&](HttpRequest& request, HttpReply& reply) {
    const auto body = request.body(100);
    running.set_value();
    released.wait();
    reply.text(200, "text/plain", *body);
  });
  serve(std::move(router));
  RawClient inFlight = connect(), idle = connect(), half = connect(), silent = connect();
  EXPECT_EQ(idle.ask(get("/hello")).status(), 200);
  half.send("GET /he");
  inFlight.send(post("/long", "body"));
  running.get_future().wait();
  std::thread stopper([&] { server_->stop(); });
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(half.ended());
  EXPECT_TRUE(silent.ended());
  release.set_value();
  stopper.join();
  EXPECT_EQ(inFlight.answer().body, "body");
  EXPECT_TRUE(inFlight.ended());
  EXPECT_THROW(connect(), Poco::Exception);
}

TEST_F(HttpServerTest, StopsThoughAHandlerWaitsForABody) {
  std::promise<void> running;
  Router router;
  router.add("POST", "/wait", [&](HttpRequest& request, HttpReply& reply) {
    running.set_value();
    const auto body = request.body(100);
    reply.problem(body.error());
  });
  serve(std::move(router));
  RawClient client = connect();
  client.send("POST /wait HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  running.get_future().wait();
  server_->stop();
  EXPECT_EQ(client.answer().status(), 400);
}

TEST_F(HttpServerTest, TellsEachAnswerByItsRouteItsStatusAndHowLongItTook) {
  std::vector<std::string> told;
  HttpServer::Config config{.address = "127.0.0.1:0"};
  config.answered = [&](const HttpAnswered& request) {
    told.push_back(std::string(request.route) + " " + std::to_string(request.status) + " " +
                   std::to_string(request.took.count()));
  };
  Router router;
  router.add("GET", "/v1/services/{id}", [this](HttpRequest& request, HttpReply& reply) {
    clock_.advance(Millis(7));
    if (request.pathParameter("id") == "asr") return reply.empty(204);
    reply.problem(Error(ErrorCode::NotFound, "not installed"));
  });
  serve(std::move(router), clock_, config);
  RawClient client = connect();
  for (const std::string path : {"/v1/services/asr", "/v1/services/none", "/elsewhere"}) client.ask(get(path));
  client.ask(post("/hello", ""));
  EXPECT_THAT(told, testing::ElementsAre("/v1/services/{id} 204 7000", "/v1/services/{id} 404 7000", " 404 0", " 405 0"));
}

TEST_F(HttpServerTest, CanBeStoppedAtAnyTime) {
  serve().stop();
  server_->stop();
  auto never = HttpServer::listen({.address = "127.0.0.1:0"}, {*files_, pool_, clock_, log_}, {});
  ASSERT_TRUE(never);
  (*never)->stop();
  for (int round = 0; round < 20; ++round) {
    serve();
    std::deque<RawClient> clients;
    for (int i = 0; i < 8; ++i) clients.push_back(connect());
    for (auto& each : clients) each.send(get("/hello"));
    server_->stop();
  }
}

TEST_F(HttpServerTest, ServesManyClientsAtOnce) {
  serve();
  std::atomic<int> right{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      RawClient client = connect();
      for (int n = 0; n < 100; ++n) {
        const std::string body =
            std::to_string(i) + "/" + std::to_string(n) + std::string(static_cast<std::size_t>(n) * 50, 'x');
        if (client.ask(post("/echo", body)).body == body) ++right;
      }
    });
  }
  for (auto& each : clients) each.join();
  EXPECT_EQ(right, 800);
}

}  // namespace
}  // namespace tenon::host
