#include "host/store/LogTail.h"

#include <algorithm>

namespace tenon::host {

Result<LogPiece> readLogFrom(const ReadFile& log, std::uint64_t offset, std::uint64_t most) {
  const std::uint64_t from = offset > log.size() ? 0 : offset;
  LogPiece piece{std::string(std::min(log.size() - from, most), '\0'), 0};
  TENON_TRY(const std::size_t got, log.read(from, piece.bytes));
  piece.bytes.resize(got);
  piece.next = from + got;
  return piece;
}

Result<LogPiece> readLastLines(const ReadFile& log, std::uint64_t lines, std::uint64_t most) {
  TENON_TRY(auto piece, readLogFrom(log, log.size() - std::min(log.size(), most), most));
  std::uint64_t seen = 0;
  for (std::size_t i = piece.bytes.size(); i > 0; --i) {
    if (piece.bytes[i - 1] != '\n' || i == piece.bytes.size()) continue;
    if (++seen < lines) continue;
    piece.bytes.erase(0, i);
    break;
  }
  return piece;
}

}  // namespace tenon::host
