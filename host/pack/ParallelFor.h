// The same work on many things, by a pool and the caller together.
#pragma once

#include <cstddef>
#include <functional>

#include "host/base/Result.h"
#include "host/base/WorkerPool.h"

namespace tenon::host {

// Calls work(0) … work(count - 1) in any order, on several threads at once; begins no more after an error. Answers the error
// of the lowest index among those that failed.
Result<void> parallelFor(WorkerPool& pool, std::size_t count, const std::function<Result<void>(std::size_t)>& work);

}  // namespace tenon::host
