#include "host/relay/RelayedExchange.h"

#include <algorithm>

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

Result<bool> move(BodyMeter& body, std::string& in, std::string& out, std::size_t room) {
  TENON_TRY(const std::size_t count, body.take(std::string_view(in).substr(0, room)));
  out.append(in, 0, count);
  in.erase(0, count);
  return count > 0;
}

}  // namespace

RelayedExchange::RelayedExchange(std::string head, const RequestHead& request)
    : head_(std::move(head)),
      method_(request.method),
      repeatable_(request.body.kind == BodyFraming::Kind::None &&
                  (method_ == "GET" || method_ == "HEAD" || method_ == "OPTIONS")),
      keepAlive_(request.keepAlive),
      request_(request.body) {}

HeadResult<std::optional<RelayedExchange>> RelayedExchange::begin(std::string& in) {
  while (in.starts_with("\r\n")) in.erase(0, 2);
  const std::size_t end = endOfHead(in);
  if (std::min(end, in.size()) > limits::kHttpHeaderBytes) return tl::unexpected(HeadFault{431, "a head that is too long"});
  if (end == std::string::npos) return std::optional<RelayedExchange>();
  std::string head = in.substr(0, end);
  const auto request = readRequestHead(head, RequestTarget::AsItIs);
  if (!request) return tl::unexpected(request.error());
  in.erase(0, end);
  return std::optional(RelayedExchange(std::move(head), *request));
}

Result<bool> RelayedExchange::moveRequest(std::string& in, std::string& out, std::size_t room) {
  return move(request_, in, out, room);
}

Result<bool> RelayedExchange::moveAnswer(std::string& in, std::string& out, std::size_t room) {
  if (in.empty() || room == 0 || upgraded_) return false;
  begun_ = true;
  if (!answer_) return moveAnswerHead(in, out);
  return move(*answer_, in, out, room);
}

Result<bool> RelayedExchange::moveAnswerHead(std::string& in, std::string& out) {
  const std::size_t end = endOfHead(in);
  if (std::min(end, in.size()) > limits::kHttpHeaderBytes) return Error(ErrorCode::NetworkProtocol, "its head is too long");
  if (end == std::string::npos) return false;
  const auto answer = readResponseHead(std::string_view(in).substr(0, end), method_);
  if (!answer) return Error(ErrorCode::NetworkProtocol, answer.error().why);
  out.append(in, 0, end);
  in.erase(0, end);
  upgraded_ = answer->status == 101;
  if (answer->status < 200) return true;  // interim: the answer itself is still to come
  keepAlive_ = keepAlive_ && answer->keepAlive;
  answer_.emplace(answer->body);
  return true;
}

Result<void> RelayedExchange::endAnswer() {
  keepAlive_ = false;
  if (answer_) return answer_->takeEnd();
  return Error(ErrorCode::NetworkProtocol, "it ended the connection before it answered");
}

}  // namespace tenon::host
