#include "host/lifecycle/ChangeBook.h"

#include <gtest/gtest.h>

#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"
#include "tests/support/UnsyncedFiles.h"

namespace tenon::host {
namespace {

TEST(ChangeBook, ForgetsWhatIsOldButNothingThatRuns) {
  MachineFiles machine;
  UnsyncedFiles files(*machine);
  const TempFolder folder;
  FakeClock clock;
  NullLog log;
  EventLog events(files, clock, log);
  ChangeStore store(files, PackageLayout(folder.path()));
  ASSERT_TRUE(store.open());
  ChangeBook book(store, events, clock);
  const auto asr = ServiceId::parse("asr").value();
  const auto end = [&](std::uint64_t changes) {
    while (changes-- > 0) book.begin("stop", asr)->done("stopped");
  };
  end(200);
  const auto running = book.begin("install", asr);
  end(limits::kChangesKept + 200);
  EXPECT_TRUE(store.read(running->number()));
  EXPECT_TRUE(store.read(2)) << "nothing goes that is younger than the oldest that runs, less what is kept";
  running->done("installed");
  end(200);
  EXPECT_EQ(store.read(2).error().code(), ErrorCode::NotFound);
  EXPECT_TRUE(store.read(running->number() + limits::kChangesKept));
  EXPECT_LE(store.latest(limits::kChangesKept * 2)->size(), limits::kChangesKept + 100);
}

TEST(ChangeBook, TellsEachChangeOnceWithItsStepsWhenItHasEnded) {
  MachineFiles machine;
  UnsyncedFiles files(*machine);
  const TempFolder folder;
  FakeClock clock;
  NullLog log;
  EventLog events(files, clock, log);
  ChangeStore store(files, PackageLayout(folder.path()));
  ASSERT_TRUE(store.open());
  std::vector<Change> told;
  ChangeBook book(store, events, clock, [&](const Change& change) { told.push_back(change); });
  const auto change = book.begin("install", ServiceId::parse("asr").value());
  change->step("fetch", "");
  clock.advance(Millis(1500));
  EXPECT_TRUE(told.empty());
  change->rolledBack(Error(ErrorCode::HealthTimeout, "never ready"), "kept 1.2.0");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(name(told[0].state), "rolled-back");
  ASSERT_EQ(told[0].steps.size(), 1u);
  EXPECT_EQ(told[0].steps[0].durationMs, 1500);
}

}  // namespace
}  // namespace tenon::host
