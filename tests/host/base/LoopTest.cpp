#include "host/base/Loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <string>

#include "host/base/WorkerPool.h"
#include "tests/support/FakeClock.h"

namespace tenon::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Waits for wake() alone, however long it was asked to; remembers what it was asked.
class FakeSource final : public EventSource {
 public:
  void waitAndDispatch(Millis most) override {
    std::unique_lock lock(mutex_);
    waits_.push_back(most);
    changed_.notify_all();
    changed_.wait(lock, [this] { return woken_; });
    woken_ = false;
  }
  void wake() override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }
  // Blocks until the loop has asked for `count` waits in all, and gives the last of them.
  Millis waitNumber(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waits_.size() >= count; });
    return waits_[count - 1];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  std::vector<Millis> waits_;
};

class LoopTest : public testing::Test {
 protected:
  Loop::Task say(const std::string& word) {
    return [this, word] { said_.push_back(word); };
  }

  FakeClock clock_;
  FakeSource source_;
  std::vector<std::string> said_;  // outlives the loop
  Loop loop_{clock_, source_};
};

TEST_F(LoopTest, RunsMessagesInTheOrderOfPosting) {
  loop_.post(say("one"));
  loop_.post(say("two"));
  EXPECT_THAT(said_, IsEmpty());
  loop_.runDue();
  EXPECT_THAT(said_, ElementsAre("one", "two"));
}

TEST_F(LoopTest, RunDueRunsWhatAMessagePosts) {
  loop_.post([this] {
    say("one")();
    loop_.post(say("two"));
  });
  loop_.runDue();
  EXPECT_THAT(said_, ElementsAre("one", "two"));
}

TEST_F(LoopTest, RunsTimersInTheOrderOfTheirTimesAndEqualOnesAsTheyWereSet) {
  loop_.after(Millis(20), say("third"));
  loop_.after(Millis(10), say("first"));
  loop_.after(Millis(10), say("second"));
  loop_.after(Millis(21), say("late"));
  clock_.advance(Millis(20));
  loop_.runDue();
  EXPECT_THAT(said_, ElementsAre("first", "second", "third"));
}

TEST_F(LoopTest, TimerRunsAtItsInstantAndNotBefore) {
  loop_.at(clock_.now() + Millis(5), say("now"));
  clock_.advance(Micros(4999));
  loop_.runDue();
  EXPECT_THAT(said_, IsEmpty());
  clock_.advance(Micros(1));
  loop_.runDue();
  loop_.runDue();
  EXPECT_THAT(said_, ElementsAre("now"));
}

TEST_F(LoopTest, CancelledTimerDoesNotRun) {
  const auto timer = loop_.after(Millis(1), say("never"));
  EXPECT_NE(timer, 0U);
  loop_.cancel(timer);
  loop_.cancel(timer);  // twice is harmless,
  loop_.cancel(0);      // and so is none
  clock_.advance(Millis(1));
  loop_.runDue();
  EXPECT_THAT(said_, IsEmpty());
  EXPECT_EQ(loop_.nextDue(), std::nullopt);
}

TEST_F(LoopTest, TimerCanCancelOneThatIsDueAtTheSameTime) {
  Loop::TimerId second = 0;
  loop_.after(Millis(1), [&] { loop_.cancel(second); });
  second = loop_.after(Millis(1), say("never"));
  clock_.advance(Millis(1));
  loop_.runDue();
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(LoopTest, TimerThatATimerSetsWaitsForTheNextRound) {
  loop_.after(Millis(0), [this] {
    say("one")();
    loop_.after(Millis(0), say("two"));
  });
  loop_.runDue();
  EXPECT_THAT(said_, ElementsAre("one"));
  loop_.runDue();
  EXPECT_THAT(said_, ElementsAre("one", "two"));
}

TEST_F(LoopTest, NextDueIsTheEarliestTimer) {
  EXPECT_EQ(loop_.nextDue(), std::nullopt);
  loop_.after(Millis(30), say("a"));
  const auto timer = loop_.after(Millis(10), say("b"));
  EXPECT_EQ(loop_.nextDue(), clock_.now() + Millis(10));
  loop_.cancel(timer);
  EXPECT_EQ(loop_.nextDue(), clock_.now() + Millis(30));
}

TEST_F(LoopTest, WaitsWithoutLimitWhereNoTimerIsSetAndRoundsUpWhereOneIs) {
  loop_.start();
  EXPECT_EQ(source_.waitNumber(1), Millis(-1));
  EXPECT_TRUE(loop_.postAndWait([this] { loop_.after(Millis(10), say("timer")); }));
  EXPECT_EQ(source_.waitNumber(2), Millis(10));
  clock_.advance(Micros(9500));
  source_.wake();
  EXPECT_EQ(source_.waitNumber(3), Millis(1));
  clock_.advance(Micros(500));
  source_.wake();
  EXPECT_EQ(source_.waitNumber(4), Millis(-1));
  loop_.stop();
  EXPECT_THAT(said_, ElementsAre("timer"));
}

TEST_F(LoopTest, PostAndWaitReturnsWhenTheTaskHasRunOnAnotherThread) {
  loop_.start();
  std::thread::id where;
  EXPECT_TRUE(loop_.postAndWait([&] { where = std::this_thread::get_id(); }));
  EXPECT_NE(where, std::thread::id());
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST_F(LoopTest, StopRunsWhatWasPostedBeforeButNoTimer) {
  loop_.post(say("one"));
  loop_.post([this] { loop_.after(Millis(0), say("timer")); });
  loop_.post(say("two"));
  loop_.start();
  loop_.stop();
  EXPECT_EQ(said_.front(), "one");
  EXPECT_THAT(said_, testing::Contains("two"));
}

TEST_F(LoopTest, StopComesFromAnotherThreadWhileTheLoopIsBusy) {
  std::promise<void> opened;
  auto gate = opened.get_future();
  loop_.start();
  loop_.post([&] { gate.wait(); });
  loop_.post(say("after"));
  WorkerPool pool(1);
  pool.runAll({[&] { loop_.stop(); }, [&] { opened.set_value(); }});
  EXPECT_THAT(said_, ElementsAre("after"));
}

TEST_F(LoopTest, WhatIsPostedAfterStopIsDroppedAndPostAndWaitSaysSo) {
  loop_.start();
  loop_.stop();
  loop_.stop();
  loop_.post(say("never"));
  EXPECT_FALSE(loop_.postAndWait(say("never")));
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(LoopTest, MessagesOfOneThreadStayInOrderAmongThoseOfMany) {
  constexpr int kThreads = 4, kMessages = 500;
  std::vector<std::vector<int>> seen(kThreads);
  loop_.start();
  {
    WorkerPool pool(kThreads);
    std::vector<WorkerPool::Task> tasks;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      tasks.push_back([&, thread] {
        for (int i = 0; i < kMessages; ++i) loop_.post([&seen, thread, i] { seen[thread].push_back(i); });
      });
    }
    pool.runAll(std::move(tasks));
  }
  loop_.stop();
  for (const auto& messages : seen) {
    ASSERT_EQ(messages.size(), static_cast<std::size_t>(kMessages));
    EXPECT_TRUE(std::is_sorted(messages.begin(), messages.end()));
  }
}

TEST(LoopDeathTest, WaitingForItselfIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  FakeClock clock;
  FakeSource source;
  EXPECT_DEATH(
      {
        Loop loop(clock, source);
        loop.start();
        loop.postAndWait([&] { loop.postAndWait([] {}); });
      },
      "");
}

}  // namespace
}  // namespace tenon::host
