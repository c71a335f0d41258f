#include "host/cli/logs/LogLines.h"

#include <Poco/Exception.h>
#include <Poco/RegularExpression.h>

#include <algorithm>

#include "host/base/Limits.h"
#include "host/base/Log.h"

namespace tenon::host {

class LogPattern::Compiled {
 public:
  // The limits are the library's own words at the head of a pattern: steps, and stack.
  explicit Compiled(const std::string& pattern)
      : expression("(*LIMIT_MATCH=1000000)(*LIMIT_RECURSION=5000)(?:" + pattern + ")") {}
  const Poco::RegularExpression expression;
};

LogPattern::LogPattern(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
LogPattern::LogPattern(LogPattern&&) noexcept = default;
LogPattern::~LogPattern() = default;

Result<LogPattern> LogPattern::compile(const std::string& pattern) {
  try {
    return LogPattern(std::make_unique<Compiled>(pattern));
  } catch (const Poco::Exception& exception) {
    return Error{ErrorCode::Usage, "--grep " + pattern + ": " + exception.message()}.withHint(
        "a character that means something to patterns is meant as itself after a backslash: \\( \\[ \\* \\.");
  }
}

Result<bool> LogPattern::matches(std::string_view line) const {
  try {
    Poco::RegularExpression::Match match;
    return compiled_->expression.match(std::string(line), 0, match) != 0;
  } catch (const Poco::Exception&) {
    return Error{ErrorCode::LimitExceeded, "--grep: this pattern takes too many steps on a line of the log"}.withHint(
        "say it without repetitions inside repetitions, and with fewer groups");
  }
}

Result<void> LogLines::tell(std::string_view text, bool ends) {
  const LogLine line{at_, text, ends};
  at_ += text.size() + (ends ? 1 : 0);
  return told_(line);
}

Result<void> LogLines::flush() {
  if (open_.empty()) return {};
  const std::string text = std::exchange(open_, {});
  return tell(text, false);
}

Result<void> LogLines::add(std::uint64_t offset, std::string_view bytes) {
  if (offset != at_ + open_.size()) {
    TENON_CHECK(flush());
    at_ = offset;
  }
  while (!bytes.empty()) {
    const auto room = static_cast<std::size_t>(limits::kLogLineBytes) - open_.size();
    const auto end = bytes.substr(0, room).find('\n');
    const auto taken = std::min(end == std::string_view::npos ? room : end, bytes.size());
    const bool whole = end != std::string_view::npos, full = !whole && taken == room;
    if (whole && open_.empty()) {
      TENON_CHECK(tell(bytes.substr(0, taken), true));
    } else {
      open_ += bytes.substr(0, taken);
      const std::string text = whole || full ? std::exchange(open_, {}) : std::string();
      if (whole || full) TENON_CHECK(tell(text, whole));
    }
    bytes.remove_prefix(taken + (whole ? 1 : 0));
  }
  return {};
}

std::string shownLine(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::string shown;
  for (;;) {
    const auto tab = line.find('\t');
    shown += escapeControls(line.substr(0, tab));
    if (tab == std::string_view::npos) return shown;
    shown += '\t';
    line.remove_prefix(tab + 1);
  }
}

}  // namespace tenon::host
