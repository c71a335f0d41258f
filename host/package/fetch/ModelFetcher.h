// Files of models that a service.json names (contract/service/ModelReference.h): linked into a release's tree from the
// content store, which gets from the hub what it lacks. Any thread; two calls for one tree never at once.
#pragma once

#include <atomic>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/WorkerPool.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/package/fetch/DownloadCache.h"
#include "host/package/fetch/PackageSource.h"
#include "host/package/zip/ZipDirectory.h"
#include "host/store/ContentStore.h"

namespace tenon::host {

using Models = std::vector<ModelReference>;

class ModelFetcher {
 public:
  // All outlive the fetcher. Downloads lie in `cache` while they come, and are resumed from there.
  ModelFetcher(Files& files, WorkerPool& pool, const ContentStore& store, DownloadCache& cache)
      : files_(files), pool_(pool), store_(store), cache_(cache) {}

  // Would the models' files lie where the package has files of its own, as some file system sees it? path-unsafe.
  static Result<void> checkPlaces(const Models& models, const ZipDirectory& package);

  struct Work {
    std::uint64_t files = 0, bytes = 0;
    std::uint64_t missingFiles = 0, missingBytes = 0;  // of these, what the store lacks
    std::uint64_t largestMissing = 0;                  // lies here twice while it comes
    std::uint64_t diskBytes() const { return missingBytes + largestMissing; }
  };
  Result<Work> workOf(const Models& models) const;

  // The tree exists and is staged. On return all files lie in it, durable, and nobody may write them; on an error some may.
  // Errors: usage (something is missing, and there is no hub), those of Downloader, the disk's.
  Result<void> bring(const ServiceManifest& service, const PackageSource& from, const Path& tree,
                     const std::atomic<bool>& cancelled, const Downloader::Progress& progress) const;

 private:
  struct Item;
  Result<Path> download(const Item& item, const PackageSource& from, const std::atomic<bool>& cancelled,
                        const Downloader::Progress& progress) const;
  Result<void> write(const Path& file, const Item& item, const Path& tree) const;

  Files& files_;
  WorkerPool& pool_;
  const ContentStore& store_;
  DownloadCache& cache_;
};

}  // namespace tenon::host
