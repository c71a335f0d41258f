// GET /v1/services/{id}/logs?version=&offset=&lines=: a piece of a service's log as it is. The answer's Tenon-Log-Offset is
// where the next piece begins, so a client that follows asks again from there and sees every byte once.
#include <charconv>

#include "host/api/AgentApi.h"
#include "host/store/LogTail.h"

namespace tenon::host {

namespace {

constexpr std::uint64_t kLogPieceBytes = 1 * limits::MiB;
constexpr std::uint64_t kDefaultLines = 200;

std::uint64_t numberOr(std::string_view text, std::uint64_t otherwise) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

}  // namespace

void AgentApi::addLogRoutes(Router& router) {
  router.add("GET", "/v1/services/{id}/logs", [this](HttpRequest& request, HttpReply& reply) {
    const std::string asked = request.query("version");
    const auto spec = ReleaseSpec::parse(request.pathParameter("id") + (asked.empty() ? "" : "@" + asked));
    if (!spec) return reply.problem(spec.error());
    auto version = spec->version;
    if (const auto service = with_.life.registry.find(spec->service); !version && service && service->current) {
      version = service->current->release.version;
    }
    if (!version) return reply.problem(Error{ErrorCode::NotFound, spec->service.text() + " is not installed"});
    const Path log = with_.life.layout.service(spec->service).log(*version);
    if (!with_.life.files.exists(log)) {
      return reply.problem(
          Error{ErrorCode::NotFound, spec->service.text() + " " + version->text() + " has not logged anything"});
    }
    const auto file = ReadFile::open(with_.life.files, log);
    if (!file) return reply.problem(file.error());
    const std::string offset = request.query("offset");
    const auto piece = offset.empty() ? readLastLines(*file, numberOr(request.query("lines"), kDefaultLines), kLogPieceBytes)
                                      : readLogFrom(*file, numberOr(offset, 0), kLogPieceBytes);
    if (!piece) return reply.problem(piece.error());
    reply.header("Tenon-Log-Offset", std::to_string(piece->next));
    reply.text(200, "text/plain; charset=utf-8", piece->bytes);
  });
}

}  // namespace tenon::host
