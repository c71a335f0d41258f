#include "host/api/AgentApi.h"

namespace tenon::host {

namespace {

// Equal in time that does not depend on where the two differ.
bool equalInConstantTime(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

// A page of another site that a browser was led to has its own name in Host, whatever address that name resolves to.
bool isOwnHost(std::string_view host) {
  const std::string_view name = host.substr(0, host.rfind(':'));
  return name.empty() || name == "127.0.0.1" || name == "localhost" || name == "[::1]" || host == "[::1]" || name == "tenon";
}

}  // namespace

Result<Json> AgentApi::readBody(HttpRequest& request) {
  TENON_TRY(const std::string text, request.body(limits::kHttpJsonBodyBytes));
  return Json::parse(text.empty() ? "{}" : text);
}

// "/x", "C:/x": what is relative would be taken against the agent's folder, which is not the asker's.
Result<Path> absolutePath(const Json& body, std::string_view member) {
  TENON_TRY(const std::string text, body.stringOr(member, ""));
  if (text.empty() || text.starts_with('/') || text.find(":/") == 1) return Path(text);
  return Error(ErrorCode::Usage, std::string(member) + ": expected an absolute path").withField(std::string(member));
}

Router AgentApi::routes() {
  Router router;
  router.guard([this](const HttpRequest& request) { return guard(request); });
  addServiceRoutes(router);
  addMomentRoutes(router);
  addOperationRoutes(router);
  addChangeRoutes(router);
  addEnvironmentRoutes(router);
  addEventRoutes(router);
  addNodeRoutes(router);
  addLogRoutes(router);
  addTrustRoutes(router);
  addPluginRoutes(router);
  addDiskRoutes(router);
  addMetricRoutes(router);
  return router;
}

Result<void> AgentApi::guard(const HttpRequest& request) const {
  if (!isOwnHost(request.header("Host")))
    return Error{ErrorCode::Denied, "this API does not answer for host " + request.header("Host")};
  if (!request.header("Origin").empty()) return Error{ErrorCode::Denied, "requests of other sites are refused"};
  if (with_.token.empty()) return {};
  if (!equalInConstantTime(request.header("Authorization"), "Bearer " + with_.token)) {
    return Error{ErrorCode::Unauthenticated, "a valid token is needed"}.withHint(
        "send: Authorization: Bearer <content of run/token>");
  }
  return {};
}

void AgentApi::answerChange(HttpRequest& request, HttpReply& reply, std::string_view operation,
                            const std::function<Result<Work>(const ServiceId&, const Json& body)>& make) {
  const auto service = ServiceId::parse(request.pathParameter("id"));
  if (!service) return reply.problem(service.error());
  const auto body = readBody(request);
  if (!body) return reply.problem(body.error());
  auto work = make(*service, *body);
  if (!work) return reply.problem(work.error());
  std::shared_ptr<ChangeRecorder> change = with_.changes.begin(operation, *service);
  const std::uint64_t number = change->number();
  with_.changeWorkers.post([change = std::move(change), work = *std::move(work)] { work(*change); });
  reply.header("Location", "/v1/changes/" + std::to_string(number));
  reply.json(202, JsonObject().set("change", number).text());
}

}  // namespace tenon::host
