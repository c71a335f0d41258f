// Opens the connection for a request: straight, through a proxy, over TLS, or to the one unix socket. Only for the client.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "host/http/HttpClient.h"
#include "host/http/wire/Sockets.h"
#include "host/http/wire/Tls.h"

namespace Poco {
class URI;
}

namespace tenon::host {

// "host:port", an IPv6 address in brackets.
std::string addressOf(const Poco::URI& url);

// A connection, and how a request says on it what it wants.
struct Route {
  Socket socket;
  std::string target;   // of the request line
  HttpHeaders headers;  // that the way itself needs
};

// Any thread.
class Connector {
 public:
  explicit Connector(HttpWay way) : way_(std::move(way)) {}

  // `url` is `text`, parsed. Errors: network-*, denied (a certificate, a proxy), usage (the proxy, the file of authorities).
  Result<Route> open(const std::string& text, const Poco::URI& url);

 private:
  Result<Socket> openTunnel(const HttpProxy& proxy, const Poco::URI& url);
  Result<Socket> secured(Socket socket, const Poco::URI& url);

  HttpWay way_;
  std::mutex mutex_;
  std::unique_ptr<TlsTrust> trust_;  // once the first https server is asked
};

}  // namespace tenon::host
