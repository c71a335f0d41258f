#include "host/cli/logs/LogTime.h"

#include <charconv>
#include <optional>

namespace tenon::host {

namespace {

std::optional<Millis> unitOf(char letter) {
  using namespace std::chrono;
  switch (letter) {
    case 's':
      return seconds{1};
    case 'm':
      return minutes{1};
    case 'h':
      return hours{1};
    case 'd':
      return hours{24};
    default:
      return std::nullopt;
  }
}

// "1h30m"; nothing where it is none, or longer than a hundred years.
std::optional<Millis> parseDuration(std::string_view text) {
  constexpr Millis kMost = std::chrono::hours{24 * 36'500};
  if (text.empty()) return std::nullopt;
  Millis sum{0};
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (failed != std::errc() || text.empty() || count < 0) return std::nullopt;
    const auto unit = unitOf(text.front());
    if (!unit || count > kMost / *unit) return std::nullopt;
    sum += count * *unit;
    text.remove_prefix(1);
  }
  return sum <= kMost ? std::optional(sum) : std::nullopt;
}

}  // namespace

Result<WallTime> parseSince(std::string_view text, WallTime now) {
  if (const auto ago = parseDuration(text)) return now - *ago;
  std::string time(text);
  if (time.ends_with('Z')) time.pop_back();
  constexpr std::string_view kWhole = "0000-00-00T00:00:00.000";
  // What is left out is the beginning of the day, the minute, the second.
  for (const std::size_t given : {10U, 16U, 19U}) {
    if (time.size() == given) time += kWhole.substr(given);
  }
  if (const auto parsed = parseTime(time + "Z")) return *parsed;
  return Error{ErrorCode::Usage, "--since " + std::string(text) + " is no duration and no time"}.withHint(
      "for example 90s, 15m, 2h, 1h30m, 3d, or in UTC 2026-11-29, 2026-11-29T01:30, 2026-11-29T01:30:05Z");
}

}  // namespace tenon::host
