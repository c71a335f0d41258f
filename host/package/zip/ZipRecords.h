// The records of a zip file (PKWARE APPNOTE.TXT 6.3.10, section 4.3), decoded from bytes whose bounds were checked first.
// Nothing is judged here but form: which records may follow each other is ZipDirectory's work. One thread.
// Why not Poco::Zip's record classes: docs/adr/0004-zip-records-of-our-own.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"

namespace tenon::host {

// archive-invalid, naming the entry.
Error invalidEntry(std::string_view name, const std::string& what);

// A sliding view of a file: records are small, and many lie side by side.
class ZipWindow {
 public:
  // `ahead`: how much a read takes at least, where the file has it.
  ZipWindow(const ByteSource& zip, std::size_t ahead) : zip_(zip), ahead_(ahead) {}

  // Valid until the next call. Error: archive-invalid where the file ends before.
  Result<std::string_view> view(std::uint64_t offset, std::size_t bytes);

 private:
  const ByteSource& zip_;
  std::size_t ahead_;
  std::vector<char> buffer_;
  std::uint64_t start_ = 0;
  std::size_t filled_ = 0;
};

// What the end of the file says of the directory.
struct ZipEnd {
  std::uint64_t entries = 0;
  std::uint64_t directoryOffset = 0, directoryBytes = 0;
  std::uint64_t endOffset = 0;  // of the first record after the directory
  bool hasComment = false;
};

// The end record and, where there is one, its ZIP64 record: at the very end of the file, unambiguous, agreeing with each
// other. Error: archive-invalid.
Result<ZipEnd> readZipEnd(const ByteSource& zip);

// One central entry or local header. Sizes are the real ones: ZIP64 is resolved.
struct ZipRecord {
  std::string name;  // as it is in the file, with the '/' of a folder
  std::uint16_t flags = 0, method = 0;
  std::uint32_t crc32 = 0;
  std::uint64_t packedBytes = 0, size = 0;
  std::uint64_t bytes = 0;   // of the record itself
  bool otherExtras = false;  // extra fields besides ZIP64

  // Central entries only.
  std::uint8_t madeOn = 0;  // 3: Unix
  std::uint32_t attributes = 0;
  std::uint64_t headerOffset = 0;
  bool hasComment = false;
};

inline constexpr std::uint16_t kZipHasDescriptor = 0x0008, kZipUtf8Name = 0x0800, kZipDeflateHints = 0x0006;
inline constexpr std::uint16_t kZipStored = 0, kZipDeflated = 8;

// The error is archive-invalid; where the name is known by then, it names the entry.
Result<ZipRecord> readZipCentral(ZipWindow& window, std::uint64_t offset);
Result<ZipRecord> readZipLocal(ZipWindow& window, std::uint64_t offset);

// Does a data descriptor of exactly `bytes` bytes at `offset` say what `central` says?
Result<bool> zipDescriptorAgrees(ZipWindow& window, std::uint64_t offset, std::uint64_t bytes, const ZipRecord& central);

}  // namespace tenon::host
