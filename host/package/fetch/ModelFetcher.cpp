#include "host/package/fetch/ModelFetcher.h"

#include <algorithm>

#include "host/contract/release/PackagePath.h"
#include "host/package/StoredFiles.h"
#include "host/package/UnpackWork.h"

namespace tenon::host {

// A file of a model, as what unpacking knows: an entry that stands alone in its zip, stored.
struct ModelFetcher::Item {
  const ServiceId& service;
  const ModelReference& model;
  const ModelFile& file;
  ZipEntry entry;

  Item(const ServiceId& who, const ModelReference& of, const ModelFile& one) : service(who), model(of), file(one) {
    entry.name = one.place();
    entry.packedBytes = entry.size = one.size;
  }
  UnpackItem unpacked() const { return {&entry, UnpackItem::Kind::Plain, &file.sha256}; }
  std::string text() const { return model.id + " " + model.version + ", " + shownName(file.path); }
};

Result<void> ModelFetcher::checkPlaces(const Models& models, const ZipDirectory& package) {
  if (models.empty()) return {};
  PackagePathSet places;
  for (const auto& entry : package.entries()) {
    const bool isFolder = entry.kind == ZipEntry::Kind::Folder;
    TENON_CHECK(places.add(entry.name, isFolder ? PackagePathSet::Kind::Folder : PackagePathSet::Kind::File));
  }
  for (const auto& model : models) {
    for (const auto& file : model.files) {
      TENON_CHECK(withContext("the model " + model.id, places.add(file.place(), PackagePathSet::Kind::File)));
    }
  }
  return {};
}

Result<ModelFetcher::Work> ModelFetcher::workOf(const Models& models) const {
  Work work;
  if (models.empty()) return work;
  TENON_TRY(const auto shelves, store_.shelves());
  for (const auto& model : models) {
    for (const auto& file : model.files) {
      ++work.files;
      work.bytes += file.size;
      if (store_.has(shelves, {file.sha256, false, file.size})) continue;
      ++work.missingFiles;
      work.missingBytes += file.size;
      work.largestMissing = std::max(work.largestMissing, file.size);
    }
  }
  return work;
}

Result<void> ModelFetcher::bring(const ServiceManifest& service, const PackageSource& from, const Path& tree,
                                 const std::atomic<bool>& cancelled, const Downloader::Progress& progress) const {
  std::vector<Item> all;
  std::uint64_t total = 0;
  for (const auto& model : service.models) {
    for (const auto& file : model.files) {
      all.emplace_back(service.service, model, file);
      total += file.size;
    }
  }
  if (all.empty()) return {};
  std::vector<UnpackItem> items;
  for (const auto& item : all) items.push_back(item.unpacked());
  TENON_TRY(auto barrier, Barrier::open(files_, tree));
  const StoredFiles stored(files_, pool_, store_, tree);
  TENON_TRY(const auto missing, stored.take(items));
  std::uint64_t done = total;
  for (const auto& each : missing) done -= each.entry->size;
  for (const auto& item : all) {
    const auto lacks = [&](const UnpackItem& each) { return each.entry == &item.entry; };
    if (std::none_of(missing.begin(), missing.end(), lacks)) continue;
    const auto told = [&](std::uint64_t bytes, std::uint64_t) { progress(done + bytes, total); };
    TENON_TRY(const auto file, withContext("the model " + item.text(), download(item, from, cancelled, told)));
    const auto written = write(file, item, tree);
    // In the tree or refused: either way it is of no more use here.
    static_cast<void>(files_.removeFile(file));
    TENON_CHECK(withContext("the model " + item.text(), written));
    done += item.file.size;
  }
  TENON_CHECK(barrier.sync());
  // Only now: a name in the store says that the content under it is durable.
  return stored.put(missing);
}

Result<Path> ModelFetcher::download(const Item& item, const PackageSource& from, const std::atomic<bool>& cancelled,
                                    const Downloader::Progress& progress) const {
  if (!from.hub) return noHub();
  TENON_TRY(auto place, cache_.model(item.service, item.file.sha256));
  const auto url = from.hub->modelUrl(item.model.id, item.model.version, item.file.path);
  TENON_TRY(auto here,
            from.downloader->download({url, std::move(place), item.file.size, item.file.sha256, ""}, cancelled, progress));
  return std::move(here.zip);
}

// A copy and no link: hashed in the pass that writes it, and made as a file that nobody may write.
Result<void> ModelFetcher::write(const Path& file, const Item& item, const Path& tree) const {
  TENON_TRY(const auto source, ReadFile::open(files_, file));
  return UnpackWork(files_, source, tree, {item.unpacked()}, {}).run(pool_);
}

}  // namespace tenon::host
