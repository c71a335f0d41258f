// changes/<n>.json: one file an operation, numbered from 1 without reuse. Any thread; one writer a change. `files` outlives
// the store.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/Change.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

class ChangeStore {
 public:
  ChangeStore(Files& files, PackageLayout layout) : files_(files), layout_(std::move(layout)) {}

  // Looks at what is there. Changes that were running when the agent died are ended as failed (code cancelled); of the
  // others, and of what they left as evidence, the newest limits::kChangesKept stay.
  Result<void> open();

  // A fresh number; nothing is written before save().
  std::uint64_t next();
  Result<void> save(const Change& change);
  // Removes the changes with smaller numbers, and their evidence. Not durably: who finds them again removes them again.
  Result<void> forgetBefore(std::uint64_t number);
  Result<Change> read(std::uint64_t number) const;             // not-found, state-corrupt
  Result<std::vector<Change>> latest(std::size_t most) const;  // newest first; those that cannot be read are left out

 private:
  Files& files_;
  PackageLayout layout_;
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
};

}  // namespace tenon::host
