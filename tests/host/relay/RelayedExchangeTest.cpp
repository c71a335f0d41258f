#include "host/relay/RelayedExchange.h"

#include <gtest/gtest.h>

namespace tenon::host {
namespace {

RelayedExchange begun(std::string request) {
  auto exchange = RelayedExchange::begin(request);
  if (!exchange || !*exchange) throw std::runtime_error("no request: " + request);
  EXPECT_EQ(request, "");
  return **std::move(exchange);
}

struct Passed {
  std::string out;
  bool done = false, keepAlive = false;
};

// The answer in pieces of `step` bytes, with something behind it that must stay.
Passed answer(RelayedExchange exchange, const std::string& text, std::size_t step) {
  Passed passed;
  std::string in;
  for (std::size_t at = 0; at < text.size(); at += step) {
    in += text.substr(at, step);
    while (true) {
      const auto moved = exchange.moveAnswer(in, passed.out, 1000);
      EXPECT_TRUE(moved) << moved.error().message();
      if (!moved || !*moved) break;
    }
  }
  passed.done = exchange.answerDone();
  passed.keepAlive = exchange.keepAlive();
  return passed;
}

TEST(RelayedExchange, TakesTheRequestsHeadAndLeavesTheRest) {
  std::string in = "\r\nPOST /a%2fb//c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /";
  auto exchange = RelayedExchange::begin(in);
  ASSERT_TRUE(exchange && *exchange);
  EXPECT_EQ((*exchange)->head(), "POST /a%2fb//c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
  EXPECT_FALSE((*exchange)->repeatable());
  std::string out;
  EXPECT_TRUE((*exchange)->moveRequest(in, out, 2).value());
  EXPECT_FALSE((*exchange)->requestDone());
  EXPECT_TRUE((*exchange)->moveRequest(in, out, 2).value());
  EXPECT_EQ(out, "abc");
  EXPECT_TRUE((*exchange)->requestDone());
  EXPECT_EQ(in, "GET /");
}

TEST(RelayedExchange, WaitsForTheWholeHeadAndRefusesOneWithoutEnd) {
  std::string in = "GET / HTTP/1.1\r\nHost: x\r\n";
  EXPECT_FALSE(RelayedExchange::begin(in).value());
  in += std::string(40'000, 'a');
  EXPECT_EQ(RelayedExchange::begin(in).error().status, 431);
}

TEST(RelayedExchange, RefusesRequestsThatTwoReadersCouldUnderstandDifferently) {
  for (std::string in :
       {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"}) {
    const auto refused = RelayedExchange::begin(in);
    ASSERT_FALSE(refused) << in;
    EXPECT_EQ(refused.error().status, 400) << in;
  }
}

TEST(RelayedExchange, FindsTheAnswersEndInPiecesOfEverySize) {
  const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const std::string chunked =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t step = 1; step < 60; ++step) {
    for (const std::string& text : {length, chunked}) {
      const Passed passed = answer(begun("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), text + "more", step);
      EXPECT_EQ(passed.out, text) << step;
      EXPECT_TRUE(passed.done && passed.keepAlive) << step;
    }
  }
}

TEST(RelayedExchange, KnowsAnswersThatEndTheConnection) {
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_FALSE(answer(begun(get), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 9).keepAlive);
  EXPECT_FALSE(answer(begun(get), "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 9).keepAlive);
  EXPECT_TRUE(answer(begun(get), "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", 9).keepAlive);
  EXPECT_FALSE(answer(begun("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 9).keepAlive);
  const Passed open = answer(begun(get), "HTTP/1.1 200 OK\r\n\r\nas long as it lasts", 9);
  EXPECT_FALSE(open.done || open.keepAlive);
}

TEST(RelayedExchange, AnAnswerToHeadHasNoBody) {
  const Passed passed =
      answer(begun("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 100);
  EXPECT_TRUE(passed.done && passed.keepAlive);
}

TEST(RelayedExchange, AnEndTooEarlyIsAFault) {
  RelayedExchange none = begun("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(none.repeatable());
  EXPECT_FALSE(none.answerBegun());
  EXPECT_FALSE(none.endAnswer());
  RelayedExchange half = begun("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string in = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", out;
  while (half.moveAnswer(in, out, 1000).value()) continue;
  EXPECT_TRUE(half.answerPassed());
  EXPECT_FALSE(half.endAnswer());
}

TEST(RelayedExchange, AnUpgradeIsToldAndNothingBehindItTouched) {
  RelayedExchange exchange = begun("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  std::string in = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello", out;
  EXPECT_TRUE(exchange.moveAnswer(in, out, 1000).value());
  EXPECT_TRUE(exchange.upgraded());
  EXPECT_FALSE(exchange.moveAnswer(in, out, 1000).value());
  EXPECT_EQ(in, "\x81\x05hello");
}

}  // namespace
}  // namespace tenon::host
