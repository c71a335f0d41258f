#include "host/store/CurrentStore.h"

#include "tests/host/store/StoreSamples.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class CurrentStoreTest : public testing::Test {
 protected:
  CurrentStoreTest() : store_(*files_, ServiceLayout(folder_.path(), folder_ / "trash"), serviceNamed("asr"), &sha256) {}

  ErrorCode codeOf(std::string_view text) {
    folder_.write("current.json", text);
    const auto read = store_.read();
    return read ? ErrorCode::Internal : read.error().code();
  }

  TempFolder folder_;
  MachineFiles files_;
  CurrentStore store_;
};

TEST_F(CurrentStoreTest, HasNothingBeforeTheFirstCommit) {
  const auto read = store_.read();
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_FALSE(*read);
}

TEST_F(CurrentStoreTest, ReadsBackWhatWasCommitted) {
  auto wanted = currentOf("asr", "1.3.0");
  wanted.state = CurrentRelease::State::Trial;
  wanted.previous = releaseOf("1.2.0", "older");
  wanted.attempts = 2;
  ASSERT_TRUE(store_.write(wanted));
  const auto read = store_.read();
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->release, wanted.release);
  EXPECT_EQ((*read)->previous, wanted.previous);
  EXPECT_EQ((*read)->state, CurrentRelease::State::Trial);
  EXPECT_EQ((*read)->attempts, 2);
}

TEST_F(CurrentStoreTest, CountsGenerationsFromWhatIsOnDisk) {
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(store_.write(currentOf("asr", "1.0.0")).value().generation, i);
  auto stale = currentOf("asr", "1.0.0");
  stale.generation = 77;
  EXPECT_EQ(store_.write(stale).value().generation, 4U);
}

TEST_F(CurrentStoreTest, WritesAGoodFileOverACorruptOne) {
  folder_.write("current.json", "{ torn");
  auto next = currentOf("asr", "1.0.0");
  next.generation = 9;
  EXPECT_EQ(store_.write(next).value().generation, 10U);
  EXPECT_TRUE(store_.read().value());
}

TEST_F(CurrentStoreTest, IsEmptyAfterClear) {
  ASSERT_TRUE(store_.write(currentOf("asr", "1.0.0")));
  ASSERT_TRUE(store_.clear());
  EXPECT_FALSE(store_.read().value());
  EXPECT_TRUE(store_.clear());
}

// Case 57 of the fault list: each of these is told, none is guessed at.
TEST_F(CurrentStoreTest, Case57CallsAnythingElseCorrupt) {
  ASSERT_TRUE(store_.write(currentOf("asr", "1.0.0")));
  const auto good = folder_.read("current.json");
  EXPECT_EQ(codeOf(""), ErrorCode::StateCorrupt);
  EXPECT_EQ(codeOf("null"), ErrorCode::StateCorrupt);
  EXPECT_EQ(codeOf(std::string(64, '\0')), ErrorCode::StateCorrupt);
  for (std::size_t bytes = 1; bytes + 2 < good.size(); bytes += 7)
    EXPECT_EQ(codeOf(good.substr(0, bytes)), ErrorCode::StateCorrupt);
  auto changed = good;
  changed.replace(changed.find("1.0.0"), 5, "1.0.1");
  EXPECT_EQ(codeOf(changed), ErrorCode::StateCorrupt);
  EXPECT_EQ(codeOf(std::string(20'000'000, ' ')), ErrorCode::StateCorrupt);
}

TEST_F(CurrentStoreTest, Case57RefusesTheFileOfAnotherService) {
  CurrentStore other(*files_, ServiceLayout(folder_.path(), folder_ / "trash"), serviceNamed("tts"), &sha256);
  ASSERT_TRUE(other.write(currentOf("tts", "1.0.0")));
  const auto read = store_.read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::StateCorrupt);
}

}  // namespace
}  // namespace tenon::host
