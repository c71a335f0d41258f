#include "host/cli/AgentConnection.h"

#include "host/contract/Change.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

namespace {

constexpr std::size_t kAnswerBytes = 64 * limits::MiB;
constexpr std::string_view kUnix = "unix:";

Error noAgent(const Path& root, const std::string& why) {
  return Error{ErrorCode::NetworkUnreachable, "no agent answers for " + root.text() + ": " + why}.withHint(
      "start one with: tenon agent --root " + root.text());
}

}  // namespace

Result<AgentConnection> AgentConnection::find(Files& files, const Path& root) {
  const PackageLayout layout(root);
  const auto text = files.readAll(layout.agentFile(), limits::kServiceJsonBytes);
  if (!text) return noAgent(root, "run/agent.json is not there");
  TENON_TRY(const auto agent, Json::parse(*text));
  TENON_TRY(const std::string address, agent.stringOr("address", ""));
  TENON_TRY(const std::string tokenFile, agent.stringOr("token_file", ""));
  if (address.rfind(kUnix, 0) == 0) {
    return AgentConnection(std::make_unique<PocoHttpClient>(HttpWay{.unixSocket = address.substr(kUnix.size())}),
                           "http://tenon", "");
  }
  TENON_TRY(const std::string token, files.readAll(Path(tokenFile), limits::kKeyFileBytes));
  return AgentConnection(std::make_unique<PocoHttpClient>(), "http://" + address, token.substr(0, token.find('\n')));
}

Result<AgentConnection> agentOf(const Cli& cli) { return AgentConnection::find(cli.files(), cli.absolute(cli.root)); }

HttpRequestOptions AgentConnection::requestFor(const std::string& method, const std::string& path) const {
  HttpRequestOptions request{.method = method, .url = base_ + path};
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  return request;
}

Result<HttpResponse> AgentConnection::raw(const std::string& method, const std::string& path, const std::string& body) {
  HttpRequestOptions request = requestFor(method, path);
  request.body = body;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  auto response = http_->fetch(request, kAnswerBytes);
  if (!response && response.error().code() == ErrorCode::NetworkUnreachable) {
    return Error{ErrorCode::NetworkUnreachable, "the agent does not answer: " + response.error().message()}.withHint(
        "is it still running? start it with: tenon agent --root DIR");
  }
  return response;
}

Result<Json> AgentConnection::answered(Result<HttpResponse> response) {
  if (!response) return std::move(response).error();
  TENON_TRY(auto body, Json::parse(response->body.empty() ? "{}" : response->body, {.bytes = kAnswerBytes}));
  if (response->status < 400) return body;
  TENON_TRY(auto problem, errorFromJson(body));
  return problem;
}

namespace {

// Puts the pieces of an event stream together: an event is lines up to an empty one.
class EventReader {
 public:
  explicit EventReader(const AgentConnection::EventTold& told) : told_(told) {}

  Result<void> take(std::string_view piece) {
    text_ += piece;
    std::size_t from = 0;
    for (std::size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n', from)) {
      TENON_CHECK(line(std::string_view(text_).substr(from, end - from)));
      from = end + 1;
    }
    text_.erase(0, from);
    if (text_.size() + data_.size() <= limits::kHttpJsonBodyBytes) return {};
    return Error(ErrorCode::NetworkProtocol, "the agent sent an event without an end");
  }

 private:
  Result<void> line(std::string_view line) {
    constexpr std::string_view kData = "data: ", kName = "event: ";
    if (line.starts_with(kData)) data_ += line.substr(kData.size());
    if (line.starts_with(kName)) name_ = line.substr(kName.size());
    if (!line.empty()) return {};
    const std::string data = std::exchange(data_, ""), name = std::exchange(name_, "");
    if (data.empty()) return {};  // the end of a comment
    TENON_TRY(const auto event, Json::parse(data));
    return told_(name, event);
  }

  const AgentConnection::EventTold& told_;
  std::string text_, name_, data_;
};

}  // namespace

Result<void> AgentConnection::follow(std::uint64_t after, const EventTold& told) {
  HttpRequestOptions request = requestFor("GET", "/v1/events?after=" + std::to_string(after));
  request.headers.emplace_back("Accept", "text/event-stream");
  EventReader reader(told);
  const auto isStream = [](const HttpResponse& head) -> Result<void> {
    if (head.status == 200) return {};
    // Too many ask, or the agent that answers is a new one, with a token of its own: both pass.
    const bool passes = head.status == 503 || head.status == 401;
    return Error(passes ? ErrorCode::NetworkUnreachable : ErrorCode::Internal,
                 "the agent answered " + std::to_string(head.status));
  };
  return http_->stream(request, isStream, [&reader](std::string_view piece) { return reader.take(piece); })
      .map([](const auto&) {});
}

Result<Json> AgentConnection::get(const std::string& path) { return answered(raw("GET", path)); }
Result<Json> AgentConnection::post(const std::string& path, const JsonObject& body) {
  return answered(raw("POST", path, body.text()));
}
Result<Json> AgentConnection::remove(const std::string& path) { return answered(raw("DELETE", path)); }

}  // namespace tenon::host
