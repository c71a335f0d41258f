// GET /v1/services/{id}/logs: a piece of what a version has logged, of at most 1 MiB, as it is or as JSON.
//
//   version=   the current one without it
//   lines=N    the last N lines of what the others choose; 200 where nothing else is asked
//   since=T    from what had been written by then (RFC 3339, UTC, milliseconds) on: a little earlier rather than later
//   previous=1 the run before the last one that began
//   offset=N end=M   from byte N (and no further than M): how a client goes on
//   format=json      {"service_id", "version", "begin", "next", "end", "text"}: bytes that are no UTF-8 become U+FFFD
//
// Tenon-Log-Offset (next) is where the next piece begins, Tenon-Log-End (end) where what was asked for ends now,
// Tenon-Log-Begin (begin) where this piece begins: later than asked where what is between was rotated away.
#include <algorithm>

#include "host/api/AgentApi.h"
#include "host/base/Text.h"
#include "host/base/Utf8.h"
#include "host/logs/LogSearch.h"

namespace tenon::host {

namespace {

constexpr std::uint64_t kDefaultLines = 200;

Result<std::optional<std::uint64_t>> numberOf(const HttpRequest& request, std::string_view parameter) {
  const std::string text = request.query(parameter);
  if (text.empty()) return std::optional<std::uint64_t>{};
  if (const auto value = wholeNumber(text)) return value;
  return Error{ErrorCode::FormatInvalid, std::string(parameter) + " is no number"}.withField(std::string(parameter));
}

struct LogQuestion {
  std::shared_ptr<VersionLog> log;
  std::string service, version;
};

Result<LogQuestion> questionOf(const LifeCollaborators& life, const HttpRequest& request) {
  const std::string asked = request.query("version");
  TENON_TRY(const auto spec, ReleaseSpec::parse(request.pathParameter("id") + (asked.empty() ? "" : "@" + asked)));
  auto version = spec.version;
  if (const auto service = life.registry.find(spec.service); !version && service && service->current) {
    version = service->current->release.version;
  }
  if (!version) return Error{ErrorCode::NotFound, spec.service.text() + " is not installed"};
  TENON_TRY(auto log, life.logs.find(life.layout.service(spec.service).log(*version)));
  if (!log) {
    return Error{ErrorCode::NotFound, spec.service.text() + " " + version->text() + " has not logged anything"};
  }
  return LogQuestion{std::move(log), spec.service.text(), version->text()};
}

Result<LogRange> rangeOf(const LogQuestion& question, const HttpRequest& request) {
  const VersionLog& log = *question.log;
  LogRange range{log.begin(), 0};
  TENON_TRY(range.end, log.end());
  const std::string since = request.query("since"), previous = request.query("previous");
  TENON_TRY(const auto offset, numberOf(request, "offset"));
  TENON_TRY(const auto end, numberOf(request, "end"));
  TENON_TRY(const auto lines, numberOf(request, "lines"));
  if (!previous.empty()) {
    const auto run = previousRun(log.marks().read(), range.begin);
    if (!run)
      return Error{ErrorCode::NotFound, question.service + " " + question.version + " has no earlier run that is known"};
    range = *run;
  }
  if (!since.empty()) {
    TENON_TRY(const auto time, withContext("since", parseTime(since)));
    range.begin = offsetAt(log.marks().read(), time, range.begin);
  }
  if (end) range.end = std::min(range.end, *end);
  if (offset) return LogRange{*offset, range.end};
  if (lines || (since.empty() && previous.empty())) {
    const std::uint64_t wanted = std::min(lines.value_or(kDefaultLines), limits::kLogTailLines);
    TENON_TRY(range.begin, beginOfLastLines(log, range, wanted));
  }
  return range;
}

// An offset past the end is one of a log that became shorter: the log knows where to go on.
Result<LogPiece> pieceOf(const VersionLog& log, const LogRange& range) {
  if (range.begin == range.end) return LogPiece{{}, range.begin, range.begin};
  TENON_TRY(auto piece, log.read(range.begin, range.begin < range.end ? range.end - range.begin : limits::MiB));
  if (range.begin < range.end && piece.begin >= range.end) return LogPiece{{}, range.end, range.end};
  return piece;
}

// A character that the piece's end cuts in two comes with the next.
void endWithACharacter(LogPiece& piece) {
  for (std::size_t back = 1; back <= 3 && back < piece.bytes.size(); ++back) {
    const auto byte = static_cast<unsigned char>(piece.bytes[piece.bytes.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const std::size_t whole = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    if (whole <= back) return;
    piece.bytes.resize(piece.bytes.size() - back);
    piece.next -= back;
    return;
  }
}

void answer(HttpReply& reply, const LogQuestion& question, LogPiece piece, std::uint64_t end, bool asJson) {
  if (asJson && piece.next < end) endWithACharacter(piece);
  reply.header("Tenon-Log-Begin", std::to_string(piece.begin));
  reply.header("Tenon-Log-Offset", std::to_string(piece.next));
  reply.header("Tenon-Log-End", std::to_string(end));
  if (!asJson) return reply.text(200, "text/plain; charset=utf-8", piece.bytes);
  JsonObject object;
  object.set("service_id", question.service).set("version", question.version);
  object.set("begin", piece.begin).set("next", piece.next).set("end", end).set("text", piece.bytes);
  reply.json(200, object.text());
}

}  // namespace

void AgentApi::addLogRoutes(Router& router) {
  router.add("GET", "/v1/services/{id}/logs", [this](HttpRequest& request, HttpReply& reply) {
    const auto tryAnswer = [&]() -> Result<void> {
      TENON_TRY(const auto question, questionOf(with_.life, request));
      TENON_TRY(const auto range, rangeOf(question, request));
      TENON_TRY(auto piece, pieceOf(*question.log, range));
      answer(reply, question, std::move(piece), range.end, request.query("format") == "json");
      return {};
    };
    if (const auto answered = tryAnswer(); !answered) reply.problem(answered.error());
  });
}

}  // namespace tenon::host
