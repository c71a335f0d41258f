#include "host/package/zip/ZipDirectory.h"

#include <algorithm>
#include <numeric>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"
#include "host/package/zip/ZipRecords.h"

namespace tenon::host {
namespace {

constexpr std::size_t kDirectoryAhead = 256 * limits::KiB;
constexpr std::size_t kHeaderAhead = 2 * limits::KiB;  // a few small entries; more would read the whole zip
constexpr std::size_t kSmallestCentralBytes = 46;
constexpr std::size_t kOwnEntries = 2;  // MANIFEST and its signature do not count as content

constexpr std::uint8_t kUnix = 3, kDarwin = 19;
constexpr std::uint32_t kTypeMask = 0xf000, kTypeFile = 0x8000, kTypeFolder = 0x4000, kTypeLink = 0xa000,
                        kAnyExecutes = 0111;
constexpr std::uint32_t kDosFolder = 0x10;

Error pastLimit(std::string_view name, const std::string& what) {
  return Error(ErrorCode::ArchiveLimit, "\"" + shownName(name) + "\": " + what);
}

bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// What lies behind a name: from the trailing '/' and the file type of the maker's system, where the two agree.
Result<ZipEntry::Kind> kindOf(const ZipRecord& record) {
  const bool slash = record.name.ends_with('/');
  const auto type = (record.attributes >> 16) & kTypeMask;
  const bool typed = type != 0 && (record.madeOn == kUnix || record.madeOn == kDarwin);
  if (type == kTypeLink && typed && !slash) return ZipEntry::Kind::Symlink;
  // A type under another system's flag: some readers look at it and some do not.
  const bool agrees = type == 0 || type == (slash ? kTypeFolder : kTypeFile);
  if (!agrees && typed && type != kTypeFile && type != kTypeFolder && type != kTypeLink) {
    return invalidEntry(record.name, "a device, pipe or socket");
  }
  if (!agrees) return invalidEntry(record.name, "its name and its attributes disagree about what it is");
  if (!slash && (record.attributes & kDosFolder) != 0 && !typed) {
    return invalidEntry(record.name, "its name and its attributes disagree about what it is");
  }
  return slash ? ZipEntry::Kind::Folder : ZipEntry::Kind::File;
}

// Does the local header say the same as the central entry? With a descriptor it may leave CRC and sizes open, as zeros.
const char* differenceOf(const ZipRecord& central, const ZipRecord& local) {
  if (local.name != central.name) return "the local header gives another name";
  if (local.flags != central.flags) return "the local header gives other flags";
  if (local.method != central.method) return "the local header gives another method";
  const bool open = (central.flags & kZipHasDescriptor) != 0;
  const auto same = [&](std::uint64_t here, std::uint64_t there) { return here == there || (open && here == 0); };
  if (!same(local.crc32, central.crc32)) return "the local header gives another CRC";
  if (!same(local.size, central.size) || !same(local.packedBytes, central.packedBytes))
    return "the local header gives another size";
  return nullptr;
}

class DirectoryReader {
 public:
  DirectoryReader(const ByteSource& zip, ZipRules rules, ZipHeaders headers)
      : zip_(zip), strict_(rules == ZipRules::Strict), headers_(headers), local_(zip, kHeaderAhead) {}

  Result<std::vector<ZipEntry>> read() {
    if (zip_.size() > limits::kZipBytes) return Error(ErrorCode::ArchiveLimit, "the zip is larger than a package may be");
    TENON_TRY(end_, readZipEnd(zip_));
    if (strict_ && end_.hasComment) return Error(ErrorCode::ArchiveInvalid, "an archive comment");
    if (end_.entries > limits::kPackageEntries + kOwnEntries) {
      return Error(ErrorCode::ArchiveLimit, "more than " + std::to_string(limits::kPackageEntries) + " entries");
    }
    if (end_.entries > end_.directoryBytes / kSmallestCentralBytes) {
      return Error(ErrorCode::ArchiveInvalid, "the directory is too small for its entries");
    }
    TENON_CHECK(readCentral());
    TENON_CHECK(!strict_ ? checkTiles() : headers_ == ZipHeaders::Known ? layRow() : checkRow());
    return std::move(entries_);
  }

 private:
  Result<void> readCentral() {
    ZipWindow window(zip_, kDirectoryAhead);
    entries_.reserve(static_cast<std::size_t>(end_.entries));
    flags_.reserve(static_cast<std::size_t>(end_.entries));
    std::uint64_t offset = end_.directoryOffset;
    for (std::uint64_t i = 0; i < end_.entries; ++i) {
      TENON_TRY(const auto record, readZipCentral(window, offset));
      offset += record.bytes;
      if (offset > end_.endOffset) return invalidEntry(record.name, "its directory entry runs past the directory");
      TENON_CHECK(checkForm(record));
      TENON_TRY(auto entry, entryOf(record));
      TENON_CHECK(paths_.add(
          entry.name, entry.kind == ZipEntry::Kind::Folder ? PackagePathSet::Kind::Folder : PackagePathSet::Kind::File));
      entries_.push_back(std::move(entry));
      flags_.push_back(record.flags);
    }
    if (offset != end_.endOffset)
      return Error(ErrorCode::ArchiveInvalid, "bytes between the directory's entries and its end");
    return {};
  }

  Result<void> checkForm(const ZipRecord& record) const {
    const std::uint16_t allowed =
        strict_ ? kZipUtf8Name : static_cast<std::uint16_t>(kZipUtf8Name | kZipHasDescriptor | kZipDeflateHints);
    if ((record.flags & 1) != 0) return invalidEntry(record.name, "it is encrypted");
    if ((record.flags & ~unsigned{allowed}) != 0) return invalidEntry(record.name, "a flag that is not allowed here");
    if (record.method != kZipStored && record.method != kZipDeflated) {
      return invalidEntry(record.name,
                          "packed by method " + std::to_string(record.method) + "; only stored and deflate are read");
    }
    if (record.hasComment) return invalidEntry(record.name, "a comment");
    if (strict_ && record.otherExtras) return invalidEntry(record.name, "an extra field besides ZIP64");
    // Without the flag the bytes are of a code page that only the maker knows.
    if ((record.flags & kZipUtf8Name) == 0 && !isAscii(record.name))
      return invalidEntry(record.name, "a name that is not marked as UTF-8");
    if (record.method == kZipStored && record.packedBytes != record.size)
      return invalidEntry(record.name, "stored, but its sizes differ");
    if (record.size / limits::kInflateRatio > record.packedBytes) {
      return pastLimit(record.name, "it says that it grows more than deflate can");
    }
    if (record.packedBytes > zip_.size()) return invalidEntry(record.name, "larger than the zip");
    return {};
  }

  Result<ZipEntry> entryOf(const ZipRecord& record) {
    ZipEntry entry;
    TENON_TRY(entry.kind, kindOf(record));
    entry.name = record.name;
    if (entry.kind == ZipEntry::Kind::Folder) {
      entry.name.pop_back();
      if (strict_) return invalidEntry(record.name, "an entry for a folder");
      if (record.size != 0) return invalidEntry(record.name, "a folder with content");
    }
    TENON_CHECK(checkPackagePath(entry.name));
    if (entry.kind == ZipEntry::Kind::Symlink) {
      if (record.size > limits::kSymlinkTargetBytes) return pastLimit(record.name, "a link with a target that long");
      if (strict_ && record.method != kZipStored) return invalidEntry(record.name, "a link that is not stored");
    }
    entry.method = record.method == kZipStored ? ZipEntry::Method::Stored : ZipEntry::Method::Deflate;
    const bool hasMode = record.madeOn == kUnix || record.madeOn == kDarwin;
    entry.unixExecutable = hasMode && entry.kind == ZipEntry::Kind::File && ((record.attributes >> 16) & kAnyExecutes) != 0;
    entry.crc32 = record.crc32;
    entry.packedBytes = record.packedBytes;
    entry.size = record.size;
    entry.headerOffset = record.headerOffset;
    if (record.size > limits::kPackageBytes - total_) return pastLimit(record.name, "the package is larger than one may be");
    total_ += record.size;
    return entry;
  }

  // Reads the local header; sets dataOffset. Answers where the data end.
  Result<std::uint64_t> readLocal(std::size_t index) {
    auto& entry = entries_[index];
    TENON_TRY(const auto local, withContext("\"" + shownName(entry.name) + "\"", readZipLocal(local_, entry.headerOffset)));
    if (const auto* difference = differenceOf(centralOf(index), local)) return invalidEntry(entry.name, difference);
    if (strict_ && local.otherExtras) return invalidEntry(entry.name, "an extra field besides ZIP64");
    entry.dataOffset = entry.headerOffset + local.bytes;
    if (entry.dataOffset > end_.directoryOffset || entry.packedBytes > end_.directoryOffset - entry.dataOffset) {
      return invalidEntry(entry.name, "its data run into the directory");
    }
    return entry.dataOffset + entry.packedBytes;
  }

  ZipRecord centralOf(std::size_t index) const {
    const auto& entry = entries_[index];
    ZipRecord record;
    record.name = entry.kind == ZipEntry::Kind::Folder ? entry.name + "/" : entry.name;
    record.flags = flags_[index];
    record.method = entry.method == ZipEntry::Method::Stored ? kZipStored : kZipDeflated;
    record.crc32 = entry.crc32;
    record.packedBytes = entry.packedBytes;
    record.size = entry.size;
    return record;
  }

  // Strict: one after another, in the directory's order, from byte 0 to the directory.
  Result<void> checkRow() {
    std::uint64_t next = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].headerOffset != next)
        return invalidEntry(entries_[i].name, "it does not begin where the entry before it ends");
      TENON_TRY(next, readLocal(i));
    }
    return checkLastEnd(next);
  }

  // The same without looking: where one begins, the data of the one before end.
  Result<void> layRow() {
    if (!entries_.empty() && entries_[0].headerOffset != 0) return invalidEntry(entries_[0].name, "bytes before it");
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      auto& entry = entries_[i];
      const auto end = i + 1 < entries_.size() ? entries_[i + 1].headerOffset : end_.directoryOffset;
      if (end < entry.headerOffset || end - entry.headerOffset < entry.packedBytes) {
        return invalidEntry(entry.name, "it overlaps another entry");
      }
      entry.dataOffset = end - entry.packedBytes;
    }
    return {};
  }

  // Unambiguous: in any order, but every byte before the directory belongs to exactly one entry.
  Result<void> checkTiles() {
    std::vector<std::size_t> order(entries_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return entries_[a].headerOffset < entries_[b].headerOffset; });
    std::uint64_t next = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto index = order[i];
      const auto& entry = entries_[index];
      if (entry.headerOffset < next) return invalidEntry(entry.name, "it overlaps another entry");
      if (entry.headerOffset > next) return invalidEntry(entry.name, "bytes before it that belong to no entry");
      TENON_TRY(next, readLocal(index));
      if ((flags_[index] & kZipHasDescriptor) == 0) continue;
      const auto end = i + 1 < order.size() ? entries_[order[i + 1]].headerOffset : end_.directoryOffset;
      if (end < next) return invalidEntry(entry.name, "it overlaps another entry");
      TENON_TRY(const bool agrees, zipDescriptorAgrees(local_, next, end - next, centralOf(index)));
      if (!agrees) return invalidEntry(entry.name, "its data descriptor is missing or says something else");
      next = end;
    }
    return checkLastEnd(next);
  }

  Result<void> checkLastEnd(std::uint64_t end) const {
    if (end == end_.directoryOffset) return {};
    return Error(ErrorCode::ArchiveInvalid, "bytes before the directory that belong to no entry");
  }

  const ByteSource& zip_;
  const bool strict_;
  const ZipHeaders headers_;
  ZipWindow local_;
  ZipEnd end_;
  PackagePathSet paths_;
  std::vector<ZipEntry> entries_;
  std::vector<std::uint16_t> flags_;  // by entry
  std::uint64_t total_ = 0;
};

}  // namespace

Result<ZipDirectory> ZipDirectory::read(const ByteSource& zip, ZipRules rules, ZipHeaders headers) {
  ZipDirectory directory;
  TENON_TRY(directory.entries_, DirectoryReader(zip, rules, headers).read());
  return directory;
}

const ZipEntry* ZipDirectory::find(std::string_view name) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const ZipEntry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace tenon::host
