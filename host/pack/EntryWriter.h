// Packs contents into a zip: deflated where that is worth it, by several threads at once, in memory that does not grow with
// the package.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/pack/SourceContent.h"
#include "host/pack/zip/ZipWriter.h"

namespace tenon::host {

// A plain file from memory.
Result<void> addText(ZipWriter& zip, std::string_view name, std::string_view content);

// One thread; the pool does the packing. All arguments outlive the writer.
class EntryWriter {
 public:
  EntryWriter(Files& files, WorkerPool& pool, ZipWriter& zip, const BytesDone& done)
      : files_(files), pool_(pool), zip_(zip), done_(done) {}

  // In their order. Error: content-mismatch where a file is not what it was when it was hashed.
  Result<void> addFiles(const std::vector<PackageFile>& files);

 private:
  using At = std::vector<PackageFile>::const_iterator;
  Result<void> addTogether(At first, At last);  // small ones, each whole in memory
  Result<void> addInPieces(const PackageFile& file);
  Result<void> addStored(const PackageFile& file, const ReadFile& in);
  Result<void> addDeflated(const PackageFile& file, const ReadFile& in);

  Files& files_;
  WorkerPool& pool_;
  ZipWriter& zip_;
  const BytesDone& done_;
};

}  // namespace tenon::host
