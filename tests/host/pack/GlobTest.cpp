#include "host/pack/Glob.h"

#include <gtest/gtest.h>

#include <string>

namespace tenon::host {
namespace {

TEST(Glob, MatchesTheWholePath) {
  EXPECT_TRUE(globMatches("bin/tool", "bin/tool"));
  EXPECT_FALSE(globMatches("tool", "bin/tool"));
  EXPECT_FALSE(globMatches("bin", "bin/tool"));
  EXPECT_FALSE(globMatches("bin/tool", "bin/tools"));
  EXPECT_FALSE(globMatches("", "a"));
}

TEST(Glob, KeepsAStarWithinOnePart) {
  EXPECT_TRUE(globMatches("bin/*", "bin/tool"));
  EXPECT_FALSE(globMatches("bin/*", "bin/sub/tool"));
  EXPECT_TRUE(globMatches("*/tool", "bin/tool"));
  EXPECT_TRUE(globMatches("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(globMatches("a*b*c", "aXbYbZ"));
  EXPECT_TRUE(globMatches("*.so*", "libx.so.1"));
}

TEST(Glob, LetsTwoStarsStandForAnyNumberOfParts) {
  for (const std::string path : {"bin/tool", "a/bin/tool", "a/b/c/bin/tool"})
    EXPECT_TRUE(globMatches("**/bin/tool", path)) << path;
  EXPECT_TRUE(globMatches("bin/**", "bin/a/b/c"));
  EXPECT_TRUE(globMatches("**", "a/b"));
  EXPECT_TRUE(globMatches("a/**/b/*.sh", "a/x/y/b/run.sh"));
  EXPECT_FALSE(globMatches("a/**/b", "a/x/c"));
}

TEST(Glob, TakesOneCharacterForAQuestionMark) {
  EXPECT_TRUE(globMatches("lib?.so", "lib1.so"));
  EXPECT_TRUE(globMatches("lib?.so", "lib\u00e9.so"));
  EXPECT_FALSE(globMatches("lib?.so", "lib.so"));
  EXPECT_FALSE(globMatches("a?b", "a/b"));
}

TEST(Glob, KnowsSetsAndRanges) {
  EXPECT_TRUE(globMatches("tool[0-9]", "tool7"));
  EXPECT_FALSE(globMatches("tool[0-9]", "toolx"));
  EXPECT_TRUE(globMatches("tool[!0-9]", "toolx"));
  EXPECT_TRUE(globMatches("tool[abc-]", "tool-"));
  EXPECT_TRUE(globMatches("a[b", "a[b"));
}

TEST(Glob, IsNotSlowOnHostilePatterns) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  EXPECT_FALSE(globMatches(pattern + "b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace tenon::host
