// Turns a VerifiedPackage into a tree on disk: each file's bytes are hashed in the pass that writes them, and a tree that is
// not exactly MANIFEST never leaves staging.
#pragma once

#include <functional>
#include <string>

#include "host/adapter/Files.h"
#include "host/base/WorkerPool.h"
#include "host/package/zip/ZipDirectory.h"
#include "host/trust/SignatureVerifier.h"

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

  // Both outlive the unpacker; the pool may be shared.
  Unpacker(Files& files, WorkerPool& pool) : files_(files), pool_(pool) {}

  // `tree` must not exist; on an error it is removed. Everything in it is durable on return (one barrier).
  // Errors: content-mismatch, content-extra, content-missing, archive-invalid, archive-limit, path-unsafe, disk-full.
  Result<UnpackedPackage> unpack(const VerifiedPackage& package, const Path& tree, const Progress& progress = {});

  // Reads every byte as unpack() does, and writes none.
  Result<void> check(const VerifiedPackage& package);

  // Bytes that unpack() will write. Reads the zip's directory where there is no MANIFEST.
  Result<std::uint64_t> sizeOf(const VerifiedPackage& package);

 private:
  Files& files_;
  WorkerPool& pool_;
};

}  // namespace tenon::host
