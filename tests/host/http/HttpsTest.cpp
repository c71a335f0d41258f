// Servers that are asked by https, and proxies on the way: certificates made for the test, and peers that answer as told.
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/ServerSocket.h>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "host/http/HttpClient.h"
#include "host/http/wire/Tls.h"
#include "tests/host/http/Certificates.h"
#include "tests/host/http/HttpFixture.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

namespace net = Poco::Net;

constexpr const char* kLength5 = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

void sendText(net::StreamSocket& peer, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    sent += static_cast<std::size_t>(peer.sendBytes(text.data() + sent, static_cast<int>(text.size() - sent)));
  }
}

// Gives each connection to `serve`, one after the other, until its end.
class Peer {
 public:
  using Serve = std::function<void(net::StreamSocket&)>;

  Peer(net::ServerSocket socket, Serve serve) : socket_(std::move(socket)), serve_(std::move(serve)) {
    thread_ = std::thread([this] {
      while (!stopped_) {
        if (!socket_.poll(Poco::Timespan(20'000), net::Socket::SELECT_READ)) continue;
        try {
          net::StreamSocket peer = socket_.acceptConnection();
          serve_(peer);
        } catch (const Poco::Exception&) {  // the client wanted no more of it
        }
      }
    });
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    stopped_ = true;
    thread_.join();
  }
  std::string port() const { return std::to_string(socket_.address().port()); }

 private:
  net::ServerSocket socket_;
  Serve serve_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

net::ServerSocket loopback() { return net::ServerSocket(net::SocketAddress("127.0.0.1:0")); }

class Https : public testing::Test {
 protected:
  void SetUp() override {
    certificates_.authority("ca");
    certificates_.certificate("server", "ca", "DNS:localhost,DNS:hub.test");
  }
  std::string file(const std::string& name) const { return (folder_ / name).text(); }
  net::ServerSocket encrypted(const std::string& name = "server") {
    net::Context::Params params;
    params.privateKeyFile = file(name + ".key");
    params.certificateFile = file(name + ".pem");
    params.verificationMode = net::Context::VERIFY_NONE;
    return net::SecureServerSocket(net::SocketAddress("127.0.0.1:0"), 64,
                                   new net::Context(net::Context::TLS_SERVER_USE, params));
  }
  static Peer::Serve answering(std::string text) {
    return [text = std::move(text)](net::StreamSocket& peer) {
      readHeadOf(peer);
      sendText(peer, text);
      peer.shutdown();
    };
  }
  Result<HttpResponse> get(const std::string& url, const std::string& authority = "ca.pem", std::size_t most = 1000) {
    PocoHttpClient client({.unixSocket = "", .caFile = authority.empty() ? "" : file(authority), .proxies = proxies_});
    return client.fetch({.url = url}, most);
  }
  void refused(const Result<HttpResponse>& result, ErrorCode code) {
    ASSERT_FALSE(result) << "answered " << result->status;
    EXPECT_EQ(result.error().code(), code) << result.error().message();
  }

  TempFolder folder_;
  Certificates certificates_{folder_};
  HttpProxies proxies_;
};

// Where no library for TLS finds it, as on Windows.
TEST_F(Https, TakesTheSystemsListFromWhoHasIt) {
  certificates_.authority("stranger");
  const Peer server(encrypted(), answering(kLength5));
  const auto listed = [&](std::vector<std::string> list, const std::string& caFile = "") {
    PocoHttpClient client({.unixSocket = "", .caFile = caFile, .proxies = {}, .authorities = [list] { return list; }});
    return client.fetch({.url = "https://localhost:" + server.port() + "/x"}, 1000);
  };
  const std::string own = folder_.read("ca.pem"), stranger = folder_.read("stranger.pem");
  EXPECT_TRUE(listed({stranger, "no certificate", own}));
  refused(listed({stranger}), ErrorCode::Denied);
  refused(listed({own}, file("stranger.pem")), ErrorCode::Denied);
  PocoHttpClient client({.unixSocket = "", .caFile = "", .proxies = {}, .authorities = [] {
                           return Result<std::vector<std::string>>(Error(ErrorCode::IoError, "the list is gone"));
                         }});
  refused(client.fetch({.url = "https://localhost:" + server.port() + "/x"}, 1000), ErrorCode::IoError);
}

TEST_F(Https, AsksAServerWhoseAuthorityIsTrusted) {
  const Peer server(encrypted(), answering(kLength5));
  const auto got = get("https://localhost:" + server.port() + "/x");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->body, "hello");
}

TEST_F(Https, TakesBodiesOfManyRecordsAndSendsThem) {
  const std::string body(700'000, 'b');
  std::string came;
  const Peer server(encrypted(), [&](net::StreamSocket& peer) {
    std::string text = readHeadOf(peer);
    std::array<char, 16'384> piece;
    while (text.size() - text.find("\r\n\r\n") - 4 < body.size()) {
      const int got = peer.receiveBytes(piece.data(), static_cast<int>(piece.size()));
      if (got <= 0) return;
      text.append(piece.data(), static_cast<std::size_t>(got));
    }
    came = text.substr(text.find("\r\n\r\n") + 4);
    sendText(peer, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    peer.shutdown();
  });
  PocoHttpClient client({.unixSocket = "", .caFile = file("ca.pem"), .proxies = {}});
  const auto got =
      client.fetch({.method = "POST", .url = "https://localhost:" + server.port() + "/x", .body = body}, body.size());
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_TRUE(got->body == body);
  EXPECT_TRUE(came == body);
}

TEST_F(Https, RefusesServersThatNobodyVouchesFor) {
  certificates_.authority("other");
  certificates_.certificate("old", "ca", "DNS:localhost", -1);
  certificates_.certificate("named", "ca", "DNS:elsewhere.test");
  const Peer server(encrypted(), answering(kLength5));
  const std::string url = "https://localhost:" + server.port() + "/";
  refused(get(url, ""), ErrorCode::Denied);  // the system does not know it
  refused(get(url, "other.pem"), ErrorCode::Denied);
  refused(get("https://127.0.0.1:" + server.port() + "/"), ErrorCode::Denied);
  const Peer named(encrypted("named"), answering(kLength5)), old(encrypted("old"), answering(kLength5));
  refused(get("https://localhost:" + named.port() + "/"), ErrorCode::Denied);
  refused(get("https://localhost:" + old.port() + "/"), ErrorCode::Denied);
}

TEST_F(Https, RefusesWhatIsNoTls) {
  const Peer plain(loopback(), [](net::StreamSocket& peer) {
    char first = 0;
    peer.receiveBytes(&first, 1);
    sendText(peer, kLength5);
    peer.shutdown();
  });
  refused(get("https://localhost:" + plain.port() + "/"), ErrorCode::NetworkProtocol);
  const Peer server(encrypted(), answering(kLength5));
  EXPECT_FALSE(get("http://localhost:" + server.port() + "/"));
}

TEST_F(Https, GivesUpOnAServerThatBeginsNothing) {
  std::atomic<bool> asked{false};
  const Peer silent(loopback(), [&](net::StreamSocket& peer) {
    std::array<char, 4096> piece;
    while (peer.receiveBytes(piece.data(), static_cast<int>(piece.size())) > 0) asked = true;
  });
  auto trust = TlsTrust::load(file("ca.pem"));
  ASSERT_TRUE(trust);
  auto socket = Socket::connect("127.0.0.1:" + silent.port(), Millis(5000));
  ASSERT_TRUE(socket);
  const auto secured = trust->secure(*std::move(socket), "localhost", Millis(100));
  ASSERT_FALSE(secured);
  EXPECT_EQ(secured.error().code(), ErrorCode::NetworkSlow) << secured.error().message();
  EXPECT_TRUE(asked);
}

TEST_F(Https, TakesNoAnswerForWholeThatWasCutOff) {
  const Peer server(encrypted(), [](net::StreamSocket& peer) {
    readHeadOf(peer);
    sendText(peer, "HTTP/1.1 200 OK\r\n\r\nhalf of");  // to the connection's end, which TLS would tell
    net::SecureStreamSocket(peer).abort();
  });
  EXPECT_FALSE(get("https://localhost:" + server.port() + "/"));
}

TEST_F(Https, NamesAFileOfAuthoritiesThatIsNone) {
  folder_.write("text.pem", "no certificate");
  refused(get("https://localhost:1/", "absent.pem"), ErrorCode::NetworkUnreachable);  // nobody there to be asked
  const Peer server(encrypted(), answering(kLength5));
  for (const char* const name : {"absent.pem", "text.pem"}) {
    refused(get("https://localhost:" + server.port() + "/", name), ErrorCode::Usage);
  }
}

// A proxy that leads every way to one server, and keeps what it was told.
class Proxy {
 public:
  explicit Proxy(std::string answer, std::string serverPort = "")
      : answer_(std::move(answer)),
        serverPort_(std::move(serverPort)),
        peer_(loopback(), [this](net::StreamSocket& client) { serve(client); }) {}
  std::string url(const std::string& user = "") const { return "http://" + user + "127.0.0.1:" + peer_.port(); }
  std::string told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  void serve(net::StreamSocket& client) {
    const auto head = readHeadOf(client);
    {
      const std::lock_guard lock(mutex_);
      told_ += head;
    }
    sendText(client, answer_);
    if (serverPort_.empty()) return client.shutdown();
    net::StreamSocket server(net::SocketAddress("127.0.0.1:" + serverPort_));
    std::thread back([&] { pump(server, client); });
    pump(client, server);
    back.join();
  }
  static void pump(net::StreamSocket from, net::StreamSocket to) {
    std::array<char, 16'384> piece;
    try {
      for (int got = 1; got > 0;) {
        got = from.receiveBytes(piece.data(), static_cast<int>(piece.size()));
        if (got > 0) sendText(to, std::string(piece.data(), static_cast<std::size_t>(got)));
      }
      to.shutdownSend();
    } catch (const Poco::Exception&) {
    }
  }
  std::string answer_, serverPort_, told_;
  std::mutex mutex_;
  Peer peer_;
};

TEST_F(Https, GoesThroughATunnelOfAProxy) {
  const Peer server(encrypted(), answering(kLength5));
  Proxy proxy("HTTP/1.1 200 Connection established\r\n\r\n", server.port());
  proxies_.https = proxy.url("me:p%40ss@");
  const auto got = get("https://hub.test:8443/x");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->body, "hello");
  EXPECT_TRUE(proxy.told().starts_with("CONNECT hub.test:8443 HTTP/1.1\r\nHost: hub.test:8443\r\n")) << proxy.told();
  EXPECT_NE(proxy.told().find("Proxy-Authorization: Basic bWU6cEBzcw==\r\n"), std::string::npos) << proxy.told();
  refused(get("https://elsewhere.test/x"), ErrorCode::Denied);  // its name is proven through the tunnel, too
}

TEST_F(Https, SaysWhatAProxyRefused) {
  Proxy wants("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"),
      closed("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
  proxies_.https = wants.url();
  refused(get("https://hub.test/x"), ErrorCode::Denied);
  proxies_.https = closed.url();
  refused(get("https://hub.test/x"), ErrorCode::NetworkUnreachable);
  proxies_.https = "http://127.0.0.1:1";
  refused(get("https://hub.test/x"), ErrorCode::NetworkUnreachable);
}

TEST_F(Https, AsksAProxyForPlainAddresses) {
  Proxy proxy(kLength5);
  proxies_.http = proxy.url("me:secret@");
  const auto got = get("http://hub.test:8640/api/services?a=b");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->body, "hello");
  EXPECT_TRUE(proxy.told().starts_with("GET http://hub.test:8640/api/services?a=b HTTP/1.1\r\n")) << proxy.told();
  EXPECT_NE(proxy.told().find("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"), std::string::npos) << proxy.told();
}

bool isProxied(const HttpProxies& proxies, const std::string& host, unsigned port = 80) {
  const auto chosen = proxies.choose("http", host, port);
  return chosen && *chosen;
}

TEST(HttpProxies, AreChosenByHost) {
  const HttpProxies proxies{"http://proxy:3128", "", "internal.test, .corp.test,[::7],10.0.0.7, other.test:8080"};
  EXPECT_EQ((*proxies.choose("http", "hub.test", 80))->address, "proxy:3128");
  EXPECT_FALSE(*proxies.choose("https", "hub.test", 443));
  for (const char* const host : {"localhost", "127.0.0.1", "::1", "internal.test", "INTERNAL.test", "a.internal.test",
                                 "corp.test", "x.corp.test", "10.0.0.7"}) {
    EXPECT_FALSE(isProxied(proxies, host)) << host;
  }
  for (const char* const host : {"notinternal.test", "internal.test.com", "10.0.0.70", "other.test"}) {
    EXPECT_TRUE(isProxied(proxies, host)) << host;
  }
  EXPECT_FALSE(isProxied(proxies, "other.test", 8080));
  EXPECT_FALSE(isProxied({"proxy:3128", "", "*"}, "hub.test"));
}

TEST(HttpProxies, MayBeWrittenShort) {
  EXPECT_EQ((*HttpProxies{"proxy", "", ""}.choose("http", "h", 80))->address, "proxy:1080");
  EXPECT_EQ((*HttpProxies{"proxy:8", "", ""}.choose("http", "h", 80))->address, "proxy:8");
  EXPECT_EQ((*HttpProxies{"http://[::7]:8/", "", ""}.choose("http", "h", 80))->address, "[::7]:8");
}

TEST(HttpProxies, RefuseWhatIsNotSpokenAndKeepThePasswordToThemselves) {
  for (const char* const text : {"socks5://me:secret@proxy:1", "https://me:secret@proxy:1", "http://me:secret@:x"}) {
    const auto chosen = HttpProxies{text, "", ""}.choose("http", "hub.test", 80);
    ASSERT_FALSE(chosen) << text;
    EXPECT_EQ(chosen.error().code(), ErrorCode::Usage);
    EXPECT_EQ((chosen.error().message() + chosen.error().hint()).find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace tenon::host
