#include <vector>

#include "host/contract/release/SemVer.h"
#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

struct Case {
  const char* range;
  std::vector<const char*> in, out;
};

void check(const Case& each) {
  const auto range = SemVerRange::parse(each.range);
  ASSERT_TRUE(range) << each.range << ": " << range.error().message();
  EXPECT_EQ(range->text(), each.range);
  for (const char* text : each.in)
    EXPECT_TRUE(range->contains(SemVer::parse(text).value())) << each.range << " should hold " << text;
  for (const char* text : each.out)
    EXPECT_FALSE(range->contains(SemVer::parse(text).value())) << each.range << " should not hold " << text;
}

TEST(SemVerRange, ReadsCaretTildeAndWildcards) {
  const Case cases[] = {
      {"*", {"0.0.0", "1.2.3", "99999999999999999999.0.0"}, {"1.0.0-rc.1"}},
      {"x", {"1.2.3"}, {}},
      {"1", {"1.0.0", "1.99.0"}, {"0.9.9", "2.0.0", "2.0.0-0", "1.0.0-rc"}},
      {"1.x", {"1.0.0", "1.99.0"}, {"2.0.0"}},
      {"1.*.*", {"1.5.0"}, {"2.0.0"}},
      {"1.2", {"1.2.0", "1.2.99"}, {"1.3.0", "1.1.9", "1.3.0-rc"}},
      {"1.2.x", {"1.2.7"}, {"1.3.0"}},
      {"1.2.3", {"1.2.3", "1.2.3+build"}, {"1.2.4", "1.2.3-rc"}},
      {"=1.2.3", {"1.2.3"}, {"1.2.2"}},
      {"^1.2", {"1.2.0", "1.10.0"}, {"1.1.9", "2.0.0", "2.0.0-rc.1"}},
      {"^1.2.3", {"1.2.3", "1.9.0"}, {"1.2.2", "2.0.0"}},
      {"^0.2.3", {"0.2.3", "0.2.9"}, {"0.3.0", "0.2.2"}},
      {"^0.0.3", {"0.0.3"}, {"0.0.4", "0.0.2"}},
      {"^0.0", {"0.0.9"}, {"0.1.0"}},
      {"^0", {"0.9.9"}, {"1.0.0"}},
      {"^9", {"9.9.9"}, {"10.0.0"}},
      {"^99.1", {"99.2.0"}, {"100.0.0"}},
      {"~1.2.3", {"1.2.3", "1.2.9"}, {"1.3.0", "1.2.2"}},
      {"~1.2", {"1.2.0"}, {"1.3.0"}},
      {"~1", {"1.9.0"}, {"2.0.0"}},
  };
  for (const auto& each : cases) check(each);
}

TEST(SemVerRange, ReadsComparisonsThatAllMustHold) {
  const Case cases[] = {
      {">=1.0.0 <2.0.0", {"1.0.0", "1.9.9"}, {"0.9.9", "2.0.0", "1.5.0-rc"}},
      {">= 1.0.0  < 2.0.0", {"1.5.0"}, {"2.0.0"}},
      {">1.2.3", {"1.2.4"}, {"1.2.3"}},
      {">1.2", {"1.3.0"}, {"1.2.9", "1.2.0"}},
      {">1", {"2.0.0"}, {"1.9.9"}},
      {">=1.2", {"1.2.0"}, {"1.1.9"}},
      {"<1.2", {"1.1.9"}, {"1.2.0", "1.2.0-rc"}},
      {"<=1.2", {"1.2.9"}, {"1.3.0"}},
      {"<=1.2.3", {"1.2.3"}, {"1.2.4"}},
      {"^1.0 <1.5", {"1.4.9"}, {"1.5.0"}},
  };
  for (const auto& each : cases) check(each);
}

TEST(SemVerRange, LetsAPrereleaseInOnlyWhereOneOfThatVersionIsNamed) {
  const Case cases[] = {
      {"^1.2.3-beta.2", {"1.2.3-beta.2", "1.2.3-rc.1", "1.2.3", "1.3.0"}, {"1.2.3-beta.1", "1.2.4-beta.3", "2.0.0-beta"}},
      {">=1.0.0-rc.1", {"1.0.0-rc.2", "1.0.0"}, {"1.0.0-beta", "2.0.0-rc.1"}},
      {"1.0.0-rc.1", {"1.0.0-rc.1"}, {"1.0.0-rc.2", "1.0.0"}},
  };
  for (const auto& each : cases) check(each);
}

TEST(SemVerRange, ARefusalShowsNoControlCharacters) {
  for (const auto* text : {"^1.0.0\x1b[31m", ">*\x1b", ">x\x7f"}) {
    const auto range = SemVerRange::parse(text);
    ASSERT_FALSE(range);
    for (const char c : range.error().message()) EXPECT_FALSE(c == '\x1b' || c == '\x7f') << range.error().message();
  }
}

TEST(SemVerRange, RefusesWhatItDoesNotUnderstand) {
  for (const char* bad : {"",      " ",   ">",   "^",      ">=1.0.0 <", "||", "1 || 2", "1.0.0 - 2.0.0", "1.2.3.4", "01.2",
                          "1.x.3", "^^1", "=>1", "latest", "1.2-rc",    ">*", "<x",     "1.0.0,2.0.0",   "\t1",     "v1"}) {
    expectRefused(SemVerRange::parse(bad), ErrorCode::FormatInvalid, "is no range");
  }
  expectRefused(SemVerRange::parse(std::string(300, ' ') + "1"), ErrorCode::FormatInvalid, "longer than 256 bytes");
  expectRefused(SemVerRange::parse("^" + std::string(200, '9')), ErrorCode::FormatInvalid, "longer than 128 bytes");
}

}  // namespace
}  // namespace tenon::host
