// HTTP/1.1 requests with every length, time and redirect bounded. Over TCP, or a unix socket.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Limits.h"
#include "host/base/Result.h"
#include "host/http/HttpProxies.h"

namespace tenon::host {

class Connector;

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequestOptions {
  std::string method = "GET";
  std::string url;  // http[s]://host:port/path?query
  HttpHeaders headers;
  std::string body;  // for small bodies
  // For large ones: fills a buffer, returns 0 at the end; with bodyBytes as the length.
  std::function<Result<std::size_t>(char* into, std::size_t most)> bodySource;
  std::uint64_t bodyBytes = 0;
  int redirects = limits::kRedirects;  // followed within the same host only
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
  std::string header(std::string_view name) const;  // case-insensitive; "" where absent
};

// Gives body bytes as they come; an error from it ends the transfer and is returned.
using HttpBodySink = std::function<Result<void>(std::string_view bytes)>;
// Looks at status and headers before the body; an error ends the transfer.
using HttpHeadCheck = std::function<Result<void>(const HttpResponse& head)>;

// Any thread; a connection per call.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Body in memory, at most `most` bytes. Any status is a result; errors are network-unreachable, network-slow,
  // network-protocol, redirect-refused.
  virtual Result<HttpResponse> fetch(const HttpRequestOptions& request, std::size_t most) = 0;
  // Body to the sink.
  virtual Result<HttpResponse> stream(const HttpRequestOptions& request, const HttpHeadCheck& head,
                                      const HttpBodySink& body) = 0;
};

// How requests leave this machine.
struct HttpWay {
  std::string unixSocket;  // every request goes there, whatever its URL's host; "": to that host
  std::string caFile;      // of https servers: who may vouch for them, in PEM, instead of the system's list
  HttpProxies proxies;
  // The system's list, a certificate in PEM each, where no library for TLS finds it; asked once, when the first https server
  // is. None, or no function: OpenSSL's own.
  std::function<Result<std::vector<std::string>>()> authorities = {};
};

// On Poco's sockets. Answers are read as strictly as the server reads requests. Over https the server's name is proven,
// always.
class PocoHttpClient final : public HttpClient {
 public:
  explicit PocoHttpClient(HttpWay way = {});
  ~PocoHttpClient() override;
  Result<HttpResponse> fetch(const HttpRequestOptions& request, std::size_t most) override;
  Result<HttpResponse> stream(const HttpRequestOptions& request, const HttpHeadCheck& head,
                              const HttpBodySink& body) override;

 private:
  std::unique_ptr<Connector> connector_;
};

}  // namespace tenon::host
