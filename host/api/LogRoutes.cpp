// GET /v1/services/{id}/logs?version=&offset=&lines=: a piece of a service's log as it is. The answer's Tenon-Log-Offset is
// where the next piece begins, so a client that follows asks again from there and sees every byte once.
#include <algorithm>
#include <charconv>

#include "host/api/AgentApi.h"

namespace tenon::host {

namespace {

constexpr std::uint64_t kPieceBytes = 1 * limits::MiB;
constexpr std::uint64_t kDefaultLines = 200;

std::uint64_t numberOr(std::string_view text, std::uint64_t otherwise) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

struct Piece {
  std::string bytes;
  std::uint64_t next = 0;
};

Result<Piece> readFrom(const ReadFile& file, std::uint64_t offset) {
  // A log that was cut since is read from its beginning.
  const std::uint64_t from = offset > file.size() ? 0 : offset;
  Piece piece{std::string(std::min(file.size() - from, kPieceBytes), '\0'), 0};
  TENON_TRY(const std::size_t got, file.read(from, piece.bytes));
  piece.bytes.resize(got);
  piece.next = from + got;
  return piece;
}

Result<Piece> readLast(const ReadFile& file, std::uint64_t lines) {
  const std::uint64_t from = file.size() - std::min(file.size(), kPieceBytes);
  TENON_TRY(auto piece, readFrom(file, from));
  std::uint64_t seen = 0;
  for (std::size_t i = piece.bytes.size(); i > 0; --i) {
    if (piece.bytes[i - 1] != '\n' || i == piece.bytes.size()) continue;
    if (++seen == lines) {
      piece.bytes.erase(0, i);
      break;
    }
  }
  return piece;
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
    const auto piece = offset.empty() ? readLast(*file, numberOr(request.query("lines"), kDefaultLines))
                                      : readFrom(*file, numberOr(offset, 0));
    if (!piece) return reply.problem(piece.error());
    reply.header("Tenon-Log-Offset", std::to_string(piece->next));
    reply.text(200, "text/plain; charset=utf-8", piece->bytes);
  });
}

}  // namespace tenon::host
