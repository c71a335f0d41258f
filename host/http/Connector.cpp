#include "host/http/Connector.h"

#include <Poco/URI.h>

#include "host/http/wire/HeadReader.h"
#include "host/http/wire/MessageHead.h"

namespace tenon::host {
namespace {

// Path and query as they were written: Poco would decode %2f and not encode it again.
std::string targetOf(const std::string& url) {
  const auto begin = std::min(url.find_first_of("/?#", url.find("://") + 3), url.size());
  const std::string target = url.substr(begin, url.find('#') - begin);
  return target.starts_with('/') ? target : "/" + target;
}

constexpr const char* kProxyAuthorization = "Proxy-Authorization";

}  // namespace

std::string addressOf(const Poco::URI& url) {
  const bool v6 = url.getHost().find(':') != std::string::npos;
  return (v6 ? "[" + url.getHost() + "]" : url.getHost()) + ":" + std::to_string(url.getPort());
}

Result<Route> Connector::open(const std::string& text, const Poco::URI& url) {
  std::string target = targetOf(text);
  if (!way_.unixSocket.empty()) {
    TENON_TRY(Socket socket, Socket::connect("unix:" + way_.unixSocket, limits::kConnectTimeout));
    return Route{std::move(socket), std::move(target), {}};
  }
  const bool encrypted = url.getScheme() == "https";
  TENON_TRY(const auto proxy, way_.proxies.choose(url.getScheme(), url.getHost(), url.getPort()));
  if (!encrypted && proxy) {
    TENON_TRY(Socket socket, withContext("the proxy", Socket::connect(proxy->address, limits::kConnectTimeout)));
    Route route{std::move(socket), "http://" + addressOf(url) + target, {}};
    if (!proxy->authorization.empty()) route.headers.emplace_back(kProxyAuthorization, proxy->authorization);
    return route;
  }
  auto socket = proxy ? openTunnel(*proxy, url) : Socket::connect(addressOf(url), limits::kConnectTimeout);
  if (socket && encrypted) socket = secured(*std::move(socket), url);
  if (!socket) return std::move(socket).error();
  return Route{*std::move(socket), std::move(target), {}};
}

// RFC 9110, 9.3.6.
Result<Socket> Connector::openTunnel(const HttpProxy& proxy, const Poco::URI& url) {
  TENON_TRY(Socket socket, withContext("the proxy", Socket::connect(proxy.address, limits::kConnectTimeout)));
  const std::string to = addressOf(url);
  std::string request = "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\nUser-Agent: tenon\r\n";
  if (!proxy.authorization.empty()) request += kProxyAuthorization + (": " + proxy.authorization) + "\r\n";
  TENON_CHECK(socket.sendAll(request + "\r\n", limits::kReceiveTimeout));
  const SystemClock clock;
  std::string rest;
  TENON_TRY(const auto text, withContext("the proxy", readHead(socket, rest, clock, clock.now() + limits::kReceiveTimeout)));
  const auto head = readResponseHead(text, "CONNECT");
  const std::string name = "the proxy " + proxy.address;
  if (!head) return Error(ErrorCode::NetworkProtocol, name + " answers with " + head.error().why);
  if (head->status == 407) {
    return Error(ErrorCode::Denied, name + " wants a user and a password, or others")
        .withHint("https_proxy=http://user:password@host:port");
  }
  if (head->status < 200 || head->status > 299 || !rest.empty()) {
    return Error(ErrorCode::NetworkUnreachable,
                 name + " opens no way to " + to + ": it answers " + std::to_string(head->status));
  }
  return socket;
}

Result<Socket> Connector::secured(Socket socket, const Poco::URI& url) {
  {
    const std::lock_guard lock(mutex_);
    if (!trust_) {
      std::vector<std::string> system;
      if (way_.caFile.empty() && way_.authorities) {
        TENON_TRY(system, way_.authorities());
      }
      TENON_TRY(auto trust, TlsTrust::load(way_.caFile, system));
      trust_ = std::make_unique<TlsTrust>(std::move(trust));
    }
  }
  return trust_->secure(std::move(socket), url.getHost(), limits::kConnectTimeout);
}

}  // namespace tenon::host
