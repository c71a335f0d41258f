#include "host/http/Exchange.h"

#include <array>
#include <exception>

#include "host/http/RouterDispatch.h"
#include "host/http/wire/BodyReader.h"

namespace tenon::host {
namespace {

ErrorCode codeOf(int status) {
  switch (status) {
    case 408:
      return ErrorCode::Timeout;
    case 413:
    case 414:
    case 431:
      return ErrorCode::LimitExceeded;
    case 503:
      return ErrorCode::Busy;
    default:
      return ErrorCode::Usage;
  }
}

class ServedRequest final : public HttpRequest {
 public:
  ServedRequest(RequestHead head, Socket& socket, const Clock& clock, std::string buffered, Reply& reply)
      : head_(std::move(head)),
        socket_(socket),
        reply_(reply),
        reader_({socket, clock, limits::kHttpBodyStall, limits::kMinimumRate}, head_.body, std::move(buffered)) {}

  const std::string& method() const override { return head_.method; }
  const std::string& path() const override { return head_.path; }
  std::string query(std::string_view name) const override { return findQuery(head_.query, name); }
  std::string header(std::string_view name) const override { return findHeader(head_.headers, name); }
  std::string pathParameter(std::string_view name) const override {
    const auto found = parameters_.find(name);
    return found == parameters_.end() ? "" : found->second;
  }
  Result<std::string> body(std::size_t most) override;
  Result<std::size_t> readBody(char* into, std::size_t most) override;

  void take(RouterDispatch::Match match) {
    route_ = match.pattern;
    parameters_ = std::move(match.parameters);
  }
  std::string_view route() const { return route_; }
  // The body is read or lies in the buffer, so that the next request can follow.
  bool finish() { return !awaitsContinue() && reader_.finishAtOnce(); }
  std::string takeBuffered() { return reader_.takeBuffered(); }

 private:
  bool awaitsContinue() const { return head_.expectsContinue && !continued_ && !reader_.finished(); }

  RequestHead head_;
  Socket& socket_;
  Reply& reply_;
  BodyReader reader_;
  std::string_view route_;
  std::map<std::string, std::string, std::less<>> parameters_;
  bool continued_ = false;
};

Result<std::string> ServedRequest::body(std::size_t most) {
  const Error tooLong(ErrorCode::LimitExceeded, "the request's body is longer than " + std::to_string(most) + " bytes");
  if (head_.body.kind == BodyFraming::Kind::Length && head_.body.length > most) return tooLong;
  std::string text;
  std::array<char, 16 * limits::KiB> piece;
  while (true) {
    TENON_TRY(const std::size_t got, readBody(piece.data(), piece.size()));
    if (got == 0) return text;
    if (got > most - text.size()) return tooLong;
    text.append(piece.data(), got);
  }
}

Result<std::size_t> ServedRequest::readBody(char* into, std::size_t most) {
  if (awaitsContinue()) {
    continued_ = true;
    TENON_CHECK(socket_.sendAll("HTTP/1.1 100 Continue\r\n\r\n", limits::kHttpBodyStall));
  }
  auto got = reader_.read(into, most);
  if (!got) reply_.blame(got.error().code() == ErrorCode::NetworkSlow ? 408 : 400);
  return got;
}

void handle(const Router& router, ServedRequest& request, Reply& reply) {
  const RouterDispatch dispatch(router);
  if (const auto allowed = dispatch.guard(request); !allowed) return reply.problem(allowed.error());
  auto match = dispatch.find(request.method(), request.path());
  if (const HttpHandler* handler = match.handler) {
    request.take(std::move(match));
    return (*handler)(request, reply);
  }
  if (match.allow.empty()) return reply.problem(Error(ErrorCode::NotFound, "no such path: " + request.path()));
  reply.header("Allow", match.allow);
  reply.fault(405, Error(ErrorCode::Usage, request.path() + " takes " + match.allow + ", not " + request.method()));
}

// A bug in one handler must not end the others' service.
void handleSafely(const Reply::Context& context, const Router& router, ServedRequest& request, Reply& reply) {
  std::string why = "the handler gave no answer";
  try {
    handle(router, request, reply);
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (reply.answered()) return;
  context.log.error("http: " + request.method() + " " + request.path() + ": " + why);
  reply.fault(500, Error(ErrorCode::Internal, "the server failed to answer").withHint("see its log"));
}

}  // namespace

Exchange serveRequest(const Reply::Context& context, const Router& router, Socket& socket, std::string_view text,
                      std::string buffered) {
  const Instant began = context.clock.now();
  auto head = readRequestHead(text);
  if (!head) return refuseRequest(context, head.error().status, head.error().why);
  const bool wantsMore = head->keepAlive;
  Reply reply(context, {head->method, findHeader(head->headers, "Range"), findHeader(head->headers, "If-Range"),
                        findHeader(head->headers, "If-None-Match")});
  ServedRequest request(*std::move(head), socket, context.clock, std::move(buffered), reply);
  handleSafely(context, router, request, reply);
  if (context.answered) context.answered({request.route(), reply.status(), context.clock.now() - began});
  const bool read = request.finish();
  auto stream = reply.takeStream();
  const bool keepAlive = wantsMore && read && !stream;
  return {reply.take(keepAlive), keepAlive, !read, request.takeBuffered(), std::move(stream)};
}

Exchange refuseRequest(const Reply::Context& context, int status, const std::string& why) {
  Reply reply(context, {});
  reply.fault(status, Error(codeOf(status), why));
  return {reply.take(false), false, true, {}, {}};
}

}  // namespace tenon::host
