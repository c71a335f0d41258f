// What other tests lean on must hold itself.
#include <gtest/gtest.h>

#include "tests/support/FakeClock.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

TEST(FakeClock, StandsStillUntilItIsMoved) {
  FakeClock clock;
  const Instant start = clock.now();
  const WallTime wall = clock.wall();
  EXPECT_EQ(clock.now(), start);
  clock.advance(Millis(1500));
  EXPECT_EQ(clock.now() - start, Millis(1500));
  EXPECT_EQ(clock.wall() - wall, Millis(1500));
}

TEST(FakeClock, WallTimeLosesNoFractionsOfMilliseconds) {
  FakeClock clock;
  const WallTime wall = clock.wall();
  for (int i = 0; i < 1000; ++i) clock.advance(Micros(1));
  EXPECT_EQ(clock.wall() - wall, Millis(1));
}

TEST(FakeClock, WallTimeJumpsAlone) {
  FakeClock clock;
  const Instant start = clock.now();
  clock.setWall(WallTime{});
  EXPECT_EQ(formatTime(clock.wall()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(clock.now(), start);
}

TEST(TempFolder, IsGoneWithAllThatIsInIt) {
  std::string text;
  {
    const TempFolder folder;
    text = folder.text();
    folder.write("a/b/c.txt", std::string_view("x\0y", 3));
    EXPECT_TRUE(folder.exists("a/b"));
    EXPECT_EQ(folder.read("a/b/c.txt"), std::string("x\0y", 3));
    std::filesystem::permissions(text + "/a/b", std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  }
  EXPECT_FALSE(std::filesystem::exists(text));
}

TEST(TempFolder, EachIsItsOwn) {
  const TempFolder one, other;
  EXPECT_NE(one.path(), other.path());
  EXPECT_EQ((one / "x").text(), one.text() + "/x");
}

}  // namespace
}  // namespace tenon::host
