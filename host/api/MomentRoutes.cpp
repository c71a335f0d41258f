// What is done at once and is no change:
//   POST /v1/services/{id}/{signal|freeze|thaw}, POST /v1/node/renew
//   POST /v1/services/{id}/executions {"argv": […]}: 201 {"execution": n}
//   GET /v1/executions/{n}?offset=N: what the program has written from byte N on, at most 1 MiB of it.
//     Tenon-Output-Next: where that ends. Tenon-Output-End: how much there is.
//     Tenon-Execution: running, "exited N", "signalled N" or unknown.
//   DELETE /v1/executions/{n}: ends and forgets it, as happens to one that is not asked about for ten seconds.
#include "host/api/AgentApi.h"
#include "host/base/Text.h"

namespace tenon::host {

namespace {

constexpr std::size_t kPieceBytes = limits::MiB;

std::string stateOf(const Execution& execution) {
  if (execution.running) return "running";
  const std::string code = std::to_string(execution.end.code);
  switch (execution.end.how) {
    case ProcessEnd::How::Exited:
      return "exited " + code;
    case ProcessEnd::How::Signalled:
      return "signalled " + code;
    case ProcessEnd::How::Unknown:
      break;
  }
  return "unknown";
}

Result<std::uint64_t> numberIn(const std::string& text, const std::string& field) {
  if (const auto value = wholeNumber(text)) return *value;
  return Error{ErrorCode::Usage, field + ": expected a number"}.withField(field);
}

Result<void> answerExecution(const LifeCollaborators& life, const HttpRequest& request, HttpReply& reply) {
  TENON_TRY(const auto number, numberIn(request.pathParameter("n"), "execution"));
  const std::string from = request.query("offset");
  TENON_TRY(const auto offset, numberIn(from.empty() ? "0" : from, "offset"));
  TENON_TRY(const auto execution, life.runtime.execution(number).get());  // before its output: what it wrote last is there
  if (!execution.running && execution.notStarted) return *execution.notStarted;
  TENON_TRY(const auto output, ReadFile::open(life.files, execution.output));
  std::string piece(
      static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, output.size() - std::min(offset, output.size()))), '\0');
  TENON_CHECK(output.readExactly(offset, piece));
  reply.header("Tenon-Output-Next", std::to_string(offset + piece.size()));
  reply.header("Tenon-Output-End", std::to_string(output.size()));
  reply.header("Tenon-Execution", stateOf(execution));
  reply.text(200, "application/octet-stream", piece);
  return {};
}

}  // namespace

void AgentApi::addMomentRoutes(Router& router) {
  using Act = std::function<Result<void>(const ServiceId&, const Json& body)>;
  const auto add = [&](const std::string& verb, const Act& act) {
    router.add("POST", "/v1/services/{id}/" + verb, [act](HttpRequest& request, HttpReply& reply) {
      const auto done = [&]() -> Result<void> {
        TENON_TRY(const auto service, ServiceId::parse(request.pathParameter("id")));
        TENON_TRY(const Json body, readBody(request));
        return act(service, body);
      }();
      if (!done) return reply.problem(done.error());
      reply.empty(204);
    });
  };
  add("signal", [this](const ServiceId& service, const Json& body) -> Result<void> {
    TENON_TRY(const Json name, body.member("name"));
    TENON_TRY(const std::string text, name.string());
    return with_.services.signal(service, text);
  });
  router.add("POST", "/v1/node/renew", [this](HttpRequest&, HttpReply& reply) {
    const auto running = with_.changes.running();
    const auto begun = running.empty()
                           ? with_.renew()
                           : Error{ErrorCode::Busy, "change " + std::to_string(running.front()) + " is under way"}.withHint(
                                 "wait for its end: tenon changes " + std::to_string(running.front()));
    if (!begun) return reply.problem(begun.error());
    reply.empty(202);
  });
  add("freeze", [this](const ServiceId& service, const Json&) { return with_.services.freeze(service, true); });
  add("thaw", [this](const ServiceId& service, const Json&) { return with_.services.freeze(service, false); });
  router.add("POST", "/v1/services/{id}/executions", [this](HttpRequest& request, HttpReply& reply) {
    const auto begun = [&]() -> Result<std::uint64_t> {
      TENON_TRY(const auto service, ServiceId::parse(request.pathParameter("id")));
      TENON_TRY(const Json body, readBody(request));
      TENON_TRY(const Json argv, body.member("argv"));
      TENON_TRY(auto words, argv.strings());
      return with_.services.execute(service, std::move(words));
    }();
    if (!begun) return reply.problem(begun.error());
    reply.header("Location", "/v1/executions/" + std::to_string(*begun));
    reply.json(201, JsonObject().set("execution", *begun).text());
  });
  router.add("GET", "/v1/executions/{n}", [this](HttpRequest& request, HttpReply& reply) {
    if (auto answered = answerExecution(with_.life, request, reply); !answered) reply.problem(answered.error());
  });
  router.add("DELETE", "/v1/executions/{n}", [this](HttpRequest& request, HttpReply& reply) {
    const auto number = numberIn(request.pathParameter("n"), "execution");
    if (!number) return reply.problem(number.error());
    with_.life.runtime.endExecution(*number);
    reply.empty(204);
  });
}

}  // namespace tenon::host
