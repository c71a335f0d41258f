#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/URI.h>

#include <sstream>

#include "host/http/Connector.h"
#include "host/http/wire/BodyReader.h"
#include "host/http/wire/HeadReader.h"
#include "host/http/wire/MessageHead.h"
#include "host/http/wire/Sockets.h"

namespace tenon::host {
namespace {

Result<Poco::URI> parseUrl(const std::string& text) {
  try {
    Poco::URI url(text);
    const bool spoken = url.getScheme() == "http" || url.getScheme() == "https";
    if (!spoken || url.getHost().empty() || !url.getUserInfo().empty()) {
      return Error(ErrorCode::Usage, "'" + text + "' is no http://host:port or https://host:port address");
    }
    return url;
  } catch (const Poco::Exception& error) {
    return Error(ErrorCode::Usage, "'" + text + "' is no URL: " + error.displayText());
  }
}

bool isRedirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

// One request on one connection.
class Call {
 public:
  Call(const HttpRequestOptions& request, const Poco::URI& url, Route route)
      : request_(request),
        url_(url),
        target_(std::move(route.target)),
        wayHeaders_(std::move(route.headers)),
        socket_(std::move(route.socket)) {}

  Result<HttpResponse> readHead();
  Result<void> sendRequest();
  Result<void> readBody(const HttpBodySink& sink, std::uint64_t leastRate);

 private:
  Result<std::string> headText();
  Result<void> sendBody();
  bool hasSource() const { return static_cast<bool>(request_.bodySource); }

  const HttpRequestOptions& request_;
  const Poco::URI& url_;
  const std::string target_;
  const HttpHeaders wayHeaders_;
  Socket socket_;
  SystemClock clock_;
  std::string buffer_;
  BodyFraming framing_;
};

Result<std::string> Call::headText() {
  Poco::Net::HTTPRequest head(request_.method, target_, "HTTP/1.1");
  if (!isToken(request_.method) || !isHeaderValue(target_) || target_.find_first_of(" \t") != std::string::npos) {
    return Error(ErrorCode::Usage, request_.method + " " + url_.toString() + " cannot be sent as a request");
  }
  const std::string address = addressOf(url_);
  const bool usual = url_.getPort() == (url_.getScheme() == "https" ? 443 : 80);
  head.set("Host", usual ? address.substr(0, address.rfind(':')) : address);
  head.set("User-Agent", "tenon");
  head.set("Accept-Encoding", "identity");
  head.set("Connection", "close");
  const std::uint64_t length = hasSource() ? request_.bodyBytes : request_.body.size();
  if (length > 0 || request_.method == "POST" || request_.method == "PUT")
    head.set("Content-Length", std::to_string(length));
  for (const auto& [name, value] : request_.headers) {
    if (!isToken(name) || !isHeaderValue(value)) return Error(ErrorCode::Usage, "the header '" + name + "' cannot be sent");
    head.set(name, value);
  }
  for (const auto& [name, value] : wayHeaders_) head.set(name, value);
  std::ostringstream out;
  head.write(out);
  return out.str();
}

Result<void> Call::sendRequest() {
  TENON_TRY(std::string text, headText());
  if (!hasSource()) text += request_.body;
  TENON_CHECK(socket_.sendAll(text, limits::kReceiveTimeout));
  return hasSource() ? sendBody() : Result<void>();
}

// Ends early, without an error, where the server answers already or has hung up: it will not read the rest, and its answer
// says why.
Result<void> Call::sendBody() {
  std::vector<char> piece(kPieceBytes);
  for (std::uint64_t left = request_.bodyBytes; left > 0;) {
    const auto early = socket_.receiveNow(piece.data(), piece.size());
    if (!early || *early) {
      buffer_.append(piece.data(), early ? **early : 0);
      return {};
    }
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
    TENON_TRY(const std::size_t got, request_.bodySource(piece.data(), most));
    if (got == 0 || got > most) {
      return Error(ErrorCode::IoError, "the body to send is " + std::to_string(left) + " bytes shorter than announced");
    }
    const auto sent = socket_.sendAll(std::string_view(piece.data(), got), limits::kReceiveTimeout);
    if (!sent) return sent.error().code() == ErrorCode::NetworkSlow ? sent : Result<void>();
    left -= got;
  }
  return {};
}

Result<HttpResponse> Call::readHead() {
  const Instant end = clock_.now() + (hasSource() ? limits::kUploadAnswer : limits::kReceiveTimeout);
  for (int i = 0; i <= limits::kInterimAnswers; ++i) {
    TENON_TRY(const std::string text, host::readHead(socket_, buffer_, clock_, end));
    auto head = readResponseHead(text, request_.method);
    if (!head) return Error(ErrorCode::NetworkProtocol, "the answer has " + head.error().why);
    if (head->status < 200) continue;
    const std::string coding = findHeader(head->headers, "Content-Encoding");
    if (!coding.empty() && !equalsIgnoringCase(coding, "identity")) {
      return Error(ErrorCode::NetworkProtocol, "the answer is encoded as " + coding + ", which was not asked for");
    }
    framing_ = head->body;
    HttpResponse response;
    response.status = head->status;
    response.headers = std::move(head->headers);
    return response;
  }
  return Error(ErrorCode::NetworkProtocol, "interim answers without end");
}

Result<void> Call::readBody(const HttpBodySink& sink, std::uint64_t leastRate) {
  BodyReader reader({socket_, clock_, limits::kReceiveTimeout, leastRate}, framing_, std::move(buffer_));
  std::vector<char> piece(kPieceBytes);
  while (true) {
    TENON_TRY(const std::size_t got, reader.read(piece.data(), piece.size()));
    if (got == 0) return {};
    TENON_CHECK(sink(std::string_view(piece.data(), got)));
  }
}

// Where a redirect leads; redirect-refused unless to the same server.
Result<std::string> followed(const HttpRequestOptions& request, const Poco::URI& from, const HttpResponse& response) {
  const std::string location = response.header("Location");
  const auto refused = [&](const std::string& why) {
    return Error(ErrorCode::RedirectRefused, from.toString() + " redirects to '" + location + "': " + why)
        .withHint("use the address that the server redirects to, if you trust it");
  };
  if (request.method != "GET" && request.method != "HEAD") return refused("a " + request.method + " is not sent twice");
  try {
    if (location.starts_with("//")) return refused("another server");  // Poco takes it for a path
    Poco::URI to(from);
    to.resolve(location);
    const bool same = to.getScheme() == from.getScheme() && to.getHost() == from.getHost() && to.getPort() == from.getPort();
    if (location.empty() || !same || !to.getUserInfo().empty()) return refused("another server");
    return to.toString();
  } catch (const Poco::Exception&) {
    return refused("no URL");
  }
}

struct Receiver {
  const HttpHeadCheck& head;
  const HttpBodySink& body;
  std::uint64_t leastRate;
};

Result<HttpResponse> callOnce(Call call, const Receiver& receiver) {
  TENON_CHECK(call.sendRequest());
  TENON_TRY(HttpResponse response, call.readHead());
  if (isRedirect(response.status)) return response;
  if (receiver.head) TENON_CHECK(receiver.head(response));
  TENON_CHECK(call.readBody(receiver.body, receiver.leastRate));
  return response;
}

Result<HttpResponse> callThrough(const HttpRequestOptions& request, Connector& connector, const Receiver& receiver) {
  std::string target = request.url;
  for (int hops = 0; hops <= request.redirects; ++hops) {
    TENON_TRY(const Poco::URI url, parseUrl(target));
    TENON_TRY(Route route, connector.open(target, url));
    TENON_TRY(HttpResponse response, callOnce(Call(request, url, std::move(route)), receiver));
    if (!isRedirect(response.status)) return response;
    TENON_TRY(target, followed(request, url, response));
  }
  return Error(ErrorCode::RedirectRefused, request.url + ": more than " + std::to_string(request.redirects) + " redirects");
}

}  // namespace

std::string HttpResponse::header(std::string_view name) const { return findHeader(headers, name); }

PocoHttpClient::PocoHttpClient(HttpWay way) : connector_(std::make_unique<Connector>(std::move(way))) {}
PocoHttpClient::~PocoHttpClient() = default;

Result<HttpResponse> PocoHttpClient::fetch(const HttpRequestOptions& request, std::size_t most) {
  std::string text;
  const HttpBodySink collect = [&](std::string_view bytes) -> Result<void> {
    if (bytes.size() > most - text.size()) {
      return Error(ErrorCode::NetworkProtocol, request.url + ": an answer of more than " + std::to_string(most) + " bytes");
    }
    text += bytes;
    return {};
  };
  TENON_TRY(HttpResponse response, callThrough(request, *connector_, {{}, collect, limits::kMinimumRate}));
  response.body = std::move(text);
  return response;
}

Result<HttpResponse> PocoHttpClient::stream(const HttpRequestOptions& request, const HttpHeadCheck& head,
                                            const HttpBodySink& body) {
  return callThrough(request, *connector_, {head, body, 0});
}

}  // namespace tenon::host
