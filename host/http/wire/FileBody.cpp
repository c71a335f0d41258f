#include "host/http/wire/FileBody.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "host/base/Limits.h"
#include "host/base/Text.h"
#include "host/http/wire/MessageHead.h"

namespace tenon::host {
namespace {

// A number past 64 bits is past any file: the largest one stands for it.
std::optional<std::uint64_t> number(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() ? value : UINT64_MAX;
}

RangeChoice part(std::uint64_t first, std::uint64_t count) { return {RangeChoice::Kind::Part, first, count}; }

}  // namespace

RangeChoice chooseRange(std::string_view rangeHeader, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const RangeChoice whole{RangeChoice::Kind::Whole, 0, size};
  const RangeChoice unsatisfiable{RangeChoice::Kind::Unsatisfiable, 0, 0};
  if (!rangeHeader.starts_with(kUnit)) return whole;
  const std::string_view range = trimmed(rangeHeader.substr(kUnit.size()), kBlanks);
  const auto dash = range.find('-');
  if (dash == std::string_view::npos) return whole;
  const std::string_view left = range.substr(0, dash), right = range.substr(dash + 1);
  const auto first = number(left), last = number(right);
  if (left.empty() && last) {  // the last N bytes
    if (*last == 0 || size == 0) return unsatisfiable;
    const std::uint64_t count = std::min(*last, size);
    return part(size - count, count);
  }
  if (!first || (!right.empty() && !last) || (last && *last < *first)) return whole;
  if (*first >= size) return unsatisfiable;
  return part(*first, std::min(last.value_or(UINT64_MAX), size - 1) - *first + 1);
}

std::vector<RangeChoice> chooseRanges(std::string_view rangeHeader, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  std::vector<RangeChoice> ranges;
  if (!rangeHeader.starts_with(kUnit)) return {};
  for (std::string_view rest = rangeHeader.substr(kUnit.size()); !rest.empty();) {
    const auto one = trimmed(rest.substr(0, rest.find(',')), kBlanks);
    rest.remove_prefix(std::min(rest.find(','), rest.size() - 1) + 1);
    const auto range = chooseRange(std::string(kUnit) + std::string(one), size);
    const auto before = ranges.empty() ? 0 : ranges.back().first + ranges.back().count;
    if (range.kind != RangeChoice::Kind::Part || range.first < before || ranges.size() == limits::kHttpRanges) return {};
    ranges.push_back(range);
  }
  return ranges;
}

bool matchesEtag(std::string_view ifNoneMatch, std::string_view etag) {
  if (trimmed(ifNoneMatch, kBlanks) == "*") return true;
  while (!ifNoneMatch.empty()) {
    const auto comma = ifNoneMatch.find(',');
    std::string_view each = trimmed(ifNoneMatch.substr(0, comma), kBlanks);
    if (each.starts_with("W/")) each.remove_prefix(2);
    if (matchesIfRange(each, etag)) return true;
    if (comma == std::string_view::npos) break;
    ifNoneMatch.remove_prefix(comma + 1);
  }
  return false;
}

bool matchesIfRange(std::string_view ifRange, std::string_view etag) {
  ifRange = trimmed(ifRange, kBlanks);
  return ifRange.size() == etag.size() + 2 && ifRange.front() == '"' && ifRange.back() == '"' &&
         ifRange.substr(1, etag.size()) == etag;
}

Result<FileBody> FileBody::open(Files& files, const Path& path) {
  TENON_TRY(ReadFile file, ReadFile::open(files, path));
  return FileBody(std::move(file));
}

Result<bool> FileBody::send(Socket& socket, std::uint64_t most) {
  std::array<char, kPieceBytes> piece;
  for (std::uint64_t gone = 0; !sent() && gone < most;) {
    const auto& section = sections_[section_];
    const auto all = section.text.size() + section.count;
    if (at_ == all) {
      ++section_;
      at_ = 0;
      continue;
    }
    std::string_view next =
        std::string_view(section.text).substr(static_cast<std::size_t>(std::min<std::uint64_t>(at_, section.text.size())));
    if (next.empty()) {
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), all - at_));
      TENON_CHECK(file_.readExactly(section.first + at_ - section.text.size(), std::span(piece.data(), length)));
      next = std::string_view(piece.data(), length);
    }
    TENON_TRY(const auto taken, socket.sendNow(next));
    at_ += taken.value_or(0);
    gone += taken.value_or(0);
    // What was read and not taken is read again later: a waiting connection holds no buffer.
    if (taken.value_or(0) < next.size()) return false;
  }
  while (!sent() && at_ == sections_[section_].text.size() + sections_[section_].count) ++section_, at_ = 0;
  return true;
}

}  // namespace tenon::host
