#include "host/base/Path.h"

#include <gtest/gtest.h>

#include <set>

namespace tenon::host {
namespace {

TEST(Path, JoinsWithOneSlash) {
  EXPECT_EQ((Path("/a") / "b").text(), "/a/b");
  EXPECT_EQ((Path("/a/") / "b/c").text(), "/a/b/c");
  EXPECT_EQ((Path("/") / "b").text(), "/b");
  EXPECT_EQ((Path() / "b").text(), "b");
  EXPECT_EQ((Path("a") / "b").text(), "a/b");
}

TEST(Path, DropsSlashesAtItsEndButKeepsTheRoot) {
  EXPECT_EQ(Path("/a//").text(), "/a");
  EXPECT_EQ(Path("/").text(), "/");
  EXPECT_EQ(Path("//").text(), "/");
  EXPECT_EQ(Path("").text(), "");
  EXPECT_TRUE(Path().empty());
}

TEST(Path, ParentIsWhatStandsBeforeTheLastPart) {
  EXPECT_EQ(Path("/a/b").parent().text(), "/a");
  EXPECT_EQ(Path("/a").parent().text(), "/");
  EXPECT_EQ(Path("a/b").parent().text(), "a");
  EXPECT_TRUE(Path("a").parent().empty());
  EXPECT_EQ(Path("C:/a").parent().text(), "C:");
}

TEST(Path, NameIsTheLastPart) {
  EXPECT_EQ(Path("/a/b.zip").name(), "b.zip");
  EXPECT_EQ(Path("b.zip").name(), "b.zip");
  EXPECT_EQ(Path("/a/").name(), "a");
}

TEST(Path, ComparesAsText) {
  EXPECT_EQ(Path("/a/"), Path("/a"));
  EXPECT_NE(Path("/a"), Path("/A"));
  EXPECT_LT(Path("/a"), Path("/b"));
  EXPECT_EQ((std::set<Path>{Path("x"), Path("x/"), Path("y")}.size()), 2U);
}

TEST(Path, KeepsUtf8AndLeavesDotsAlone) {
  EXPECT_EQ((Path("/模型") / "名.bin").name(), "名.bin");
  EXPECT_EQ((Path("/a") / "../b").text(), "/a/../b");
}

}  // namespace
}  // namespace tenon::host
