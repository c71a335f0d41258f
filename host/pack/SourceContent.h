// What is in the files of a package: hashed once, and read again later by somebody who must see the same.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/base/WorkerPool.h"
#include "host/contract/release/PackageManifest.h"
#include "host/pack/FolderScan.h"

namespace tenon::host {

using BytesDone = std::function<void(std::uint64_t bytes)>;  // any thread

// One file of a package, as it goes into MANIFEST and into the zip.
struct PackageFile {
  ManifestFile entry;
  std::uint32_t crc32 = 0;
  Path source;         // of a file
  std::string target;  // of a symlink
};

// Reads and hashes files of a folder, several at once. One thread calls; all arguments outlive the reader.
class ContentReader {
 public:
  ContentReader(Files& files, WorkerPool& pool, const Path& folder, const BytesDone& done)
      : files_(files), pool_(pool), folder_(folder), done_(done) {}

  // Executable is what begins like a program (ELF, "#!") or matches one of the globs, never what the file system of the
  // packing machine says. Error: content-mismatch where a file changes meanwhile.
  Result<std::vector<PackageFile>> read(const std::vector<SourceFile>& sources,
                                        const std::vector<std::string>& executableGlobs);

 private:
  Result<PackageFile> readOne(const SourceFile& source, const std::vector<std::string>& executableGlobs);

  Files& files_;
  WorkerPool& pool_;
  const Path& folder_;
  const BytesDone& done_;
};

// The error for a file that is not what it was a moment ago.
Error changedWhilePacking(const std::string& path);

}  // namespace tenon::host
