#include "host/contract/release/SemVer.h"

#include <algorithm>
#include <cstddef>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"

namespace tenon::host {
namespace {

bool isDecimal(char c) { return c >= '0' && c <= '9'; }
bool isIdentifierCharacter(char c) { return isDecimal(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }
bool isNumber(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), isDecimal); }
bool hasLeadingZero(std::string_view number) { return number.size() > 1 && number.front() == '0'; }

Error invalid(std::string_view text, const std::string& why) {
  return Error(ErrorCode::FormatInvalid,
               "\"" + shownName(text.substr(0, limits::kVersionBytes)) + "\" is no version: " + why)
      .withHint("versions are written as semver.org says: 1.4.0, 2.0.0-rc.1, 1.4.0+build.7");
}

std::vector<std::string> splitAtDots(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const auto dot = text.find('.');
    parts.emplace_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

// Of decimal numbers without leading zeros, of any length.
std::weak_ordering compareNumbers(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

// "numeric identifiers always have lower precedence than alphanumeric ones" (rule 11.4.3).
std::weak_ordering compareIdentifiers(std::string_view a, std::string_view b) {
  const bool aNumber = isNumber(a), bNumber = isNumber(b);
  if (aNumber && bNumber) return compareNumbers(a, b);
  if (aNumber != bNumber) return aNumber ? std::weak_ordering::less : std::weak_ordering::greater;
  return a.compare(b) <=> 0;
}

// nullptr, or what is wrong.
const char* faultOfIdentifiers(const std::vector<std::string>& identifiers, bool numbersAreStrict) {
  for (const auto& identifier : identifiers) {
    if (identifier.empty()) return "an identifier between dots is empty";
    if (!std::all_of(identifier.begin(), identifier.end(), isIdentifierCharacter)) {
      return "identifiers are made of letters, digits and '-'";
    }
    if (numbersAreStrict && isNumber(identifier) && hasLeadingZero(identifier)) return "a number has a leading zero";
  }
  return nullptr;
}

}  // namespace

Result<SemVer> SemVer::parse(std::string_view text) {
  if (text.size() > limits::kVersionBytes) {
    return invalid(text, "it is longer than " + std::to_string(limits::kVersionBytes) + " bytes");
  }
  SemVer version;
  version.text_ = text;
  auto core = text;
  if (const auto plus = core.find('+'); plus != std::string_view::npos) {
    if (const char* why = faultOfIdentifiers(splitAtDots(core.substr(plus + 1)), false)) return invalid(text, why);
    core = core.substr(0, plus);
  }
  if (const auto dash = core.find('-'); dash != std::string_view::npos) {
    version.prerelease_ = splitAtDots(core.substr(dash + 1));
    if (const char* why = faultOfIdentifiers(version.prerelease_, true)) return invalid(text, why);
    core = core.substr(0, dash);
  }
  auto numbers = splitAtDots(core);
  if (numbers.size() != 3) return invalid(text, "it needs three numbers");
  for (const auto& number : numbers) {
    if (!isNumber(number)) return invalid(text, "it needs three numbers");
    if (hasLeadingZero(number)) return invalid(text, "a number has a leading zero");
  }
  version.major_ = std::move(numbers[0]);
  version.minor_ = std::move(numbers[1]);
  version.patch_ = std::move(numbers[2]);
  return version;
}

std::weak_ordering SemVer::precedence(const SemVer& other) const {
  if (const auto order = compareNumbers(major_, other.major_); order != 0) return order;
  if (const auto order = compareNumbers(minor_, other.minor_); order != 0) return order;
  if (const auto order = compareNumbers(patch_, other.patch_); order != 0) return order;
  if (prerelease_.empty() || other.prerelease_.empty()) return prerelease_.empty() <=> other.prerelease_.empty();
  const auto common = std::min(prerelease_.size(), other.prerelease_.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (const auto order = compareIdentifiers(prerelease_[i], other.prerelease_[i]); order != 0) return order;
  }
  return prerelease_.size() <=> other.prerelease_.size();
}

}  // namespace tenon::host
