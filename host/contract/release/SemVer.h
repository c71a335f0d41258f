// Semantic versions 2.0.0 (semver.org) and the ranges that `requires` and driver pins use.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Result.h"

namespace tenon::host {

// Numbers of any length are kept as text, so that no version overflows. Build metadata is kept and never compared: two
// versions that differ only there are neither equal releases (text differs) nor ordered.
class SemVer {
 public:
  static Result<SemVer> parse(std::string_view text);  // format-invalid

  const std::string& text() const { return text_; }
  bool isPrerelease() const { return !prerelease_.empty(); }

  // Precedence by the specification's rule 11.
  std::weak_ordering precedence(const SemVer& other) const;
  // The same text. For identity; use precedence() for order.
  bool operator==(const SemVer& other) const { return text_ == other.text_; }

 private:
  SemVer() = default;
  friend class SemVerRange;
  std::string text_;
  std::string major_, minor_, patch_;
  std::vector<std::string> prerelease_;
};

// "^1.2", "~1.2.3", ">=1.0.0 <2.0.0", "1.2.3", "1.x", "*", as npm reads them; no "||", no "1.0 - 2.0". A prerelease
// satisfies a range only when one of its comparators has a prerelease of the same major.minor.patch.
class SemVerRange {
 public:
  static Result<SemVerRange> parse(std::string_view text);
  bool contains(const SemVer& version) const;
  const std::string& text() const { return text_; }

 private:
  enum class Op { Equal, Less, LessEqual, Greater, GreaterEqual };
  struct Comparator {
    Op op;
    SemVer version;
  };
  Result<void> add(std::string_view comparator);
  Result<void> add(Op op, const std::string& version);

  std::string text_;
  std::vector<Comparator> comparators_;  // all must hold
};

}  // namespace tenon::host
