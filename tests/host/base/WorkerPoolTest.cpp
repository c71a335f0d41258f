#include "host/base/WorkerPool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

namespace tenon::host {
namespace {

std::vector<WorkerPool::Task> times(std::size_t count, const WorkerPool::Task& task) { return std::vector(count, task); }

TEST(WorkerPool, RunsWhatIsPostedOnAnotherThread) {
  std::promise<std::thread::id> where;
  WorkerPool pool(2);
  pool.post([&] { where.set_value(std::this_thread::get_id()); });
  EXPECT_NE(where.get_future().get(), std::this_thread::get_id());
}

TEST(WorkerPool, TasksBeginInTheOrderOfPosting) {
  std::vector<int> began;
  std::promise<void> last;
  WorkerPool pool(1);
  for (int i = 0; i < 5; ++i) pool.post([&, i] { began.push_back(i); });
  pool.post([&] { last.set_value(); });
  last.get_future().wait();
  EXPECT_THAT(began, testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(WorkerPool, RunsAsManyTasksAtOnceAsItHasThreads) {
  Meeting met(4);  // only three tasks that run side by side, and this thread, get past it
  WorkerPool pool(3);
  for (int i = 0; i < 3; ++i) pool.post([&] { met.arriveAndWait(); });
  met.arriveAndWait();
}

TEST(WorkerPool, DestructorFinishesWhatHasBegunAndDropsWhatWaits) {
  std::promise<void> begun, mayEnd;
  std::atomic<bool> ended = false, ran = false;
  auto end = mayEnd.get_future();
  {
    WorkerPool pool(1);
    pool.post([&] {
      begun.set_value();
      end.wait();
      ended = true;
    });
    begun.get_future().wait();
    // The task that has begun ends only once the one that waits has been dropped.
    const auto atDrop = [&mayEnd](int* number) {
      delete number;
      mayEnd.set_value();
    };
    pool.post([&ran, held = std::shared_ptr<int>(new int(0), atDrop)] { ran = true; });
    EXPECT_EQ(pool.waiting(), 1U);
  }
  EXPECT_TRUE(ended);
  EXPECT_FALSE(ran);
}

TEST(WorkerPool, RunAllReturnsWhenAllAreDone) {
  WorkerPool pool(3);
  std::atomic<int> done = 0;
  pool.runAll(times(100, [&] { ++done; }));
  EXPECT_EQ(done, 100);
  pool.runAll({});
}

TEST(WorkerPool, RunAllWorksOnAPoolWithoutThreads) {
  WorkerPool pool(0);
  int done = 0;
  pool.runAll(times(10, [&] { ++done; }));
  EXPECT_EQ(done, 10);
}

TEST(WorkerPool, RunAllNeedsNoFreeThread) {
  std::promise<void> begun, mayEnd;
  auto end = mayEnd.get_future();
  WorkerPool pool(1);
  pool.post([&] {
    begun.set_value();
    end.wait();
  });
  begun.get_future().wait();
  int done = 0;  // only this thread can run them
  pool.runAll(times(10, [&] { ++done; }));
  EXPECT_EQ(done, 10);
  mayEnd.set_value();
}

TEST(WorkerPool, RunAllWithinTasksOfAFullPoolDoesNotLock) {
  WorkerPool pool(2);
  std::atomic<int> done = 0;
  pool.runAll(times(8, [&] { pool.runAll(times(8, [&] { pool.runAll(times(4, [&] { ++done; })); })); }));
  EXPECT_EQ(done, 8 * 8 * 4);
}

TEST(WorkerPool, RunAllLetsGoOfWhatItsTasksHold) {
  std::promise<void> begun, mayEnd;
  auto end = mayEnd.get_future();
  WorkerPool pool(1);
  pool.post([&] {
    begun.set_value();
    end.wait();
  });
  begun.get_future().wait();
  const auto held = std::make_shared<int>(7);
  pool.runAll(times(4, [held] {}));
  EXPECT_EQ(held.use_count(), 1) << "a helper that still waits in the queue keeps nothing alive";
  mayEnd.set_value();
}

}  // namespace
}  // namespace tenon::host
