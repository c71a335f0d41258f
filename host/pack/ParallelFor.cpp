#include "host/pack/ParallelFor.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

namespace tenon::host {

Result<void> parallelFor(WorkerPool& pool, std::size_t count, const std::function<Result<void>(std::size_t)>& work) {
  // More tasks than any machine of today has use for; each takes the next index until there is none.
  constexpr std::size_t kTasks = 64;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::optional<Error> first;
  std::size_t firstIndex = count;

  const auto run = [&] {
    for (std::size_t i; !failed && (i = next++) < count;) {
      auto done = work(i);
      if (done) continue;
      failed = true;
      const std::lock_guard lock(mutex);
      if (i >= firstIndex) continue;
      firstIndex = i;
      first = std::move(done).error();
    }
  };
  pool.runAll(std::vector<WorkerPool::Task>(std::min(count, kTasks), run));
  if (first) return *std::move(first);
  return {};
}

}  // namespace tenon::host
