#include "host/package/StoredFiles.h"

#include <algorithm>

#include "host/contract/release/PackageManifest.h"

namespace tenon::host {
namespace {

constexpr std::size_t kLinkWorkers = 2;  // as many as unpack
// Neighbours that one worker takes at a time: of one folder mostly, and short where they are read, so that a row of models
// is shared.
constexpr std::size_t kRunOfLinks = 32, kRunOfReads = 1;

}  // namespace

bool StoredFiles::isKept(const UnpackItem& item) {
  const bool isFile = item.kind == UnpackItem::Kind::Plain || item.kind == UnpackItem::Kind::Executable;
  return isFile && item.sha256 && item.entry->size > 0 && item.entry->name != kManifestName;
}

StoredFile StoredFiles::storedFile(const UnpackItem& item) {
  return {*item.sha256, item.kind == UnpackItem::Kind::Executable, item.entry->size};
}

Result<std::vector<UnpackItem>> StoredFiles::take(const std::vector<UnpackItem>& items) const {
  TENON_TRY(const auto shelves, store_.shelves());
  if (shelves.empty()) return items;
  std::vector<char> taken(items.size(), 0);  // not of bool: workers write neighbours
  const Step takeOne = [&](std::size_t i, std::string& lastFolder) -> Result<void> {
    const auto& item = items[i];
    if (!isKept(item) || !store_.has(shelves, storedFile(item))) return {};
    const auto to = tree_ / item.entry->name;
    if (const auto folder = to.parent().text(); folder != lastFolder) {
      TENON_CHECK(files_.makeFolders(to.parent()));
      lastFolder = folder;
    }
    TENON_TRY(const bool intact, store_.take(storedFile(item), to));
    taken[i] = intact ? 1 : 0;
    return {};
  };
  TENON_CHECK(forEach(items.size(), kRunOfReads, takeOne));
  std::vector<UnpackItem> missing;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (taken[i] == 0) missing.push_back(items[i]);
  }
  return missing;
}

Result<void> StoredFiles::put(const std::vector<UnpackItem>& items) const {
  return forEach(items.size(), kRunOfLinks, [&](std::size_t i, std::string&) -> Result<void> {
    if (!isKept(items[i])) return {};
    return store_.put(storedFile(items[i]), tree_ / items[i].entry->name);
  });
}

Result<void> StoredFiles::forEach(std::size_t count, std::size_t run, const Step& step) const {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> error;
  const auto work = [&] {
    std::string lastFolder;
    for (auto begin = next.fetch_add(run); begin < count; begin = next.fetch_add(run)) {
      for (auto i = begin; i < std::min(begin + run, count); ++i) {
        auto done = step(i, lastFolder);
        if (done) continue;
        next = count;
        const std::lock_guard lock(mutex);
        if (!error) error = std::move(done).error();
        return;
      }
    }
  };
  pool_.runAll(std::vector<WorkerPool::Task>(count > run ? kLinkWorkers : 1, work));
  if (error) return *std::move(error);
  return {};
}

}  // namespace tenon::host
