// The agent of --root, found through run/agent.json and spoken to in JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/adapter/Files.h"
#include "host/base/Json.h"
#include "host/cli/Cli.h"
#include "host/http/HttpClient.h"

namespace tenon::host {

class AgentConnection {
 public:
  // network-unreachable where no agent runs, with the command that starts one.
  static Result<AgentConnection> find(Files& files, const Path& root);

  // The agent's own error where it answers a problem; its body as JSON otherwise.
  Result<Json> get(const std::string& path);
  Result<Json> post(const std::string& path, const JsonObject& body);
  Result<Json> remove(const std::string& path);
  // What happens from after that event on, as it comes: "" or the event's name in the stream, and its data. Until the agent
  // ends the connection, or the error that broke it off, or that `told` returned.
  using EventTold = std::function<Result<void>(std::string_view name, const Json& data)>;
  Result<void> follow(std::uint64_t after, const EventTold& told);
  // As it is, with headers.
  Result<HttpResponse> raw(const std::string& method, const std::string& path, const std::string& body = "");

 private:
  AgentConnection(std::unique_ptr<HttpClient> http, std::string base, std::string token)
      : http_(std::move(http)), base_(std::move(base)), token_(std::move(token)) {}
  Result<Json> answered(Result<HttpResponse> response);
  HttpRequestOptions requestFor(const std::string& method, const std::string& path) const;

  std::unique_ptr<HttpClient> http_;
  std::string base_, token_;
};

// The agent of the root that the command line names.
Result<AgentConnection> agentOf(const Cli& cli);

}  // namespace tenon::host
