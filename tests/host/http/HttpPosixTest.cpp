// Unix sockets, by server and client; a limit on descriptors.
#include <Poco/Net/DatagramSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <sys/resource.h>

#include <deque>
#include <filesystem>

#include "host/http/HttpClient.h"
#include "tests/host/http/HttpFixture.h"

namespace tenon::host {
namespace {

class HttpPosix : public HttpServerFixture {};

TEST_F(HttpPosix, ListensOnAUnixSocketInAPrivateFolder) {
  const std::string path = (folder_ / "sock" / "agent.sock").text();
  serve({}, clock_, {.address = "unix:" + path});
  EXPECT_EQ(server_->address(), "unix:" + path);
  EXPECT_EQ(connect().ask(get("/hello")).body, "hello");
  EXPECT_EQ(std::filesystem::status(folder_.text() + "/sock").permissions(), std::filesystem::perms::owner_all);
  const auto second = HttpServer::listen({.address = "unix:" + path}, {*files_, pool_, clock_, log_}, {});
  ASSERT_FALSE(second) << "somebody answers there";
  EXPECT_EQ(second.error().code(), ErrorCode::PortTaken);
  server_->stop();
  EXPECT_FALSE(folder_.exists("sock/agent.sock"));
}

TEST_F(HttpPosix, ReplacesASocketFileThatNobodyAnswersOn) {
  const std::string path = (folder_ / "stale.sock").text();
  std::filesystem::permissions(folder_.text(), std::filesystem::perms::owner_all);
  {
    Poco::Net::ServerSocket gone;
    gone.bind(Poco::Net::SocketAddress(path), true, false);
    gone.listen();
  }
  ASSERT_TRUE(folder_.exists("stale.sock"));
  serve({}, clock_, {.address = "unix:" + path});
  EXPECT_EQ(connect().ask(get("/hello")).body, "hello");

  folder_.write("precious", "text");
  const auto refused =
      HttpServer::listen({.address = "unix:" + (folder_ / "precious").text()}, {*files_, pool_, clock_, log_}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(folder_.read("precious"), "text");
}

TEST_F(HttpPosix, SpeaksToAUnixSocket) {
  const std::string path = (folder_ / "s" / "sock").text();
  serve({}, clock_, {.address = "unix:" + path});
  PocoHttpClient client({.unixSocket = path});
  const auto got = client.fetch({.url = "http://agent/hello"}, 100);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->body, "hello");
  const auto gone = PocoHttpClient({.unixSocket = (folder_ / "absent").text()}).fetch({.url = "http://agent/"}, 100);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code(), ErrorCode::NetworkUnreachable);
}

TEST_F(HttpPosix, SurvivesRunningOutOfDescriptors) {
  serve({}, real_);
  RawClient before = connect();
  ASSERT_EQ(before.ask(get("/hello")).status(), 200);
  rlimit old{};
  getrlimit(RLIMIT_NOFILE, &old);
  const rlimit low{256, old.rlim_max};
  setrlimit(RLIMIT_NOFILE, &low);
  std::deque<Poco::Net::DatagramSocket> fillers;
  try {
    while (true) fillers.emplace_back(Poco::Net::SocketAddress("127.0.0.1:0"));
  } catch (const Poco::Exception&) {  // none is left
  }
  fillers.pop_back();
  RawClient waiting = connect();
  waiting.send(get("/hello"));
  EXPECT_EQ(before.ask(get("/hello")).status(), 200) << "who is connected is served";
  fillers.clear();
  EXPECT_EQ(waiting.answer().status(), 200);
  setrlimit(RLIMIT_NOFILE, &old);
}

}  // namespace
}  // namespace tenon::host
