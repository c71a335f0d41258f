// A zip's table of contents, read as an attacker's text: every field checked against limits, against the local headers and
// against the other entries before anybody acts on it. What two readers could understand differently is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/Result.h"

namespace tenon::host {

struct ZipEntry {
  enum class Method { Stored, Deflate };
  enum class Kind { File, Folder, Symlink };
  std::string name;  // without the trailing '/' of a folder
  Kind kind = Kind::File;
  Method method = Method::Stored;
  bool unixExecutable = false;  // as the maker's file mode says; a hint
  std::uint32_t crc32 = 0;
  std::uint64_t packedBytes = 0, size = 0;
  std::uint64_t headerOffset = 0, dataOffset = 0;
};

enum class ZipRules {
  Strict,       // what `tenon pack` writes, and every package with MANIFEST
  Unambiguous,  // what other tools write: extras, folders, descriptors and a comment tolerated
};

enum class ZipHeaders {
  Checked,  // every local header is read, and must say what the directory says
  Known,    // strict rules only: they were checked before, and what follows from the directory is enough
};

class ZipDirectory {
 public:
  // Reads the whole directory. Error: archive-invalid, archive-limit, path-unsafe; the message names
  // the entry.
  static Result<ZipDirectory> read(const ByteSource& zip, ZipRules rules, ZipHeaders headers = ZipHeaders::Checked);

  const std::vector<ZipEntry>& entries() const { return entries_; }  // in the order of the directory
  const ZipEntry* find(std::string_view name) const;

 private:
  std::vector<ZipEntry> entries_;
};

// The content of one entry of a few KiB, size and CRC checked. archive-limit past `most`.
Result<std::string> readSmallEntry(const ByteSource& zip, const ZipEntry& entry, std::uint64_t most);

}  // namespace tenon::host
