#include "host/package/Unpacker.h"

#include <algorithm>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"
#include "host/package/StoredFiles.h"
#include "host/package/zip/ZipEntryReader.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

std::string quoted(std::string_view path) { return "\"" + shownName(path) + "\""; }

UnpackItem::Kind kindOf(const ManifestFile& file) {
  switch (file.kind) {
    case ManifestFile::Kind::Executable:
      return UnpackItem::Kind::Executable;
    case ManifestFile::Kind::Symlink:
      return UnpackItem::Kind::Symlink;
    case ManifestFile::Kind::Plain:
      break;
  }
  return UnpackItem::Kind::Plain;
}

UnpackItem::Kind kindOf(const ZipEntry& entry) {
  if (entry.kind == ZipEntry::Kind::Folder) return UnpackItem::Kind::Folder;
  if (entry.kind == ZipEntry::Kind::Symlink) return UnpackItem::Kind::Symlink;
  return entry.unixExecutable ? UnpackItem::Kind::Executable : UnpackItem::Kind::ByContent;
}

// Why the entry at a place is not the one that MANIFEST has there.
Error orderFault(const ZipDirectory& directory, const PackageManifest& manifest, const ZipEntry& entry,
                 const ManifestFile& file) {
  if (!manifest.find(entry.name)) {
    return Error(ErrorCode::ContentExtra, quoted(entry.name) + " is in the zip, but not in MANIFEST");
  }
  if (!directory.find(file.path)) {
    return Error(ErrorCode::ContentMissing, quoted(file.path) + " is in MANIFEST, but not in the zip");
  }
  return Error(ErrorCode::ArchiveInvalid, quoted(entry.name) + " does not stand where MANIFEST has it");
}

Result<void> checkAgainst(const ManifestFile& file, const ZipEntry& entry) {
  if (entry.size != file.size) {
    return Error(ErrorCode::ContentMismatch, quoted(entry.name) + ": its size is not what MANIFEST says");
  }
  const bool isLink = entry.kind == ZipEntry::Kind::Symlink;
  if (isLink != (file.kind == ManifestFile::Kind::Symlink)) {
    return Error(ErrorCode::ArchiveInvalid, quoted(entry.name) + ": the zip and MANIFEST disagree whether it is a link");
  }
  return {};
}

// MANIFEST, MANIFEST.sig, then exactly MANIFEST's files in its order.
Result<std::vector<UnpackItem>> itemsByManifest(const ZipDirectory& directory, const VerifiedPackage& package) {
  const auto& manifest = *package.manifest();
  const auto& entries = directory.entries();
  if (entries.size() < 2 || entries[0].name != kManifestName || entries[1].name != kManifestSignatureName) {
    return Error(ErrorCode::ArchiveInvalid, "the zip does not begin with MANIFEST and MANIFEST.sig");
  }
  std::vector<UnpackItem> items;
  items.reserve(entries.size());
  items.push_back({&entries[0], UnpackItem::Kind::Plain, &package.identity()});
  items.push_back({&entries[1], UnpackItem::Kind::Plain, nullptr});
  for (std::size_t i = 0; i < manifest.files.size(); ++i) {
    const auto& file = manifest.files[i];
    if (i + 2 >= entries.size())
      return Error(ErrorCode::ContentMissing, quoted(file.path) + " is in MANIFEST, but not in the zip");
    const auto& entry = entries[i + 2];
    if (entry.name != file.path) return orderFault(directory, manifest, entry, file);
    TENON_CHECK(checkAgainst(file, entry));
    items.push_back({&entry, kindOf(file), &file.sha256});
  }
  if (entries.size() > manifest.files.size() + 2) {
    const auto& extra = entries[manifest.files.size() + 2];
    return Error(ErrorCode::ContentExtra, quoted(extra.name) + " is in the zip, but not in MANIFEST");
  }
  return items;
}

Result<std::vector<UnpackItem>> itemsOf(const ZipDirectory& directory, const VerifiedPackage& package) {
  std::vector<UnpackItem> items;
  if (package.manifest()) {
    TENON_TRY(items, itemsByManifest(directory, package));
  } else {
    for (const auto& entry : directory.entries()) items.push_back({&entry, kindOf(entry), nullptr});
  }
  const auto byPath = [](const UnpackItem& a, const UnpackItem& b) { return a.entry->name < b.entry->name; };
  std::sort(items.begin(), items.end(), byPath);
  return items;
}

// The zip may have been swapped since it was verified. With MANIFEST each file's hash decides; without, the whole zip is
// hashed again through the descriptor that it is unpacked from.
Result<void> checkStillTheSame(const ByteSource& zip, const VerifiedPackage& package) {
  bool same = zip.size() == package.package().sizeBytes;
  if (same && !package.manifest()) {
    TENON_TRY(const auto digest, hashAll(zip));
    same = digest == package.package().sha256;
  }
  if (same) return {};
  return Error(ErrorCode::ContentMismatch, "the zip changed after it was verified");
}

Result<void> checkItems(const std::vector<UnpackItem>& items, const ByteSource& zip) {
  ZipEntryReader reader(zip);
  Sha256 hash;
  for (const auto& item : items) {
    if (item.kind == UnpackItem::Kind::Folder) continue;
    const auto check = item.sha256 ? ZipEntryReader::Check::SizeOnly : ZipEntryReader::Check::Crc;
    TENON_CHECK(reader.read(*item.entry, check,
                            [&](std::string_view piece) -> Result<void> { return hash.update(piece), Result<void>(); }));
    if (const auto digest = hash.finish(); item.sha256 && digest != *item.sha256) {
      return Error(ErrorCode::ContentMismatch, quoted(item.entry->name) + ": its content is not what MANIFEST says");
    }
  }
  return {};
}

// What is in `all` and not in `rest`, which has the same order.
std::vector<UnpackItem> without(const std::vector<UnpackItem>& all, const std::vector<UnpackItem>& rest) {
  std::vector<UnpackItem> others;
  auto next = rest.begin();
  for (const auto& item : all) {
    if (next != rest.end() && next->entry == item.entry)
      ++next;
    else
      others.push_back(item);
  }
  return others;
}

std::vector<const ZipEntry*> entriesOf(const std::vector<UnpackItem>& items) {
  std::vector<const ZipEntry*> entries;
  entries.reserve(items.size());
  for (const auto& item : items) entries.push_back(item.entry);
  return entries;
}

}  // namespace

Result<UnpackedPackage> Unpacker::unpack(const VerifiedPackage& package, PackageContent& content, const Path& tree,
                                         const Progress& progress) {
  const auto work = [&]() -> Result<UnpackedPackage> {
    TENON_CHECK(checkStillTheSame(content.zip(), package));
    TENON_TRY(const auto all, itemsOf(content.directory(), package));
    TENON_CHECK(files_.makeFolders(tree.parent()));
    TENON_TRY(auto barrier, Barrier::open(files_, tree.parent()));
    TENON_CHECK(files_.makeFolder(0, tree.text(), {}));
    TENON_TRY(const auto items, takeStored(package, all, tree));
    // A zip that lies is refused where all of it is at hand, also for files that the store had.
    if (content.isWhole()) TENON_CHECK(checkItems(without(all, items), content.zip()));
    TENON_CHECK(content.bring(entriesOf(items)));
    TENON_CHECK(UnpackWork(files_, content.zip(), tree, items, progress).run(pool_));
    TENON_CHECK(barrier.sync());
    // Only now: a name in the store says that the content under it is durable.
    if (store_ && package.manifest()) TENON_CHECK(StoredFiles(files_, pool_, *store_, tree).put(items));
    return UnpackedPackage{tree, package.release(), package.identity()};
  };
  return withContext("unpack " + package.release().text(), work());
}

// What of the items is still to be written.
Result<std::vector<UnpackItem>> Unpacker::takeStored(const VerifiedPackage& package, std::vector<UnpackItem> items,
                                                     const Path& tree) const {
  if (!store_ || !package.manifest()) return items;
  return StoredFiles(files_, pool_, *store_, tree).take(items);
}

Result<void> Unpacker::check(const VerifiedPackage& package, const PackageContent& content) {
  TENON_TRY(const auto items, itemsOf(content.directory(), package));
  return checkItems(items, content.zip());
}

Result<Unpacker::Work> Unpacker::workOf(const VerifiedPackage& package, const PackageContent& content) const {
  TENON_TRY(const auto items, itemsOf(content.directory(), package));
  std::optional<ContentStore::Shelves> shelves;
  if (store_ && package.manifest()) {
    TENON_TRY(shelves, store_->shelves());
  }
  Work work;
  for (const auto& item : items) {
    ++work.totalFiles;
    work.totalBytes += item.entry->size;
    work.totalPackedBytes += item.entry->packedBytes;
    const bool isThere = shelves && StoredFiles::isKept(item) && store_->has(*shelves, StoredFiles::storedFile(item));
    if (isThere) continue;
    ++work.files;
    work.bytes += item.entry->size;
    work.packedBytes += item.entry->packedBytes;
  }
  return work;
}

}  // namespace tenon::host
