#include "host/store/ChangeStore.h"

#include <gtest/gtest.h>

#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class ChangeStoreTest : public testing::Test {
 protected:
  Change change(std::uint64_t number, Change::State state) {
    Change made;
    made.number = number;
    made.operation = "install";
    made.service = "asr";
    made.state = state;
    made.steps.push_back({.name = "fetch",
                          .state = state == Change::State::Running ? ChangeStep::State::Running : ChangeStep::State::Done,
                          .detail = "",
                          .doneBytes = 0,
                          .totalBytes = 0,
                          .durationMs = 0});
    return made;
  }

  TempFolder folder_;
  MachineFiles files_;
  ChangeStore store_{*files_, PackageLayout(folder_.path())};
};

TEST_F(ChangeStoreTest, CountsFromOneAndGoesOnAfterARestart) {
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(store_.next(), 1U);
  EXPECT_EQ(store_.next(), 2U);
  ASSERT_TRUE(store_.save(change(2, Change::State::Done)));
  ChangeStore again(*files_, PackageLayout(folder_.path()));
  ASSERT_TRUE(again.open());
  EXPECT_EQ(again.next(), 3U);
}

TEST_F(ChangeStoreTest, NeverUsesANumberAgainOfWhichOnlyEvidenceIsLeft) {
  folder_.write("changes/41.evidence/why.txt", "x");
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(store_.next(), 42U);
}

TEST_F(ChangeStoreTest, KeepsTheNewestAndTheirEvidence) {
  const std::uint64_t last = limits::kChangesKept + 3;
  for (std::uint64_t number = 1; number <= last; ++number) {
    folder_.write("changes/" + std::to_string(number) + ".json", change(number, Change::State::Done).toJson().pretty());
  }
  folder_.write("changes/3.evidence/why.txt", "x");
  folder_.write("changes/4.evidence/why.txt", "x");
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(files_->list(folder_ / "changes")->size(), limits::kChangesKept + 1);
  for (const std::string gone : {"1.json", "2.json", "3.json", "3.evidence"})
    EXPECT_FALSE(folder_.exists("changes/" + gone));
  for (const std::string kept : {"4.json", "4.evidence/why.txt", "5.json"}) EXPECT_TRUE(folder_.exists("changes/" + kept));
  EXPECT_EQ(store_.next(), last + 1);
}

TEST_F(ChangeStoreTest, SweepsWhatWasHalfWritten) {
  folder_.write("changes/.7.json.0123456789abcdef.tmp", "{");
  folder_.write("changes/6.evidence/.why.txt.0123456789abcdef.tmp", "it");
  folder_.write("changes/6.evidence/plan.json", "{}");
  ASSERT_TRUE(store_.open());
  EXPECT_FALSE(folder_.exists("changes/.7.json.0123456789abcdef.tmp"));
  EXPECT_FALSE(folder_.exists("changes/6.evidence/.why.txt.0123456789abcdef.tmp"));
  EXPECT_TRUE(folder_.exists("changes/6.evidence/plan.json"));
}

TEST_F(ChangeStoreTest, EndsWhatWasRunningWhenTheAgentDied) {
  ASSERT_TRUE(store_.save(change(1, Change::State::Running)));
  ASSERT_TRUE(store_.save(change(2, Change::State::Done)));
  ASSERT_TRUE(store_.open());
  const auto ended = store_.read(1).value();
  EXPECT_EQ(ended.state, Change::State::Failed);
  ASSERT_TRUE(ended.error);
  EXPECT_EQ(ended.error->code(), ErrorCode::Cancelled);
  EXPECT_EQ(ended.steps.at(0).state, ChangeStep::State::Failed);
  EXPECT_EQ(store_.read(2).value().state, Change::State::Done);
}

TEST_F(ChangeStoreTest, GivesTheLatestFirst) {
  ASSERT_TRUE(store_.open());
  for (std::uint64_t i = 1; i <= 12; ++i) ASSERT_TRUE(store_.save(change(i, Change::State::Done)));
  const auto latest = store_.latest(3).value();
  ASSERT_EQ(latest.size(), 3U);
  EXPECT_EQ(latest[0].number, 12U);
  EXPECT_EQ(latest[2].number, 10U);
  EXPECT_EQ(store_.latest(100).value().size(), 12U);
}

TEST_F(ChangeStoreTest, GoesOnWhereOneFileIsCorrupt) {
  folder_.write("changes/3.json", "{ torn");
  folder_.write("changes/03.json", "{}");
  folder_.write("changes/notes.txt", "mine");
  ASSERT_TRUE(store_.save(change(2, Change::State::Done)));
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(store_.next(), 4U);
  EXPECT_EQ(store_.latest(10).value().size(), 1U);
  EXPECT_EQ(store_.read(3).error().code(), ErrorCode::StateCorrupt);
  EXPECT_EQ(store_.read(99).error().code(), ErrorCode::NotFound);
}

TEST_F(ChangeStoreTest, HasNoChangesBeforeTheFirst) { EXPECT_TRUE(store_.latest(10).value().empty()); }

}  // namespace
}  // namespace tenon::host
