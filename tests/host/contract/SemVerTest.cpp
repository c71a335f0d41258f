#include "host/contract/release/SemVer.h"

#include <filesystem>
#include <fstream>
#include <vector>

#include "host/base/Limits.h"
#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

std::vector<std::string> linesOf(const std::string& name) {
  std::ifstream in(std::string(TENON_SHARED_DATA) + "/semver/" + name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

SemVer version(std::string_view text) { return SemVer::parse(text).value(); }

TEST(SemVer, AcceptsEveryVersionOfThePublishedList) {
  const auto lines = linesOf("valid.txt");
  if (lines.empty()) GTEST_SKIP() << "the shared vectors are not beside this checkout";
  for (const auto& line : lines) {
    const auto parsed = SemVer::parse(line);
    ASSERT_TRUE(parsed) << line;
    EXPECT_EQ(parsed->text(), line);
  }
}

TEST(SemVer, RefusesEveryVersionOfThePublishedList) {
  const auto lines = linesOf("invalid.txt");
  if (lines.empty()) GTEST_SKIP() << "the shared vectors are not beside this checkout";
  for (const auto& line : lines) EXPECT_FALSE(SemVer::parse(line)) << line;
}

TEST(SemVer, Case52_RefusesWhatWouldLeaveItsFolder) {
  for (const char* bad : {"", "1.0.0/../../x", "..", "1.0.0%2f", "1.0.0\\x", "1.0.0 ", " 1.0.0", "v1.0.0", "1.0.0\n",
                          "1.0.0-", "1.0.0+", "1.0.0-a..b", "1.0", "1.0.0.0", "1.-1.0", "\xd9\xa1.0.0"}) {
    expectRefused(SemVer::parse(bad), ErrorCode::FormatInvalid, "is no version");
  }
  EXPECT_FALSE(SemVer::parse(std::string_view("1.0.0\0", 6)));
}

TEST(SemVer, RefusesAVersionPastTheLengthLimit) {
  const std::string longest = "1.0.0-" + std::string(limits::kVersionBytes - 6, 'a');
  EXPECT_TRUE(SemVer::parse(longest));
  expectRefused(SemVer::parse(longest + "a"), ErrorCode::FormatInvalid, "longer than 128 bytes");
}

TEST(SemVer, ARefusalShowsNoControlCharacters) {
  const auto message = SemVer::parse("1.0.0\x1b[31m\x7f").error().message();
  EXPECT_TRUE(message.starts_with("\"1.0.0\\x1b[31m\\x7f\" is no version: ")) << message;
}

TEST(SemVer, OrdersAsTheSpecificationSays) {
  // Rule 11's own examples, the origin's string-order bug, and numbers that overflow.
  const std::vector<std::string_view> ascending{"0.0.4",
                                                "0.9.0",
                                                "1.0.0-0",
                                                "1.0.0-1",
                                                "1.0.0-9",
                                                "1.0.0-10",
                                                "1.0.0--",
                                                "1.0.0-Alpha",
                                                "1.0.0-alpha",
                                                "1.0.0-alpha.1",
                                                "1.0.0-alpha.beta",
                                                "1.0.0-beta",
                                                "1.0.0-beta.2",
                                                "1.0.0-beta.11",
                                                "1.0.0-rc.1",
                                                "1.0.0",
                                                "1.0.1",
                                                "1.9.0",
                                                "1.10.0",
                                                "2.0.0",
                                                "2.1.0",
                                                "2.1.1",
                                                "18446744073709551616.0.0",
                                                "99999999999999999999999.0.0"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      const auto order = version(ascending[i]).precedence(version(ascending[j]));
      EXPECT_EQ(order < 0, i < j) << ascending[i] << " " << ascending[j];
      EXPECT_EQ(order == 0, i == j) << ascending[i] << " " << ascending[j];
    }
  }
}

TEST(SemVer, KeepsBuildMetadataAndNeverComparesIt) {
  EXPECT_TRUE(version("1.0.0+a").precedence(version("1.0.0+b")) == 0);
  EXPECT_TRUE(version("1.0.0+a-b.c").precedence(version("1.0.0")) == 0);
  EXPECT_FALSE(version("1.0.0+a") == version("1.0.0+b"));
  EXPECT_FALSE(version("1.0.0+a-b").isPrerelease());
}

}  // namespace
}  // namespace tenon::host
