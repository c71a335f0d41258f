// The writing half of unpacking: a list of entries becomes files, by a few workers at once. What is to be written was
// decided before; here each byte is hashed (or its CRC taken) in the pass that writes it.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/WorkerPool.h"
#include "host/contract/Digest.h"
#include "host/package/zip/ZipDirectory.h"

namespace tenon::host {

struct UnpackItem {
  enum class Kind {
    Plain,
    Executable,
    Symlink,
    Folder,
    ByContent
  };  // ByContent: executable where it begins as a program does
  const ZipEntry* entry = nullptr;
  Kind kind = Kind::Plain;
  const Digest* sha256 = nullptr;  // what the content must have; null: its CRC decides
};

class UnpackWork {
 public:
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  // All outlive the work. `items` in the order of their paths' bytes, so that the files of one folder are neighbours.
  UnpackWork(Files& files, const ByteSource& zip, const Path& tree, const std::vector<UnpackItem>& items,
             const Progress& progress);

  // Returns when every worker has ended; the first error, if there was one. `tree` exists and is empty.
  Result<void> run(WorkerPool& pool);

 private:
  // Neighbours that one worker takes at a time.
  struct Batch {
    std::size_t begin, end;
    std::uint64_t cost;
  };
  class Worker;

  void cutBatches();
  void add(std::uint64_t bytes);
  void fail(Error error);

  Files& files_;
  const ByteSource& zip_;
  const Path& tree_;
  const std::vector<UnpackItem>& items_;
  const Progress& progress_;
  std::vector<Batch> batches_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::optional<Error> error_;
  std::uint64_t total_ = 0;
  std::atomic<std::uint64_t> done_{0};
};

}  // namespace tenon::host
