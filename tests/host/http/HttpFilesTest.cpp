#include "tests/host/http/HttpFixture.h"

namespace tenon::host {
namespace {

class HttpFiles : public HttpServerFixture {
 protected:
  void SetUp() override {
    folder_.write("ten", "0123456789");
    folder_.write("none", "");
    for (std::size_t i = 0; i < 3 * limits::MiB; ++i) big_ += static_cast<char>('a' + i % 23);
    folder_.write("big", big_);
    Router router;
    router.add("GET", "/{name}", [this](HttpRequest& request, HttpReply& reply) {
      reply.file(folder_ / request.pathParameter("name"), "application/zip", "tag");
    });
    serve(std::move(router));
  }
  RawAnswer ask(const std::string& headers, const std::string& name = "/ten") { return connect().ask(get(name, headers)); }
  std::string big_;
};

TEST_F(HttpFiles, AreSentWhole) {
  const RawAnswer answer = ask("");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, "0123456789");
  EXPECT_TRUE(answer.has("ETag: \"tag\""));
  EXPECT_TRUE(answer.has("Accept-Ranges: bytes"));
  EXPECT_TRUE(answer.has("Content-Type: application/zip"));
  EXPECT_EQ(ask("", "/none").status(), 200);
  EXPECT_EQ(ask("", "/big").body, big_);
  EXPECT_EQ(ask("", "/missing").status(), 404);
}

TEST_F(HttpFiles, AreSentInParts) {
  const RawAnswer middle = ask("Range: bytes=2-5\r\n");
  EXPECT_EQ(middle.status(), 206);
  EXPECT_EQ(middle.body, "2345");
  EXPECT_TRUE(middle.has("Content-Range: bytes 2-5/10"));
  EXPECT_TRUE(middle.has("Content-Length: 4"));
  const RawAnswer suffix = ask("Range: bytes=-3\r\n");
  EXPECT_EQ(suffix.status(), 206);
  EXPECT_EQ(suffix.body, "789");
  EXPECT_TRUE(suffix.has("Content-Range: bytes 7-9/10"));
  EXPECT_EQ(ask("Range: bytes=1000000-2999999\r\n", "/big").body, big_.substr(1000000, 2000000));
}

TEST_F(HttpFiles, RefuseRangesOutsideOfThem) {
  for (const char* const range : {"bytes=10-", "bytes=-0"}) {
    const RawAnswer answer = ask(std::string("Range: ") + range + "\r\n");
    EXPECT_EQ(answer.status(), 416) << range;
    EXPECT_TRUE(answer.has("Content-Range: bytes */10")) << range;
    EXPECT_EQ(answer.body, "");
  }
  EXPECT_EQ(ask("Range: bytes=0-0\r\n", "/none").status(), 416);
}

TEST_F(HttpFiles, GoOutInSeveralParts) {
  for (const char* const range : {"bytes=0-1,3-4,9-9", "bytes=0-1, 3-4 ,-1"}) {
    const RawAnswer answer = ask(std::string("Range: ") + range + "\r\n");
    EXPECT_EQ(answer.status(), 206) << range;
    for (const auto* part : {"Content-Range: bytes 0-1/10\r\n\r\n01\r\n--", "Content-Range: bytes 3-4/10\r\n\r\n34\r\n--",
                             "Content-Range: bytes 9-9/10\r\n\r\n9\r\n--"}) {
      EXPECT_NE(answer.body.find(part), std::string::npos) << range << ": " << answer.body;
    }
  }
  EXPECT_NE(ask("Range: bytes=0-0,100000-2999999\r\n", "/big").body.find(big_.substr(100'000, 2'900'000)),
            std::string::npos);
}

TEST_F(HttpFiles, AreWholeForRangesThatOverlapAndForNone) {
  for (const char* const range :
       {"bytes=0-4,3-4", "bytes=3-4,0-1", "bytes=0-1,99-", "bytes=0-1,x", "bytes=5-2", "lines=1-2", "bytes"}) {
    const RawAnswer answer = ask(std::string("Range: ") + range + "\r\n");
    EXPECT_EQ(answer.status(), 200) << range;
    EXPECT_EQ(answer.body, "0123456789") << range;
  }
}

TEST_F(HttpFiles, ObeyIfRange) {
  EXPECT_EQ(ask("Range: bytes=2-5\r\nIf-Range: \"tag\"\r\n").status(), 206);
  EXPECT_EQ(ask("Range: bytes=2-5\r\nIf-Range: \"other\"\r\n").status(), 200);
  EXPECT_EQ(ask("Range: bytes=2-5\r\nIf-Range: W/\"tag\"\r\n").status(), 200);
  EXPECT_EQ(ask("Range: bytes=2-5\r\nIf-Range: Tue, 24 Nov 2026 07:45:00 GMT\r\n").body, "0123456789");
}

TEST_F(HttpFiles, ObeyIfNoneMatch) {
  RawClient client = connect();
  const RawAnswer same = client.ask(get("/ten", "If-None-Match: \"x\", \"tag\"\r\nRange: bytes=2-5\r\n"));
  EXPECT_EQ(same.status(), 304);
  EXPECT_TRUE(same.has("ETag: \"tag\""));
  EXPECT_EQ(client.ask(get("/ten", "If-None-Match: \"x\"\r\n")).body, "0123456789");
}

TEST_F(HttpFiles, AnswerHeadLikeGetWithoutTheBytes) {
  RawClient client = connect();
  const RawAnswer answer = client.ask("HEAD /ten HTTP/1.1\r\nHost: h\r\nRange: bytes=2-5\r\n\r\n", true);
  EXPECT_EQ(answer.status(), 200) << "Range is for GET";
  EXPECT_TRUE(answer.has("Content-Length: 10"));
  EXPECT_TRUE(answer.has("ETag: \"tag\""));
  EXPECT_EQ(client.ask(get("/ten")).body, "0123456789");
}

}  // namespace
}  // namespace tenon::host
