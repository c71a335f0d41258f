#include "host/logs/LogSearch.h"

#include <algorithm>

#include "host/logs/LogArchive.h"

namespace tenon::host {

namespace {

// All of a range; shorter where its front is rotated away meanwhile.
Result<std::string> readRange(const VersionLog& log, LogRange range) {
  std::string bytes;
  while (range.begin < range.end) {
    TENON_TRY(const auto piece, log.read(range.begin, range.end - range.begin));
    if (piece.bytes.empty() || piece.begin >= range.end) break;
    bytes += piece.bytes;
    range.begin = piece.next;
  }
  return bytes;
}

}  // namespace

Result<std::uint64_t> beginOfLastLines(const VersionLog& log, LogRange range, std::uint64_t lines) {
  range.begin = std::max(range.begin, log.begin());
  if (lines == 0) return range.end;
  std::uint64_t seen = 0;
  for (std::uint64_t end = range.end; end > range.begin;) {
    const std::uint64_t begin = end - std::min(end - range.begin, kLogBlockBytes);
    TENON_TRY(const std::string bytes, readRange(log, {begin, end}));
    for (std::size_t i = bytes.size(); i > 0; --i) {
      const std::uint64_t after = end - (bytes.size() - i);
      if (bytes[i - 1] != '\n' || after == range.end) continue;
      if (++seen == lines) return after;
    }
    end = begin;
  }
  return range.begin;
}

Result<std::string> lastLines(const VersionLog& log, std::uint64_t lines, std::uint64_t most) {
  TENON_TRY(const std::uint64_t end, log.end());
  const LogRange range{end - std::min(end, most), end};
  TENON_TRY(const std::uint64_t begin, beginOfLastLines(log, range, lines));
  return readRange(log, {begin, end});
}

}  // namespace tenon::host
