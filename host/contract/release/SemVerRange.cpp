// Ranges, as npm's "semver" reads them (docs.npmjs.com/cli/v6/using-npm/semver): every form is written as a few plain
// comparisons.
#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"
#include "host/contract/release/SemVer.h"

namespace tenon::host {
namespace {

// "1", "1.x", "1.2", "1.2.3-rc.1", "*": how many of the three numbers are given, and which.
struct Partial {
  std::size_t given = 0;
  std::array<std::string, 3> numbers{"0", "0", "0"};
  std::string prerelease;  // with its '-'
  std::string text() const { return numbers[0] + "." + numbers[1] + "." + numbers[2] + prerelease; }
};

bool isNumeral(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         (text.size() == 1 || text.front() != '0');
}

Result<Partial> parsePartial(std::string_view text) {
  const Error wrong(ErrorCode::FormatInvalid, "\"" + shownName(text) + "\" is no version or part of one");
  Partial partial;
  if (const auto full = SemVer::parse(text)) {
    text = text.substr(0, text.find('+'));
    if (const auto dash = text.find('-'); dash != std::string_view::npos) partial.prerelease = text.substr(dash);
    text = text.substr(0, text.find('-'));
  }
  bool open = false;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto dot = text.find('.');
    const auto number = text.substr(0, dot);
    if (number == "x" || number == "X" || number == "*") {
      open = true;
    } else if (open || !isNumeral(number)) {
      return wrong;
    } else {
      partial.numbers[partial.given++] = number;
    }
    if (dot == std::string_view::npos) return partial;
    text.remove_prefix(dot + 1);
  }
  return wrong;
}

std::string plusOne(std::string number) {
  for (auto digit = number.rbegin(); digit != number.rend(); ++digit) {
    if (*digit != '9') return ++*digit, number;
    *digit = '0';
  }
  return "1" + number;
}

// The first version that has the next number at `place`.
std::string nextAt(const Partial& partial, std::size_t place) {
  Partial next;
  for (std::size_t i = 0; i < place; ++i) next.numbers[i] = partial.numbers[i];
  next.numbers[place] = plusOne(partial.numbers[place]);
  return next.text();
}

// ^ leaves the first number that is not zero alone.
std::size_t caretPlace(const Partial& partial) {
  for (std::size_t i = 0; i < partial.given; ++i) {
    if (partial.numbers[i] != "0") return i;
  }
  return partial.given - 1;
}

}  // namespace

Result<void> SemVerRange::add(Op op, const std::string& version) {
  TENON_TRY(auto parsed, SemVer::parse(version));
  comparators_.push_back({op, std::move(parsed)});
  return {};
}

Result<void> SemVerRange::add(std::string_view comparator) {
  constexpr std::array<std::string_view, 7> kOperators{">=", "<=", "^", "~", ">", "<", "="};
  std::string_view op;
  for (const auto each : kOperators) {
    if (op.empty() && comparator.starts_with(each)) op = each;
  }
  TENON_TRY(const Partial partial, parsePartial(comparator.substr(op.size())));
  const std::string least = partial.text();
  if (partial.given == 0) {
    if (op == ">" || op == "<")
      return Error(ErrorCode::FormatInvalid, "\"" + shownName(comparator) + "\" holds for no version");
    return add(Op::GreaterEqual, least);
  }
  // "-0" is the lowest prerelease there is: as an upper bound it keeps out the prereleases of the bound itself.
  const std::size_t last = partial.given - 1;
  const bool full = partial.given == 3;
  if (op == ">=") return add(Op::GreaterEqual, least);
  if (op == "<") return add(Op::Less, full ? least : least + "-0");
  if (op == ">") return full ? add(Op::Greater, least) : add(Op::GreaterEqual, nextAt(partial, last));
  if (op == "<=") return full ? add(Op::LessEqual, least) : add(Op::Less, nextAt(partial, last) + "-0");
  if (op != "^" && op != "~" && full) return add(Op::Equal, least);
  const std::size_t place = op == "^" ? caretPlace(partial) : op == "~" ? std::min<std::size_t>(last, 1) : last;
  TENON_CHECK(add(Op::GreaterEqual, least));
  return add(Op::Less, nextAt(partial, place) + "-0");
}

Result<SemVerRange> SemVerRange::parse(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorCode::FormatInvalid,
                 "\"" + shownName(text.substr(0, limits::kRangeBytes)) + "\" is no range of versions: " + why)
        .withHint("write for example ^1.2, ~1.2.3, >=1.0.0 <2.0.0, 1.x or *");
  };
  if (text.size() > limits::kRangeBytes)
    return refuse("it is longer than " + std::to_string(limits::kRangeBytes) + " bytes");
  SemVerRange range;
  range.text_ = text;
  std::string pending;  // an operator that stands apart from its version
  for (auto rest = text; !rest.empty();) {
    const auto space = rest.find(' ');
    const auto token = rest.substr(0, space);
    rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    if (token.empty()) continue;
    pending += token;
    if (token.find_first_not_of("<>=^~") == std::string_view::npos) continue;
    if (const auto added = range.add(pending); !added) return refuse(added.error().message());
    pending.clear();
  }
  if (!pending.empty()) return refuse("\"" + pending + "\" has no version after it");
  if (range.comparators_.empty()) return refuse("it is empty");
  return range;
}

bool SemVerRange::contains(const SemVer& version) const {
  const auto holds = [&](const Comparator& comparator) {
    const auto order = version.precedence(comparator.version);
    switch (comparator.op) {
      case Op::Equal:
        return order == 0;
      case Op::Less:
        return order < 0;
      case Op::LessEqual:
        return order <= 0;
      case Op::Greater:
        return order > 0;
      case Op::GreaterEqual:
        return order >= 0;
    }
    return false;
  };
  if (!std::all_of(comparators_.begin(), comparators_.end(), holds)) return false;
  return !version.isPrerelease() || std::any_of(comparators_.begin(), comparators_.end(), [&](const Comparator& comparator) {
    const SemVer& named = comparator.version;
    return named.isPrerelease() && named.major_ == version.major_ && named.minor_ == version.minor_ &&
           named.patch_ == version.patch_;
  });
}

}  // namespace tenon::host
