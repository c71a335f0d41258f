#include "host/http/wire/MessageHead.h"

#include <gtest/gtest.h>

namespace tenon::host {
namespace {

int statusOf(const std::string& text) {
  const auto head = readRequestHead(text);
  return head ? 200 : head.error().status;
}
std::string withHeaders(const std::string& headers) { return "POST /a HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n"; }

TEST(MessageHead, ReadsAPlainRequest) {
  const auto head = readRequestHead(
      "GET /a%20b/c%C3%A9?x=1%262&y=a+b HTTP/1.1\r\nHost: h:80\r\nX-Thing:  some value \r\nContent-Length: 12\r\n\r\n");
  ASSERT_TRUE(head) << head.error().why;
  EXPECT_EQ(head->method, "GET");
  EXPECT_EQ(head->path, "/a b/c\xC3\xA9");
  EXPECT_EQ(findQuery(head->query, "x"), "1&2");
  EXPECT_EQ(findQuery(head->query, "y"), "a b");
  EXPECT_EQ(findQuery(head->query, "z"), "");
  EXPECT_EQ(findHeader(head->headers, "x-THING"), "some value");
  EXPECT_EQ(head->body.kind, BodyFraming::Kind::Length);
  EXPECT_EQ(head->body.length, 12U);
  EXPECT_TRUE(head->keepAlive);
}

TEST(MessageHead, KeepsAConnectionAsItsVersionAndHeaderSay) {
  const auto keeps = [](const std::string& text) { return readRequestHead(text)->keepAlive; };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(MessageHead, Case83RefusesEverySmugglingPair) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\ncontent-length: 6\r\n", 400},
      {"Content-Length: 5, 5\r\n", 400},
      {"Content-Length: +5\r\n", 400},
      {"Content-Length: -5\r\n", 400},
      {"Content-Length: 0x5\r\n", 400},
      {"Content-Length: 5 5\r\n", 400},
      {"Content-Length:\r\n", 400},
      {"Content-Length: 18446744073709551616\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: identity\r\n", 501},
      {"Transfer-Encoding: gzip, chunked\r\n", 501},
      {"Transfer-Encoding: chunked, identity\r\n", 501},
      {"Transfer-Encoding: xchunked\r\n", 501},
      {"Transfer-Encoding: \x0b"
       "chunked\r\n",
       400},
      {"Transfer-Encoding : chunked\r\n", 400},
      {"Content-Length : 5\r\n", 400},
      {" Content-Length: 5\r\n", 400},
      {"X: a\r\n Content-Length: 5\r\n", 400},
      {"X: a\r\n\tfolded\r\n", 400},
      {"X: a\nContent-Length: 5\r\n", 400},
      {"X: a\rContent-Length: 5\r\n", 400},
      {std::string("X: a\0b\r\n", 8), 400},
      {"X a\r\n", 400},
      {": a\r\n", 400},
      {"X[]: a\r\n", 400},
      {"Host: other\r\n", 400},
      {"Expect: 200-ok\r\n", 417},
  };
  for (const auto& [headers, status] : cases) EXPECT_EQ(statusOf(withHeaders(headers)), status) << headers;
  EXPECT_EQ(statusOf(withHeaders("Transfer-Encoding: Chunked\r\n")), 200);
  EXPECT_EQ(statusOf("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(statusOf("GET /a HTTP/1.1\r\n\r\n"), 400) << "no Host";
}

TEST(MessageHead, RefusesBrokenRequestLines) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"GET /", 400},
      {"GET  / HTTP/1.1", 400},
      {"GET / a HTTP/1.1", 400},
      {"GET /\tHTTP/1.1", 400},
      {"G(T / HTTP/1.1", 400},
      {"GET / HTTP/2.0", 505},
      {"GET / HTTP/1.11", 505},
      {"GET / http/1.1", 400},
      {"GET http://h/ HTTP/1.1", 400},
      {"OPTIONS * HTTP/1.1", 400},
      {"CONNECT h:80 HTTP/1.1", 400},
      {"GET /a#b HTTP/1.1", 400},
      {"GET /\xC3\xA9 HTTP/1.1", 400},
      {"GET /" + std::string(limits::kHttpTargetBytes, 'a') + " HTTP/1.1", 414},
      {std::string(40, 'A') + " / HTTP/1.1", 400},
  };
  for (const auto& [line, status] : cases) EXPECT_EQ(statusOf(line + "\r\nHost: h\r\n\r\n"), status) << line;
}

TEST(MessageHead, Case83DecodesAPathOnceAndRefusesItsTricks) {
  for (const char* const path :
       {"/..",     "/a/..",     "/a/../b", "/.",     "/a/./b",          "//",    "/a//b",     "/a/",    "/%2e%2e/b",
        "/%2E%2e", "/a/.%2e/b", "/a%2fb",  "/a%2Fb", "/a%5cb",          "/a\\b", "/..%5c..",  "/a%00b", "/a%0ab",
        "/a%7f",   "/a%",       "/a%2",    "/a%zz",  "/%c0%ae%c0%ae/b", "/%ff",  "/%ed%a0%80"}) {
    EXPECT_EQ(statusOf(std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n"), 400) << path;
  }
  const auto twice = readRequestHead("GET /%252e%252e/%252f HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->path, "/%2e%2e/%2f") << "decoded once, so it is plain text";
  EXPECT_EQ(readRequestHead("GET /...a/b.. HTTP/1.1\r\nHost: h\r\n\r\n")->path, "/...a/b..");
  EXPECT_EQ(readRequestHead("GET / HTTP/1.1\r\nHost: h\r\n\r\n")->path, "/");
  EXPECT_EQ(statusOf("GET /?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(MessageHead, RefusesAHostThatIsNone) {
  for (const char* const host : {"", "a b", "a/b", "a@b", "a,b", "a\"b"}) {
    EXPECT_EQ(statusOf(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n"), 400) << host;
  }
  for (const char* const host : {"localhost", "h:1", "[::1]:80", "a-b.c_d"}) {
    EXPECT_EQ(statusOf(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n"), 200) << host;
  }
}

TEST(MessageHead, CountsHeaders) {
  std::string headers;
  for (std::size_t i = 1; i < limits::kHttpHeaderFields; ++i) headers += "X: a\r\n";
  EXPECT_EQ(statusOf(withHeaders(headers)), 200);
  EXPECT_EQ(statusOf(withHeaders(headers + "X: a\r\n")), 431);
}

TEST(MessageHead, ReadsAnswers) {
  const auto plain = readResponseHead("HTTP/1.0 200 OK\nContent-Length: 3\n\n", "GET");
  ASSERT_TRUE(plain) << plain.error().why;
  EXPECT_EQ(plain->status, 200);
  EXPECT_EQ(plain->body.length, 3U);
  EXPECT_EQ(readResponseHead("HTTP/1.1 404\r\n\r\n", "GET")->status, 404) << "the reason may be missing";
  EXPECT_EQ(readResponseHead("HTTP/1.1 200 OK\r\n\r\n", "GET")->body.kind, BodyFraming::Kind::UntilClose);
  EXPECT_EQ(readResponseHead("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD")->body.kind, BodyFraming::Kind::None);
  EXPECT_EQ(readResponseHead("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "GET")->body.kind,
            BodyFraming::Kind::None);
  for (const char* const bad : {"HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "\r\n\r\n",
                                "SSH-2.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    EXPECT_FALSE(readResponseHead(bad, "GET")) << bad;
  }
}

TEST(MessageHead, FindsWordsInLists) {
  EXPECT_TRUE(listHas("keep-alive, Upgrade", "upgrade"));
  EXPECT_FALSE(listHas("keep-alive", "keep"));
  EXPECT_FALSE(listHas("", "close"));
  EXPECT_EQ(findQuery("ab=1&a=2&a=3", "a"), "2");
  EXPECT_EQ(findQuery("a&b=2", "a"), "");
  EXPECT_EQ(findQuery("%61=5", "a"), "5");
}

}  // namespace
}  // namespace tenon::host
