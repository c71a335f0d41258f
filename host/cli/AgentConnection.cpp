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

Result<HttpResponse> AgentConnection::raw(const std::string& method, const std::string& path, const std::string& body) {
  HttpRequestOptions request{.method = method, .url = base_ + path, .body = body};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
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

Result<Json> AgentConnection::get(const std::string& path) { return answered(raw("GET", path)); }
Result<Json> AgentConnection::post(const std::string& path, const JsonObject& body) {
  return answered(raw("POST", path, body.text()));
}
Result<Json> AgentConnection::remove(const std::string& path) { return answered(raw("DELETE", path)); }

}  // namespace tenon::host
