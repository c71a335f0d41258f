#include "host/http/HttpClient.h"

#include <Poco/Net/ServerSocket.h>

#include <thread>

#include "tests/host/http/HttpFixture.h"

namespace tenon::host {
namespace {

// Answers each connection with the next of its texts, once it has read a whole head.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers) {
    socket_.bind(Poco::Net::SocketAddress("127.0.0.1:0"), true, false);
    socket_.listen();
    thread_ = std::thread([this, answers = std::move(answers)] {
      for (const auto& answer : answers) {
        Poco::Net::StreamSocket client = socket_.acceptConnection();
        requests_.push_back(readHeadOf(client));
        try {
          client.sendBytes(answer.data(), static_cast<int>(answer.size()));
        } catch (const Poco::Exception&) {  // the client had seen enough
        }
      }
    });
  }
  ~ScriptedServer() { join(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  std::string url(const std::string& path = "/") const { return "http://" + socket_.address().toString() + path; }
  const std::vector<std::string>& requests() const { return requests_; }  // after join()

 private:
  Poco::Net::ServerSocket socket_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

Result<HttpResponse> fetch(const ScriptedServer& server, std::size_t most = 1000) {
  PocoHttpClient client;
  return client.fetch({.url = server.url()}, most);
}
ErrorCode codeOf(const std::string& answer) {
  const ScriptedServer server({answer});
  const auto result = fetch(server);
  return result ? ErrorCode::Internal : result.error().code();
}

class HttpClientTest : public HttpServerFixture {
 protected:
  std::string url(const std::string& path) const { return "http://" + server_->address() + path; }
  PocoHttpClient client_;
};

TEST_F(HttpClientTest, FetchesAndPosts) {
  serve();
  const auto got = client_.fetch({.url = url("/hello?a=b")}, 100);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, "hello");
  EXPECT_EQ(got->header("content-type"), "text/plain");
  EXPECT_EQ(got->header("absent"), "");
  EXPECT_EQ(client_.fetch({.method = "POST", .url = url("/echo"), .body = "some text"}, 100)->body, "some text");
  EXPECT_EQ(client_.fetch({.method = "POST", .url = url("/echo")}, 100)->body, "");
  EXPECT_EQ(client_.fetch({.method = "HEAD", .url = url("/hello")}, 100)->header("Content-Length"), "5");
  EXPECT_EQ(client_.fetch({.url = url("/nowhere")}, 1000)->status, 404) << "any status is a result";
}

TEST_F(HttpClientTest, StreamsBothWays) {
  const std::string bytes(3'000'000, 'z');
  Router router;
  router.add("POST", "/count", [](HttpRequest& request, HttpReply& reply) {
    std::array<char, 10000> piece;
    std::size_t total = 0;
    for (auto got = request.readBody(piece.data(), piece.size()); got && *got > 0;
         got = request.readBody(piece.data(), piece.size())) {
      total += *got;
    }
    reply.text(200, "text/plain", std::to_string(total));
  });
  router.add("GET", "/big", [&](HttpRequest&, HttpReply& reply) { reply.text(200, "text/plain", bytes); });
  serve(std::move(router));

  std::uint64_t given = 0;
  HttpRequestOptions upload{.method = "POST", .url = url("/count"), .bodyBytes = bytes.size()};
  upload.bodySource = [&](char* into, std::size_t most) -> Result<std::size_t> {
    const auto count = std::min<std::size_t>(most, bytes.size() - given);
    std::copy_n(bytes.data() + given, count, into);
    given += count;
    return count;
  };
  EXPECT_EQ(client_.fetch(upload, 100)->body, "3000000");

  std::string received;
  std::size_t largest = 0;
  int checked = 0;
  const auto got = client_.stream(
      {.url = url("/big")},
      [&](const HttpResponse& head) -> Result<void> {
        checked = head.status;
        return {};
      },
      [&](std::string_view piece) -> Result<void> {
        largest = std::max(largest, piece.size());
        received += piece;
        return {};
      });
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(checked, 200);
  EXPECT_EQ(received, bytes);
  EXPECT_LE(largest, 64 * limits::KiB);
}

TEST_F(HttpClientTest, HearsTheAnswerThatComesDuringAnUpload) {
  Router router;
  router.add("POST", "/up", [](HttpRequest&, HttpReply& reply) { reply.problem(Error(ErrorCode::Unauthenticated, "no")); });
  serve(std::move(router));
  HttpRequestOptions upload{.method = "POST", .url = url("/up"), .bodyBytes = 1ULL << 40};
  upload.bodySource = [](char* into, std::size_t most) -> Result<std::size_t> {
    std::fill_n(into, most, 'x');
    return most;
  };
  const auto got = client_.fetch(upload, 1000);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->status, 401);
}

TEST_F(HttpClientTest, EndsWhereTheCallerSaysSo) {
  serve();
  int bytes = 0;
  const auto byHead = client_.stream(
      {.url = url("/hello")},
      [](const HttpResponse&) -> Result<void> { return Error(ErrorCode::PreconditionFailed, "changed"); },
      [&](std::string_view) -> Result<void> {
        ++bytes;
        return {};
      });
  ASSERT_FALSE(byHead);
  EXPECT_EQ(byHead.error().code(), ErrorCode::PreconditionFailed);
  EXPECT_EQ(bytes, 0);

  std::string endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 1000; ++i) endless += "400\r\n" + std::string(1024, 'x') + "\r\n";
  const ScriptedServer server({endless});
  std::size_t seen = 0;
  const auto bySink = client_.stream({.url = server.url()}, {}, [&](std::string_view piece) -> Result<void> {
    seen += piece.size();
    if (seen > 100'000) return Error(ErrorCode::ContentMismatch, "longer than announced");
    return {};
  });
  ASSERT_FALSE(bySink);
  EXPECT_EQ(bySink.error().code(), ErrorCode::ContentMismatch);
  EXPECT_LT(seen, 200'000U);
}

TEST(HttpClient, NamesTheServerThatCannotBeReached) {
  std::string address;
  {
    Poco::Net::ServerSocket closed;
    closed.bind(Poco::Net::SocketAddress("127.0.0.1:0"), true, false);
    address = closed.address().toString();
  }
  PocoHttpClient client;
  const auto got = client.fetch({.url = "http://" + address + "/"}, 100);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::NetworkUnreachable);
  EXPECT_NE(got.error().message().find(address), std::string::npos);
  EXPECT_NE(got.error().hint().find(address), std::string::npos);
  const auto unknown = client.fetch({.url = "http://no-such-name.invalid:1/"}, 100);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), ErrorCode::NetworkUnreachable);
}

TEST(HttpClient, RefusesWhatIsNoAddressOfHttp) {
  PocoHttpClient client;
  for (const char* const url : {"ftp://h/", "h:80", "", "http://", "http://u:p@h/", "file:///etc/passwd"}) {
    const auto got = client.fetch({.url = url}, 100);
    ASSERT_FALSE(got) << url;
    EXPECT_EQ(got.error().code(), ErrorCode::Usage) << url;
  }
  const auto split = client.fetch({.url = "http://127.0.0.1:1/", .headers = {{"X", "a\r\nY: b"}}}, 100);
  ASSERT_FALSE(split);
}

TEST(HttpClient, RefusesAnswersThatAreWrong) {
  const auto protocol = ErrorCode::NetworkProtocol;
  EXPECT_EQ(codeOf("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"), protocol);
  EXPECT_EQ(codeOf("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nshort"), protocol);
  EXPECT_EQ(codeOf("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), protocol);
  EXPECT_EQ(codeOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"), protocol);
  EXPECT_EQ(codeOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), protocol) << "no last chunk";
  EXPECT_EQ(codeOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), protocol);
  EXPECT_EQ(codeOf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"), protocol);
  EXPECT_EQ(codeOf("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')), protocol);
  EXPECT_EQ(codeOf("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x')), protocol)
      << "more than asked for";
  EXPECT_EQ(codeOf(""), protocol);
  EXPECT_EQ(codeOf("HTTP/1.1 200"), protocol);
  EXPECT_EQ(codeOf("220 smtp ready\r\n\r\n"), protocol);
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(codeOf(interim), protocol);
}

TEST(HttpClient, ReadsAnswersOfEveryForm) {
  const auto body = [](const std::string& answer) {
    const ScriptedServer server({answer});
    const auto got = fetch(server);
    return got ? got->body : got.error().message();
  };
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\n\r\nuntil the end"), "until the end");
  EXPECT_EQ(body("HTTP/1.0 200 OK\nContent-Length: 3\n\nabc"), "abc");
  EXPECT_EQ(body("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), "abc");
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n"), "abc");
  EXPECT_EQ(body("HTTP/1.1 204 No Content\r\n\r\n"), "");
}

TEST(HttpClient, SendsThePathAsItIsWritten) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/a%2fb/%41?x=%2F&y=a+b#part", "/a%2fb/%41?x=%2F&y=a+b"}, {"", "/"}, {"?q", "/?q"}, {"/1.0.0+build", "/1.0.0+build"}};
  for (const auto& [path, target] : cases) {
    ScriptedServer server({"HTTP/1.1 204 No Content\r\n\r\n"});
    PocoHttpClient client;
    ASSERT_TRUE(client.fetch({.url = server.url(path)}, 100)) << path;
    server.join();
    EXPECT_TRUE(server.requests().at(0).starts_with("GET " + target + " HTTP/1.1\r\n")) << server.requests().at(0);
  }
}

TEST(HttpClient, Case48FollowsRedirectsOnTheSameServerOnly) {
  PocoHttpClient client;
  ScriptedServer same({"HTTP/1.1 302 Found\r\nLocation: /b?c=d\r\nContent-Length: 0\r\n\r\n",
                       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"});
  const auto got = client.fetch({.url = same.url("/a")}, 100);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->body, "hi");
  same.join();
  EXPECT_TRUE(same.requests().at(1).starts_with("GET /b?c=d HTTP/1.1\r\n"));

  for (const char* const location : {"http://127.0.0.1:1/b", "https://127.0.0.1/b", "//169.254.169.254/latest",
                                     "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", ""}) {
    const ScriptedServer elsewhere(
        {std::string("HTTP/1.1 302 Found\r\nLocation: ") + location + "\r\nContent-Length: 0\r\n\r\n"});
    const auto refused = client.fetch({.url = elsewhere.url()}, 100);
    ASSERT_FALSE(refused) << location;
    EXPECT_EQ(refused.error().code(), ErrorCode::RedirectRefused) << location;
  }
  const ScriptedServer posted({"HTTP/1.1 307 Again\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_EQ(client.fetch({.method = "POST", .url = posted.url(), .body = "x"}, 100).error().code(),
            ErrorCode::RedirectRefused);
  const ScriptedServer loop(
      std::vector<std::string>(limits::kRedirects + 1, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(client.fetch({.url = loop.url()}, 100).error().code(), ErrorCode::RedirectRefused);
}

// Against a server that waits for the body: one that answers early would be heard instead.
TEST_F(HttpClientTest, RefusesABodyThatIsShorterThanAnnounced) {
  serve();
  HttpRequestOptions upload{.method = "POST", .url = url("/echo"), .bodyBytes = 10};
  upload.bodySource = [](char*, std::size_t) -> Result<std::size_t> { return std::size_t{0}; };
  const auto got = client_.fetch(upload, 100);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::IoError);
}

TEST_F(HttpClientTest, ReachesAServerByItsName) {
  serve();
  const std::string port = server_->address().substr(server_->address().rfind(':'));
  const auto got = client_.fetch({.url = "http://localhost" + port + "/hello"}, 100);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->body, "hello");
}

}  // namespace
}  // namespace tenon::host
