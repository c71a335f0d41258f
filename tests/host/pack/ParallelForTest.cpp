#include "host/pack/ParallelFor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

namespace tenon::host {
namespace {

TEST(ParallelFor, DoesEveryIndexOnce) {
  for (const std::size_t threads : {0u, 1u, 4u}) {
    WorkerPool pool(threads);
    std::vector<std::atomic<int>> seen(1000);
    ASSERT_TRUE(parallelFor(pool, seen.size(), [&](std::size_t i) -> Result<void> { return ++seen[i], Result<void>(); }));
    for (const auto& times : seen) EXPECT_EQ(times, 1);
  }
}

TEST(ParallelFor, DoesNothingForNothing) {
  WorkerPool pool(1);
  EXPECT_TRUE(parallelFor(pool, 0, [](std::size_t) -> Result<void> { return Error(ErrorCode::Internal, "called"); }));
}

TEST(ParallelFor, StopsAtAnErrorAndTellsIt) {
  WorkerPool pool(0);
  std::size_t calls = 0;
  const auto done = parallelFor(pool, 1000, [&](std::size_t i) -> Result<void> {
    ++calls;
    if (i < 3) return {};
    return Error(ErrorCode::IoError, "at " + std::to_string(i));
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "at 3");
  EXPECT_EQ(calls, 4u);
}

}  // namespace
}  // namespace tenon::host
