#include "host/package/zip/ZipRecords.h"

#include <algorithm>
#include <optional>

#include "host/contract/release/PackagePath.h"

namespace tenon::host {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50, kDescriptorSignature = 0x08074b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50, kLocator64Signature = 0x07064b50;
constexpr std::size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kEnd64Bytes = 56, kLocator64Bytes = 20;
constexpr std::uint16_t kZip64Extra = 0x0001, kUnicodePathExtra = 0x7075;
constexpr std::uint32_t kMagic32 = 0xffffffff;  // "see the ZIP64 field"
constexpr std::uint16_t kMagic16 = 0xffff;

Error invalid(const std::string& what) { return Error(ErrorCode::ArchiveInvalid, what); }

// Little-endian fields, in order. The caller has checked the length of the text.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  void skip(std::size_t bytes) { rest_.remove_prefix(bytes); }
  std::string_view take(std::size_t bytes) {
    const auto taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  std::size_t left() const { return rest_.size(); }

 private:
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
    rest_.remove_prefix(bytes);
    return value;
  }
  std::string_view rest_;
};

struct Extras {
  std::optional<std::string_view> zip64;
  bool others = false;
};

Result<Extras> readExtras(std::string_view name, std::string_view text) {
  Extras extras;
  for (Fields fields(text); fields.left() > 0;) {
    if (fields.left() < 4) return invalidEntry(name, "an extra field is cut off");
    const auto id = fields.u16();
    const std::size_t bytes = fields.u16();
    if (bytes > fields.left()) return invalidEntry(name, "an extra field is longer than the room for it");
    const auto payload = fields.take(bytes);
    if (id == kZip64Extra) {
      if (extras.zip64) return invalidEntry(name, "two ZIP64 fields");
      extras.zip64 = payload;
      continue;
    }
    extras.others = true;
    // Version, CRC of the plain name, the name that some readers would use instead (APPNOTE 4.6.9).
    if (id == kUnicodePathExtra && (bytes < 5 || payload.substr(5) != name)) {
      return invalidEntry(name, "a second name in an extra field, and it differs");
    }
  }
  return extras;
}

// Puts the 64-bit values in the place of those that say "see ZIP64" (APPNOTE 4.5.3): size, packed size, header offset, and
// no field more than was asked for. Only a local header that asks may carry both sizes, as the standard wants it to.
Result<void> resolveZip64(const Extras& extras, bool local, ZipRecord& record) {
  std::vector<std::uint64_t*> asked;
  for (auto* value : {&record.size, &record.packedBytes, &record.headerOffset}) {
    if (*value == kMagic32) asked.push_back(value);
  }
  if (!extras.zip64) {
    return asked.empty() ? Result<void>() : invalidEntry(record.name, "a ZIP64 field is announced and missing");
  }
  Fields fields(*extras.zip64);
  if (local && fields.left() == 16) {
    const auto size = fields.u64(), packed = fields.u64();
    const bool agree =
        (record.size == kMagic32 || record.size == size) && (record.packedBytes == kMagic32 || record.packedBytes == packed);
    if (!agree) return invalidEntry(record.name, "the ZIP64 field and the header disagree");
    record.size = size;
    record.packedBytes = packed;
    return {};
  }
  if (fields.left() != 8 * asked.size())
    return invalidEntry(record.name, "the ZIP64 field does not hold what the header asks for");
  for (auto* value : asked) *value = fields.u64();
  return {};
}

// Name, extras and their consequences, which both kinds of record share.
Result<void> readVariablePart(Fields fields, std::size_t nameBytes, std::size_t extraBytes, bool local, ZipRecord& record) {
  record.name = fields.take(nameBytes);
  TENON_TRY(const auto extras, readExtras(record.name, fields.take(extraBytes)));
  record.otherExtras = extras.others;
  return resolveZip64(extras, local, record);
}

// A ZIP64 end record directly before its locator, directly before the end record; nothing where there is no locator.
struct End64 {
  std::uint64_t entries, directoryBytes, directoryOffset, offset;
};

Result<std::optional<End64>> readEnd64(ZipWindow& window, std::uint64_t endOffset) {
  if (endOffset < kLocator64Bytes) return std::optional<End64>();
  TENON_TRY(const auto locatorText, window.view(endOffset - kLocator64Bytes, kLocator64Bytes));
  Fields locator(locatorText);
  if (locator.u32() != kLocator64Signature) return std::optional<End64>();
  const auto disk = locator.u32();
  const auto offset = locator.u64();
  const auto disks = locator.u32();
  if (disk != 0 || disks != 1) return invalid("a zip in several parts");
  if (endOffset < kLocator64Bytes + kEnd64Bytes || offset != endOffset - kLocator64Bytes - kEnd64Bytes) {
    return invalid("the ZIP64 end record is not where its locator says");
  }
  TENON_TRY(const auto text, window.view(offset, kEnd64Bytes));
  Fields fields(text);
  if (fields.u32() != kEnd64Signature) return invalid("the ZIP64 end record is not where its locator says");
  if (fields.u64() != kEnd64Bytes - 12) return invalid("a ZIP64 end record with data of its own");
  fields.skip(4);  // made by, needed
  if (fields.u32() != 0 || fields.u32() != 0) return invalid("a zip in several parts");
  const auto onDisk = fields.u64(), entries = fields.u64();
  if (onDisk != entries) return invalid("a zip in several parts");
  const auto bytes = fields.u64();
  const auto directoryOffset = fields.u64();
  return std::optional<End64>({entries, bytes, directoryOffset, offset});
}

// Where the end record stands. A second text that looks like one, where some reader would find it first, is refused.
Result<std::uint64_t> findEnd(ZipWindow& window, std::uint64_t fileBytes) {
  if (fileBytes < kEndBytes) return invalid("this is no zip file");
  const auto tailBytes = std::min<std::uint64_t>(fileBytes, kEndBytes + kMagic16);
  const auto tailOffset = fileBytes - tailBytes;
  TENON_TRY(const auto tail, window.view(tailOffset, static_cast<std::size_t>(tailBytes)));
  std::optional<std::size_t> found;
  constexpr std::string_view kText("PK\5\6", 4);  // its signature, as it lies in the file
  for (auto at = tail.rfind(kText); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : tail.rfind(kText, at - 1)) {
    const bool ends =
        tail.size() - at >= kEndBytes && at + kEndBytes + Fields(tail.substr(at + kEndBytes - 2)).u16() == tail.size();
    if (!ends && !found) return invalid("bytes after the end of the zip");
    if (ends && found) return invalid("two end records");
    if (ends) found = at;
  }
  if (!found) return invalid("this is no zip file, or its end is missing");
  return tailOffset + *found;
}

}  // namespace

Error invalidEntry(std::string_view name, const std::string& what) {
  return invalid("\"" + shownName(name) + "\": " + what);
}

Result<std::string_view> ZipWindow::view(std::uint64_t offset, std::size_t bytes) {
  if (offset > zip_.size() || bytes > zip_.size() - offset) return invalid("the zip ends in the middle of a record");
  if (offset < start_ || offset - start_ > filled_ || bytes > filled_ - static_cast<std::size_t>(offset - start_)) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(std::max(bytes, ahead_), zip_.size() - offset));
    if (buffer_.size() < wanted) buffer_.resize(wanted);
    filled_ = 0;
    TENON_CHECK(zip_.readExactly(offset, {buffer_.data(), wanted}));
    start_ = offset;
    filled_ = wanted;
  }
  return std::string_view(buffer_.data() + (offset - start_), bytes);
}

Result<ZipEnd> readZipEnd(const ByteSource& zip) {
  ZipWindow window(zip, kEndBytes + kEnd64Bytes + kLocator64Bytes);
  TENON_TRY(const auto endOffset, findEnd(window, zip.size()));
  TENON_TRY(const auto text, window.view(endOffset, kEndBytes));
  Fields fields(text);
  fields.skip(4);
  const auto disk = fields.u16(), directoryDisk = fields.u16(), onDisk = fields.u16(), entries = fields.u16();
  const auto directoryBytes = fields.u32(), directoryOffset = fields.u32();
  ZipEnd end{entries, directoryOffset, directoryBytes, endOffset, fields.u16() != 0};
  TENON_TRY(const auto end64, readEnd64(window, endOffset));
  if (end64) {
    // A value that is not "see ZIP64" must be the same in both: readers differ in which one they believe.
    const bool agree = (entries == kMagic16 || entries == end64->entries) &&
                       (onDisk == kMagic16 || onDisk == end64->entries) &&
                       (directoryBytes == kMagic32 || directoryBytes == end64->directoryBytes) &&
                       (directoryOffset == kMagic32 || directoryOffset == end64->directoryOffset);
    if (!agree) return invalid("the ZIP64 end record and the end record disagree");
    end = {end64->entries, end64->directoryOffset, end64->directoryBytes, end64->offset, end.hasComment};
  } else if (onDisk != entries) {
    return invalid("a zip in several parts");
  }
  if ((disk != 0 && disk != kMagic16) || (directoryDisk != 0 && directoryDisk != kMagic16))
    return invalid("a zip in several parts");
  if (end.directoryOffset > end.endOffset || end.directoryBytes != end.endOffset - end.directoryOffset) {
    return invalid("the directory does not end where the end record begins");
  }
  return end;
}

Result<ZipRecord> readZipCentral(ZipWindow& window, std::uint64_t offset) {
  TENON_TRY(const auto fixed, window.view(offset, kCentralBytes));
  Fields fields(fixed);
  if (fields.u32() != kCentralSignature) return invalid("the directory holds something else than an entry");
  ZipRecord record;
  record.madeOn = static_cast<std::uint8_t>(fields.u16() >> 8);
  fields.skip(2);  // needed
  record.flags = fields.u16();
  record.method = fields.u16();
  fields.skip(4);  // time
  record.crc32 = fields.u32();
  record.packedBytes = fields.u32();
  record.size = fields.u32();
  const std::size_t nameBytes = fields.u16(), extraBytes = fields.u16(), commentBytes = fields.u16();
  const auto disk = fields.u16();
  fields.skip(2);  // internal attributes
  record.attributes = fields.u32();
  record.headerOffset = fields.u32();
  if (disk != 0) return invalid("a zip in several parts");
  record.hasComment = commentBytes > 0;
  record.bytes = kCentralBytes + nameBytes + extraBytes + commentBytes;
  TENON_TRY(const auto all, window.view(offset, static_cast<std::size_t>(record.bytes)));
  TENON_CHECK(readVariablePart(Fields(all.substr(kCentralBytes)), nameBytes, extraBytes, false, record));
  return record;
}

Result<ZipRecord> readZipLocal(ZipWindow& window, std::uint64_t offset) {
  TENON_TRY(const auto fixed, window.view(offset, kLocalBytes));
  Fields fields(fixed);
  if (fields.u32() != kLocalSignature) return invalid("no local header where the directory says");
  ZipRecord record;
  fields.skip(2);  // needed
  record.flags = fields.u16();
  record.method = fields.u16();
  fields.skip(4);  // time
  record.crc32 = fields.u32();
  record.packedBytes = fields.u32();
  record.size = fields.u32();
  const std::size_t nameBytes = fields.u16(), extraBytes = fields.u16();
  record.bytes = kLocalBytes + nameBytes + extraBytes;
  TENON_TRY(const auto all, window.view(offset, static_cast<std::size_t>(record.bytes)));
  TENON_CHECK(readVariablePart(Fields(all.substr(kLocalBytes)), nameBytes, extraBytes, true, record));
  return record;
}

Result<bool> zipDescriptorAgrees(ZipWindow& window, std::uint64_t offset, std::uint64_t bytes, const ZipRecord& central) {
  // CRC, packed size, size; in 4 or 8 bytes each; with a signature before it or without (APPNOTE 4.3.9).
  if (bytes != 12 && bytes != 16 && bytes != 20 && bytes != 24) return false;
  TENON_TRY(const auto text, window.view(offset, static_cast<std::size_t>(bytes)));
  Fields fields(text);
  if ((bytes == 16 || bytes == 24) && fields.u32() != kDescriptorSignature) return false;
  if (fields.u32() != central.crc32) return false;
  const bool wide = bytes >= 20;
  const std::uint64_t packed = wide ? fields.u64() : fields.u32();
  const std::uint64_t size = wide ? fields.u64() : fields.u32();
  return packed == central.packedBytes && size == central.size;
}

}  // namespace tenon::host
