#include <gtest/gtest.h>

#include "host/http/wire/FileBody.h"

namespace tenon::host {
namespace {

std::string chosen(const std::string& header, std::uint64_t size) {
  const RangeChoice choice = chooseRange(header, size);
  if (choice.kind == RangeChoice::Kind::Whole) return "whole";
  if (choice.kind == RangeChoice::Kind::Unsatisfiable) return "416";
  return std::to_string(choice.first) + "+" + std::to_string(choice.count);
}

TEST(Range, IsReadAsTheStandardSays) {
  const std::vector<std::tuple<std::string, std::uint64_t, std::string>> cases = {
      {"bytes=0-0", 10, "0+1"},
      {"bytes=0-9", 10, "0+10"},
      {"bytes=2-5", 10, "2+4"},
      {"bytes=5-", 10, "5+5"},
      {"bytes=5-99", 10, "5+5"},
      {"bytes=5-18446744073709551615", 10, "5+5"},
      {"bytes=5-99999999999999999999999", 10, "5+5"},
      {"bytes=9-", 10, "9+1"},
      {"bytes=10-", 10, "416"},
      {"bytes=99999999999999999999999-", 10, "416"},
      {"bytes=-3", 10, "7+3"},
      {"bytes=-10", 10, "0+10"},
      {"bytes=-11", 10, "0+10"},
      {"bytes=-0", 10, "416"},
      {"bytes=-1", 0, "416"},
      {"bytes=0-", 0, "416"},
      {"bytes=5-4", 10, "whole"},
      {"bytes=0-1,4-5", 10, "whole"},
      {"bytes=", 10, "whole"},
      {"bytes=-", 10, "whole"},
      {"bytes=a-b", 10, "whole"},
      {"bytes=1-b", 10, "whole"},
      {"bytes=+1-2", 10, "whole"},
      {"bytes=1 -2", 10, "whole"},
      {"bytes= 1-2", 10, "1+2"},
      {"items=0-1", 10, "whole"},
      {"", 10, "whole"},
      {"bytes=9223372036854775807-9223372036854775808", UINT64_MAX, "9223372036854775807+2"},
  };
  for (const auto& [header, size, expected] : cases) EXPECT_EQ(chosen(header, size), expected) << header << " of " << size;
}

TEST(Range, ComparesEntityTags) {
  EXPECT_TRUE(matchesEtag("\"abc\"", "abc"));
  EXPECT_TRUE(matchesEtag("W/\"abc\"", "abc"));
  EXPECT_TRUE(matchesEtag("\"x\" , \"abc\"", "abc"));
  EXPECT_TRUE(matchesEtag("*", "abc"));
  EXPECT_FALSE(matchesEtag("abc", "abc"));
  EXPECT_FALSE(matchesEtag("\"abcd\"", "abc"));
  EXPECT_FALSE(matchesEtag("", "abc"));
  EXPECT_TRUE(matchesIfRange("\"abc\"", "abc"));
  EXPECT_FALSE(matchesIfRange("W/\"abc\"", "abc")) << "a weak tag is no promise about bytes";
  EXPECT_FALSE(matchesIfRange("Tue, 24 Nov 2026 07:45:00 GMT", "abc"));
}

}  // namespace
}  // namespace tenon::host
