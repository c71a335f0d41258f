// What a tree in the making shares with the content store: files that the store has are linked in instead of being fetched
// and written, and those that were written are linked into the store once they are durable.
#pragma once

#include <vector>

#include "host/package/UnpackWork.h"
#include "host/store/ContentStore.h"

namespace tenon::host {

class StoredFiles {
 public:
  // All outlive this. `tree` exists; nobody else writes in it.
  StoredFiles(Files& files, WorkerPool& pool, const ContentStore& store, const Path& tree)
      : files_(files), pool_(pool), store_(store), tree_(tree) {}

  // Is it a file that the store keeps? Links and empty files are too small for it, and MANIFEST is no two releases'.
  static bool isKept(const UnpackItem& item);
  static StoredFile storedFile(const UnpackItem& item);

  // Links into the tree what the store has, each file hashed under its new name. Answers what it does not have, in order.
  Result<std::vector<UnpackItem>> take(const std::vector<UnpackItem>& items) const;

  // `items` lie in the tree, durable and with the content that they should have.
  Result<void> put(const std::vector<UnpackItem>& items) const;

 private:
  using Step = std::function<Result<void>(std::size_t index, std::string& lastFolder)>;
  Result<void> forEach(std::size_t count, std::size_t run, const Step& step) const;

  Files& files_;
  WorkerPool& pool_;
  const ContentStore& store_;
  const Path& tree_;
};

}  // namespace tenon::host
