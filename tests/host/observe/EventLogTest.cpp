#include "host/observe/EventLog.h"

#include <gtest/gtest.h>

#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

class EventLogTest : public testing::Test {
 protected:
  TempFolder folder_;
  MachineFiles files_;
  FakeClock clock_;
  NullLog log_;
  Path file() const { return folder_.path() / "events.jsonl"; }
};

TEST_F(EventLogTest, NumbersGoOnAfterARestart) {
  {
    EventLog events(*files_, clock_, log_);
    ASSERT_TRUE(events.open(file()));
    events.record({.type = "service-ready", .service = "a"});
    events.record({.type = "service-exited", .service = "a", .why = "exit 1"});
  }
  EventLog events(*files_, clock_, log_);
  ASSERT_TRUE(events.open(file()));
  events.record({.type = "service-ready", .service = "a"});
  ASSERT_EQ(events.after(2, 10).size(), 1U);
  EXPECT_EQ(events.after(2, 10).front().id, 3U);
}

TEST_F(EventLogTest, RemembersWhatAnEarlierAgentRecordedLast) {
  {
    EventLog events(*files_, clock_, log_);
    ASSERT_TRUE(events.open(file()));
    for (int i = 0; i < 2000; ++i)
      events.record({.type = "tick", .service = "a", .why = "w", .details = {{"n", std::to_string(i)}}});
  }
  EventLog events(*files_, clock_, log_);
  ASSERT_TRUE(events.open(file()));
  EXPECT_EQ(events.last(), 2000U);
  const auto all = events.after(0, 5000);
  ASSERT_GT(all.size(), 300U);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].id, 2000 - all.size() + 1 + i);
  EXPECT_EQ(all.back().details, (std::vector<std::pair<std::string, std::string>>{{"n", "1999"}}));
  EXPECT_TRUE(folder_.read("events.jsonl").ends_with(all.back().toJson().text() + "\n"));
}

TEST_F(EventLogTest, TellsWhoeverWantsToBeWoken) {
  EventLog events(*files_, clock_, log_);
  int told = 0;
  events.record({.type = "before"});
  events.tell([&] { ++told; });
  events.record({.type = "service-ready"});
  EXPECT_EQ(told, 1);
  events.tell({});
  events.record({.type = "after"});
  EXPECT_EQ(told, 1);
}

TEST_F(EventLogTest, ATornLastLineDoesNotMergeWithTheNext) {
  folder_.write("events.jsonl", "{\"id\":7,\"type\":\"x\"}\n{\"id\":8,\"ty");
  EventLog events(*files_, clock_, log_);
  ASSERT_TRUE(events.open(file()));
  events.record({.type = "service-ready"});
  const std::string text = folder_.read("events.jsonl");
  EXPECT_NE(text.find("{\"id\":8,\"ty\n{\"id\":8,"), std::string::npos) << text;
}

TEST_F(EventLogTest, IsBoundedAndItsNumbersGoOnAcrossTheCut) {
  EventLog events(*files_, clock_, log_);
  ASSERT_TRUE(events.open(file()));
  const std::string why(8 * limits::KiB, 'x');
  const auto size = [&](const char* name) { return folder_.exists(name) ? files_->inspect(folder_ / name)->size : 0; };
  const std::uint64_t most = 2 * (limits::kEventLogBytes + 2 * why.size());
  std::uint64_t id = 0;
  for (; id * why.size() < 3 * limits::kEventLogBytes; ++id) events.record({.type = "service-exited", .why = why});
  EXPECT_LE(size("events.jsonl") + size("events.1.jsonl"), most);
  EXPECT_GE(size("events.1.jsonl"), limits::kEventLogBytes);
  const auto newest = events.after(id - 3, 10);
  ASSERT_EQ(newest.size(), 3U);
  EXPECT_EQ(newest.back().id, id);
  const std::string text = folder_.read("events.jsonl");
  EXPECT_TRUE(text.substr(text.rfind("{\"id\"")).starts_with("{\"id\":" + std::to_string(id) + ","))
      << "the newest is there";

  EventLog again(*files_, clock_, log_);
  ASSERT_TRUE(again.open(file()));
  again.record({.type = "x"});
  EXPECT_EQ(again.after(id, 10).front().id, id + 1);
}

TEST_F(EventLogTest, NumbersGoOnWhereTheFileWasJustMovedAside) {
  folder_.write("events.1.jsonl", "{\"id\":7,\"type\":\"x\"}\n");
  EventLog events(*files_, clock_, log_);
  ASSERT_TRUE(events.open(file()));
  events.record({.type = "x"});
  EXPECT_EQ(events.after(7, 10).front().id, 8U);
}

TEST_F(EventLogTest, TellsThoseAfterANumber) {
  EventLog events(*files_, clock_, log_);
  for (int i = 0; i < 5; ++i) events.record({.type = "x"});
  EXPECT_EQ(events.after(3, 10).size(), 2U);
  EXPECT_EQ(events.after(0, 2).size(), 2U);
  EXPECT_TRUE(events.after(5, 10).empty());
}

}  // namespace tenon::host
