// One operation on a service, with the steps it went through: changes/<n>.json, GET /v1/changes/{n}, and what the command
// line shows while it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Clock.h"
#include "host/base/Json.h"
#include "host/base/Result.h"

namespace tenon::host {

struct ChangeStep {
  enum class State { Running, Done, Failed };
  std::string name;  // resolve, fetch, verify, unpack, plan, activate, start, probation, rollback, …
  State state = State::Running;
  std::string detail;                           // one line: "212 MB", "ed25519 by 3f9c…", "/health 503 ×4 in 20.0 s"
  std::uint64_t doneBytes = 0, totalBytes = 0;  // progress; 0/0 where it has none
  std::int64_t durationMs = 0;
};

struct Change {
  enum class State { Running, Done, Failed, RolledBack };
  std::uint64_t number = 0;
  std::string operation;  // install, activate, upgrade, rollback, start, stop, restart, remove
  std::string service;
  std::string from, to;  // versions; may be empty
  State state = State::Running;
  std::string startedAt, endedAt;  // RFC 3339
  std::vector<ChangeStep> steps;
  std::optional<Error> error;
  std::string outcome;   // one line: "kept 1.2.0; callers saw no gap"
  std::string evidence;  // folder name under changes/, "" where there is none

  bool ended() const { return state != State::Running; }
  // 0, the error's own, or 3 where it was rolled back.
  int exitStatus() const;
  static Result<Change> parse(std::string_view text);
  JsonObject toJson() const;
};

std::string_view name(Change::State state);
std::string_view name(ChangeStep::State state);

// How a problem looks on stderr and in a change: {code, message, hint, field}. errorFromJson() reads an RFC 9457 problem,
// too, whose `detail` is the message.
JsonObject toJson(const Error& error);
Result<Error> errorFromJson(const Json& value);

}  // namespace tenon::host
