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
  ASSERT_EQ(events.after(0, 10).size(), 1U);
  EXPECT_EQ(events.after(0, 10).front().id, 3U);
}

TEST_F(EventLogTest, ATornLastLineDoesNotMergeWithTheNext) {
  folder_.write("events.jsonl", "{\"id\":7,\"type\":\"x\"}\n{\"id\":8,\"ty");
  EventLog events(*files_, clock_, log_);
  ASSERT_TRUE(events.open(file()));
  events.record({.type = "service-ready"});
  const std::string text = folder_.read("events.jsonl");
  EXPECT_NE(text.find("{\"id\":8,\"ty\n{\"id\":8,"), std::string::npos) << text;
}

TEST_F(EventLogTest, TellsThoseAfterANumber) {
  EventLog events(*files_, clock_, log_);
  for (int i = 0; i < 5; ++i) events.record({.type = "x"});
  EXPECT_EQ(events.after(3, 10).size(), 2U);
  EXPECT_EQ(events.after(0, 2).size(), 2U);
  EXPECT_TRUE(events.after(5, 10).empty());
}

}  // namespace tenon::host
