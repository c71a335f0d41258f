#include "host/package/fetch/DownloadCache.h"

#include "host/adapter/AtomicFile.h"

namespace tenon::host {
namespace {

constexpr std::string_view kPackageSuffix = ".zip", kModelSuffix = ".model";

Result<std::vector<FolderEntry>> entriesOf(Files& files, const Path& folder) {
  auto entries = files.list(folder);
  if (!entries && entries.error().code() == ErrorCode::NotFound) return std::vector<FolderEntry>();
  return entries;
}

}  // namespace

DownloadCache::Use::Use(DownloadCache& cache, const ServiceId& service) : cache_(cache), service_(service) {
  const std::lock_guard lock(cache_.mutex_);
  cache_.used_.insert(service_.text());
}

DownloadCache::Use::~Use() {
  const std::lock_guard lock(cache_.mutex_);
  cache_.used_.erase(cache_.used_.find(service_.text()));
  const Path folder = cache_.layout_.cache(service_);
  const auto entries = cache_.files_.list(folder);
  if (entries && entries->empty()) static_cast<void>(cache_.files_.removeTree(folder));  // else the next one finds it
}

Result<void> DownloadCache::makeFolder(const ServiceId& service) { return files_.makeFolders(layout_.cache(service)); }

Result<Path> DownloadCache::package(const ServiceId& service, const Digest& zip) {
  const Path folder = layout_.cache(service);
  const std::string name = zip.hex() + std::string(kPackageSuffix);
  TENON_CHECK(makeFolder(service));
  TENON_TRY(const auto entries, files_.list(folder));
  for (const FolderEntry& entry : entries) {
    const bool isPackage = entry.name.find(kPackageSuffix) != std::string::npos;
    if (isPackage && !entry.name.starts_with(name)) TENON_CHECK(files_.removeFile(folder / entry.name));
  }
  return folder / name;
}

Result<Path> DownloadCache::model(const ServiceId& service, const Digest& file) {
  TENON_CHECK(makeFolder(service));
  return layout_.cache(service) / (file.hex() + std::string(kModelSuffix));
}

Result<void> DownloadCache::clear(const ServiceId& service) {
  const Path folder = layout_.cache(service);
  return files_.exists(folder) ? files_.removeTree(folder) : Result<void>();
}

Result<DiskUse> DownloadCache::forEachLeft(const Each& each) {
  const std::lock_guard lock(mutex_);  // a download that begins meanwhile waits until its service is looked at
  DiskUse use;
  TENON_TRY(const auto services, entriesOf(files_, layout_.cache()));
  for (const FolderEntry& service : services) {
    if (service.kind != FileKind::Folder || used_.contains(service.name)) continue;
    const Path folder = layout_.cache() / service.name;
    TENON_TRY(const auto entries, entriesOf(files_, folder));
    for (const FolderEntry& entry : entries) {
      TENON_TRY(const auto info, files_.inspect(folder / entry.name));
      ++use.files;
      use.bytes += info.size;
    }
    TENON_CHECK(each(folder));
  }
  return use;
}

Result<DiskUse> DownloadCache::left() {
  return forEachLeft([](const Path&) { return Result<void>(); });
}

Result<DiskUse> DownloadCache::sweep() {
  return forEachLeft([this](const Path& folder) { return files_.removeTree(folder); });
}

Result<void> DownloadCache::recover() {
  TENON_TRY(const auto entries, entriesOf(files_, layout_.cache()));
  for (const FolderEntry& entry : entries) {
    const Path path = layout_.cache() / entry.name;
    if (entry.kind == FileKind::Folder) {
      TENON_CHECK(removeTemporaries(files_, path));
    } else {
      TENON_CHECK(files_.removeFile(path));
    }
  }
  return {};
}

}  // namespace tenon::host
