#include "host/pack/zip/ZipFormat.h"

#include <algorithm>

namespace tenon::host {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50, kEndSignature = 0x06054b50,
                        kEnd64Signature = 0x06064b50, kLocator64Signature = 0x07064b50;
constexpr std::uint16_t kVersionPlain = 20, kVersionZip64 = 45;
constexpr std::uint16_t kMadeOnUnix = 3 << 8;
constexpr std::uint16_t kUtf8Name = 1 << 11;
constexpr std::uint16_t kMethodStored = 0, kMethodDeflate = 8;
constexpr std::uint16_t kTime = 0, kDate = 1 << 5 | 1;  // 1980-01-01 00:00, the first that the format knows
constexpr std::uint16_t kZip64Extra = 0x0001;
constexpr std::uint64_t kManyEntries = 0xffff;
constexpr std::uint32_t kModePlain = 0100644, kModeExecutable = 0100755, kModeSymlink = 0120777;

// Little-endian, as the format wants it.
class Record {
 public:
  Record& u16(std::uint64_t value) { return number(value, 2); }
  Record& u32(std::uint64_t value) { return number(value, 4); }
  Record& u64(std::uint64_t value) { return number(value, 8); }
  // The value, or the mark that says "see ZIP64".
  Record& u16Capped(std::uint64_t value) { return u16(std::min(value, kManyEntries)); }
  Record& u32Capped(std::uint64_t value) { return u32(std::min(value, kZip64From)); }
  Record& text(const std::string& text) { return bytes_ += text, *this; }
  std::string take() { return std::move(bytes_); }

 private:
  Record& number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 0xff);
    return *this;
  }
  std::string bytes_;
};

bool hasLargeSize(const ZipHeader& header) { return header.size >= kZip64From || header.packedBytes >= kZip64From; }
bool hasLargeOffset(const ZipHeader& header) { return header.offset >= kZip64From; }

// With one size large, both go there: a local header must have both (APPNOTE 4.5.3), and the two records say the same.
std::string zip64Field(const ZipHeader& header, bool withOffset) {
  Record values;
  if (hasLargeSize(header)) values.u64(header.size).u64(header.packedBytes);
  if (withOffset && hasLargeOffset(header)) values.u64(header.offset);
  const std::string content = values.take();
  return content.empty() ? content : Record().u16(kZip64Extra).u16(content.size()).text(content).take();
}

std::uint16_t versionNeeded(const ZipHeader& header) {
  return hasLargeSize(header) || hasLargeOffset(header) ? kVersionZip64 : kVersionPlain;
}

// The part that local header and directory entry share: from "version needed" to the length of the extra field.
void sharedPart(const ZipHeader& header, std::size_t extraBytes, Record& record) {
  const bool isAscii =
      std::all_of(header.name.begin(), header.name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const bool large = hasLargeSize(header);
  record.u16(versionNeeded(header)).u16(isAscii ? 0 : kUtf8Name).u16(header.deflated ? kMethodDeflate : kMethodStored);
  record.u16(kTime).u16(kDate).u32(header.crc32);
  record.u32(large ? kZip64From : header.packedBytes).u32(large ? kZip64From : header.size);
  record.u16(header.name.size()).u16(extraBytes);
}

std::uint32_t unixMode(ManifestFile::Kind kind) {
  switch (kind) {
    case ManifestFile::Kind::Executable:
      return kModeExecutable;
    case ManifestFile::Kind::Symlink:
      return kModeSymlink;
    case ManifestFile::Kind::Plain:
      break;
  }
  return kModePlain;
}

}  // namespace

std::string localHeader(const ZipHeader& header) {
  const std::string extra = zip64Field(header, false);
  Record record;
  record.u32(kLocalSignature);
  sharedPart(header, extra.size(), record);
  return record.text(header.name).text(extra).take();
}

std::string centralHeader(const ZipHeader& header) {
  const std::string extra = zip64Field(header, true);
  Record record;
  record.u32(kCentralSignature).u16(kMadeOnUnix | versionNeeded(header));
  sharedPart(header, extra.size(), record);
  // No comment, disk 0, no internal attributes.
  record.u16(0).u16(0).u16(0).u32(std::uint64_t{unixMode(header.kind)} << 16).u32Capped(header.offset);
  return record.text(header.name).text(extra).take();
}

std::string endOfZip(std::uint64_t entries, std::uint64_t directoryOffset, std::uint64_t directoryBytes) {
  Record record;
  if (entries >= kManyEntries || directoryOffset >= kZip64From || directoryBytes >= kZip64From) {
    constexpr std::uint64_t kEnd64Rest = 44;  // of the record, after this number itself
    record.u32(kEnd64Signature).u64(kEnd64Rest).u16(kMadeOnUnix | kVersionZip64).u16(kVersionZip64).u32(0).u32(0);
    record.u64(entries).u64(entries).u64(directoryBytes).u64(directoryOffset);
    record.u32(kLocator64Signature).u32(0).u64(directoryOffset + directoryBytes).u32(1);
  }
  record.u32(kEndSignature).u16(0).u16(0).u16Capped(entries).u16Capped(entries);
  return record.u32Capped(directoryBytes).u32Capped(directoryOffset).u16(0).take();
}

}  // namespace tenon::host
