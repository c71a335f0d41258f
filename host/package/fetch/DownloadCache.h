// cache/<service>/: downloads on their way, and what is left of one that broke off, for a resume; also by the next agent.
// What is there ends, at the latest,
//   with a release of that service that is fetched as a whole, and with the service;
//   when another package of it is asked for: of those that broke off the last one stays;
//   when somebody collects: sweep() takes all that is not on its way just now.
// So a service keeps one package that broke off, and the models that it names. Any thread; of one service one call at a
// time.
#pragma once

#include <mutex>
#include <set>
#include <string>

#include "host/contract/release/Release.h"
#include "host/package/disk/ReleaseTrees.h"

namespace tenon::host {

class DownloadCache {
 public:
  // `files` outlives the cache.
  DownloadCache(Files& files, PackageLayout layout) : files_(files), layout_(std::move(layout)) {}
  DownloadCache(const DownloadCache&) = delete;
  DownloadCache& operator=(const DownloadCache&) = delete;

  // A service whose downloads are in use; sweep() leaves them alone. Leaves no empty folder behind.
  class Use {
   public:
    Use(DownloadCache& cache, const ServiceId& service);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    DownloadCache& cache_;
    const ServiceId& service_;
  };

  // Where an object goes; its folder is there on return. Named by content: of one service no two objects meet in one file.
  Result<Path> package(const ServiceId& service, const Digest& zip);  // other packages of the service go
  Result<Path> model(const ServiceId& service, const Digest& file);
  Result<void> clear(const ServiceId& service);

  // What sweep() would take now, and taking it.
  Result<DiskUse> left();
  Result<DiskUse> sweep();
  // For an agent that starts: what was half written goes, and what lies where no download of this program does.
  Result<void> recover();

 private:
  using Each = std::function<Result<void>(const Path& folder)>;
  Result<DiskUse> forEachLeft(const Each& each);
  Result<void> makeFolder(const ServiceId& service);

  Files& files_;
  PackageLayout layout_;
  std::mutex mutex_;
  std::multiset<std::string> used_;  // services
};

}  // namespace tenon::host
