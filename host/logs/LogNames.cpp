#include "host/logs/LogNames.h"

#include <charconv>

namespace tenon::host {

namespace {

constexpr std::string_view kLog = ".log", kArchive = ".log.gz", kUnfinished = ".part";
constexpr std::size_t kDigits = 12;

std::string padded(std::uint64_t offset) {
  std::string text = std::to_string(offset);
  return text.size() >= kDigits ? text : std::string(kDigits - text.size(), '0') + text;
}

// Takes the number that `text` begins with.
bool takeNumber(std::string_view& text, std::uint64_t& number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end == text.data()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool takeChar(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// "<begin>-<end>.log.gz", "<begin>-<end>.log", "<begin>-<end>.<emptied>.part".
std::optional<LogPartName> parseTail(std::string_view text) {
  LogPartName part;
  if (!takeNumber(text, part.begin) || !takeChar(text, '-') || !takeNumber(text, part.end)) return std::nullopt;
  if (part.end <= part.begin) return std::nullopt;
  if (text == kArchive) return part;
  part.kind = LogPartName::Kind::Sealed;
  if (text == kLog) return part;
  part.kind = LogPartName::Kind::Unfinished;
  if (takeChar(text, '.') && takeNumber(text, part.emptied) && text == kUnfinished) return part;
  return std::nullopt;
}

}  // namespace

LogNames::LogNames(Path log) : log_(std::move(log)) {
  const std::string name = log_.name();
  stem_ = name.substr(0, name.size() - kLog.size()) + ".";
}

Path LogNames::path(const LogPartName& part) const {
  const std::string range = stem_ + padded(part.begin) + "-" + padded(part.end);
  switch (part.kind) {
    case LogPartName::Kind::Archive:
      return folder() / (range + std::string(kArchive));
    case LogPartName::Kind::Sealed:
      return folder() / (range + std::string(kLog));
    case LogPartName::Kind::Unfinished:
      break;
  }
  return folder() / (range + "." + std::to_string(part.emptied) + std::string(kUnfinished));
}

std::optional<LogPartName> LogNames::parse(std::string_view name) const {
  if (!name.starts_with(stem_)) return std::nullopt;
  return parseTail(name.substr(stem_.size()));
}

std::string LogNames::versionOf(std::string_view name) {
  // A version may hold dots and hyphens itself: the range is the last thing that reads as one.
  for (auto dot = name.rfind('.'); dot != std::string_view::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    if (parseTail(name.substr(dot + 1))) return std::string(name.substr(0, dot));
  }
  for (const std::string_view ending : {kLog, std::string_view(".log.marks"), std::string_view(".log.try")}) {
    if (name.size() > ending.size() && name.ends_with(ending))
      return std::string(name.substr(0, name.size() - ending.size()));
  }
  return "";
}

}  // namespace tenon::host
