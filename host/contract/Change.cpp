#include "host/contract/Change.h"

#include <utility>

#include "host/contract/JsonValues.h"

namespace tenon::host {
namespace {

constexpr Choices<Change::State, 4> kChangeStates{{{"running", Change::State::Running},
                                                   {"done", Change::State::Done},
                                                   {"failed", Change::State::Failed},
                                                   {"rolled-back", Change::State::RolledBack}}};
constexpr Choices<ChangeStep::State, 3> kStepStates{
    {{"running", ChangeStep::State::Running}, {"done", ChangeStep::State::Done}, {"failed", ChangeStep::State::Failed}}};

Result<ChangeStep> readStep(const Json& value) {
  ChangeStep step;
  TENON_TRY(step.name, stringMember(value, "name"));
  TENON_TRY(const auto state, value.member("state"));
  TENON_TRY(step.state, choiceOf(state, kStepStates));
  TENON_TRY(step.detail, value.stringOr("detail", ""));
  TENON_TRY(const auto done, value.integerOr("done_bytes", 0, 0, kMaxInteger));
  TENON_TRY(const auto total, value.integerOr("total_bytes", 0, 0, kMaxInteger));
  TENON_TRY(step.durationMs, value.integerOr("duration_ms", 0, 0, kMaxInteger));
  step.doneBytes = static_cast<std::uint64_t>(done);
  step.totalBytes = static_cast<std::uint64_t>(total);
  return step;
}

JsonObject objectOf(const ChangeStep& step) {
  JsonObject object;
  object.set("name", step.name).set("state", name(step.state)).set("detail", step.detail);
  object.set("done_bytes", step.doneBytes).set("total_bytes", step.totalBytes).set("duration_ms", step.durationMs);
  return object;
}

}  // namespace

std::string_view name(Change::State state) { return nameOf(state, kChangeStates); }
std::string_view name(ChangeStep::State state) { return nameOf(state, kStepStates); }

int Change::exitStatus() const {
  switch (state) {
    case State::RolledBack:
      return kExitRolledBack;
    case State::Failed:
      return host::exitStatus(error ? error->code() : ErrorCode::Internal);
    case State::Running:
    case State::Done:
      break;
  }
  return 0;
}

Result<Change> Change::parse(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text));
  Change change;
  TENON_TRY(const auto number, integerMember(document, "change", 0, kMaxInteger));
  change.number = static_cast<std::uint64_t>(number);
  TENON_TRY(change.operation, stringMember(document, "operation"));
  TENON_TRY(change.service, stringMember(document, "service_id"));
  TENON_TRY(change.from, document.stringOr("from", ""));
  TENON_TRY(change.to, document.stringOr("to", ""));
  TENON_TRY(const auto state, document.member("state"));
  TENON_TRY(change.state, choiceOf(state, kChangeStates));
  TENON_TRY(change.startedAt, document.stringOr("started_at", ""));
  TENON_TRY(change.endedAt, document.stringOr("ended_at", ""));
  if (const auto steps = document.find("steps")) {
    TENON_TRY(const auto items, steps->array());
    for (const auto& item : items) {
      TENON_TRY(change.steps.emplace_back(), readStep(item));
    }
  }
  if (const auto error = document.find("error"); isPresent(error)) {
    TENON_TRY(change.error, errorFromJson(*error));
  }
  TENON_TRY(change.outcome, document.stringOr("outcome", ""));
  TENON_TRY(change.evidence, document.stringOr("evidence", ""));
  return change;
}

JsonObject Change::toJson() const {
  JsonArray list;
  for (const auto& step : steps) list.add(objectOf(step));
  JsonObject object;
  object.set("change", number).set("operation", operation).set("service_id", service).set("from", from).set("to", to);
  object.set("state", name(state)).set("started_at", startedAt).set("ended_at", endedAt).set("steps", list);
  if (error) object.set("error", host::toJson(*error));
  object.set("outcome", outcome).set("evidence", evidence);
  return object;
}

JsonObject toJson(const Error& error) {
  JsonObject object;
  object.set("code", name(error.code()))
      .set("message", error.message())
      .set("hint", error.hint())
      .set("field", error.field());
  return object;
}

Result<Error> errorFromJson(const Json& value) {
  TENON_TRY(const auto codeName, stringMember(value, "code"));
  // On the wire it is RFC 9457's `detail`.
  TENON_TRY(auto message, stringMember(value, value.find("detail") ? "detail" : "message"));
  TENON_TRY(auto hint, value.stringOr("hint", ""));
  TENON_TRY(auto field, value.stringOr("field", ""));
  const auto code = errorCodeNamed(codeName);
  // A newer agent may know more codes: its name stays visible.
  if (!code) message = codeName + ": " + message;
  auto error =
      Error(code.value_or(ErrorCode::Internal), std::move(message)).withHint(std::move(hint)).withField(std::move(field));
  // Said in full: a plain `return error` would be a failure of this call.
  return tl::expected<Error, Error>(tl::in_place, std::move(error));
}

}  // namespace tenon::host
