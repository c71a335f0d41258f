#include "tenon/elf.hpp"

#include <gtest/gtest.h>

#include "host/conformance/requests/ExecutableBytes.h"
#include "tests/support/TempFolder.h"

namespace tenon {
namespace {

class Elf : public testing::Test {
 protected:
  std::optional<ElfNeeds> needsOf(const std::string& bytes) const {
    return ElfNeeds::read(folder_.write("program", bytes).text());
  }
  const host::TempFolder folder_;
};

TEST_F(Elf, NamesLibrariesAndTheNewestGlibc) {
  const auto needs = needsOf(host::elfBytesNeeding("2.38"));
  ASSERT_TRUE(needs);
  EXPECT_EQ(needs->libraries, std::vector<std::string>{"libc.so.6"});
  EXPECT_EQ(needs->glibc, "2.38");
}

TEST_F(Elf, TellsNothingOfWhatIsStaticOrNoElf) {
  EXPECT_FALSE(needsOf(host::elfBytes(62)));
  EXPECT_FALSE(needsOf(host::peBytes(0x8664)));
  EXPECT_FALSE(needsOf("#!/bin/sh"));
  EXPECT_FALSE(needsOf(""));
  EXPECT_FALSE(ElfNeeds::read("/no/such/file"));
}

// From a stranger's package: whatever stands there, reading ends, and takes nothing from beyond the file.
TEST_F(Elf, EndsWithEveryByteCutOffOrChanged) {
  const std::string whole = host::elfBytesNeeding("2.38");
  for (std::size_t cut = 0; cut < whole.size(); cut += 7) static_cast<void>(needsOf(whole.substr(0, cut)));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    if (at >= 128 && whole[at] == 0) continue;
    std::string changed = whole;
    changed[at] = static_cast<char>(0xFF);
    if (const auto needs = needsOf(changed)) {
      EXPECT_LE(needs->libraries.size(), 1024U);
    }
  }
}

TEST_F(Elf, OfThisVeryProgram) {
  const std::string self = "/proc/self/exe";
  if (glibcVersion().empty() || !std::filesystem::exists(self)) GTEST_SKIP() << "not on this system";
  const auto needs = ElfNeeds::read(self);
  ASSERT_TRUE(needs);
  EXPECT_NE(std::find(needs->libraries.begin(), needs->libraries.end(), "libc.so.6"), needs->libraries.end());
  EXPECT_GT(compareVersions(needs->glibc, "2.3"), 0) << needs->glibc;
  EXPECT_LE(compareVersions(needs->glibc, glibcVersion()), 0) << "it runs";
}

TEST(Versions, AreComparedPartByPart) {
  EXPECT_LT(compareVersions("2.9", "2.34"), 0);
  EXPECT_GT(compareVersions("2.34", "2.4"), 0);
  EXPECT_GT(compareVersions("2.3.4", "2.3"), 0);
  EXPECT_EQ(compareVersions("2.36", "2.36"), 0);
  EXPECT_LT(compareVersions("", "2.0"), 0);
}

}  // namespace
}  // namespace tenon
