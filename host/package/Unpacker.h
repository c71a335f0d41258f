// Turns a VerifiedPackage into a tree on disk: each file's bytes are hashed in the pass that writes them, and a tree that is
// not exactly MANIFEST never leaves staging.
#pragma once

#include <functional>
#include <string>

#include "host/adapter/Files.h"
#include "host/base/WorkerPool.h"
#include "host/package/PackageReader.h"
#include "host/package/UnpackWork.h"
#include "host/store/ContentStore.h"

namespace tenon::host {

// A tree under _staging/, durable and equal to what was signed. Not yet a release.
struct UnpackedPackage {
  Path tree;
  Release release;
  Digest identity;
};

class Unpacker {
 public:
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;  // any thread, at most some hundred times

  // All outlive the unpacker; the pool may be shared. `store`: what it has of a package with MANIFEST is linked into the
  // tree instead of being brought and written, and it gets the rest. Null: a tree that shares nothing.
  Unpacker(Files& files, WorkerPool& pool, const ContentStore* store) : files_(files), pool_(pool), store_(store) {}

  // `content` is the package's zip, `tree` must not exist; on an error its half is the caller's to remove. Everything in it
  // is durable on return (one barrier), and nobody may write it. Errors: content-mismatch, content-extra, content-missing,
  // archive-invalid, archive-limit, path-unsafe, disk-full, those of bringing what is not here.
  Result<UnpackedPackage> unpack(const VerifiedPackage& package, PackageContent& content, const Path& tree,
                                 const Progress& progress = {});

  // Reads every byte as unpack() does, and writes none.
  static Result<void> check(const VerifiedPackage& package, const PackageContent& content);

  // What unpack() has to write and to bring, by what the store lists now.
  struct Work {
    std::uint64_t files = 0, totalFiles = 0;
    std::uint64_t bytes = 0, totalBytes = 0;              // unpacked
    std::uint64_t packedBytes = 0, totalPackedBytes = 0;  // in the zip
  };
  Result<Work> workOf(const VerifiedPackage& package, const PackageContent& content) const;

 private:
  Result<std::vector<UnpackItem>> takeStored(const VerifiedPackage& package, std::vector<UnpackItem> items,
                                             const Path& tree) const;

  Files& files_;
  WorkerPool& pool_;
  const ContentStore* store_;
};

}  // namespace tenon::host
