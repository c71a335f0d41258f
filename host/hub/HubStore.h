// The hub's files, and the only code that knows where they lie:
//
//   <data>/storage/services/<id>/<version>/<platform>/
//       service.zip, variant.json, service.json (not of releases of earlier hubs); MANIFEST, MANIFEST.sig where the zip has
//       them
//   <data>/uploads/<random>/   the same, on its way in; swept at start
//   <data>/lock <data>/token
//
// A release appears by one rename of its whole folder, durable before anybody is told. Any thread; one store per data
// folder.
#pragma once

#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/Log.h"
#include "host/hub/HubRelease.h"

namespace tenon::host {

inline constexpr std::string_view kServiceZipName = "service.zip";

// A folder for one upload; removed with whatever is in it, unless it was published.
class UploadFolder {
 public:
  UploadFolder(Files& files, Path path) : files_(&files), path_(std::move(path)) {}
  UploadFolder(UploadFolder&& other) noexcept : files_(other.files_), path_(std::exchange(other.path_, Path())) {}
  UploadFolder& operator=(UploadFolder&&) = delete;
  ~UploadFolder();

  const Path& path() const { return path_; }
  Path zip() const { return path_ / kServiceZipName; }
  void release() { path_ = Path(); }

 private:
  Files* files_;
  Path path_;
};

class HubStore {
 public:
  // Makes the folders, takes the lock, sweeps what a crash left of uploads. busy where another hub serves this folder.
  static Result<HubStore> open(Files& files, const Path& data);

  // Every release that is whole. One that is not is logged and left alone.
  Result<std::vector<HubRelease>> scan(Log& log);

  Result<UploadFolder> beginUpload();
  // `upload` holds service.zip, synced. Adds the other files and moves the folder to its place.
  // already-exists where this release has been published before: nothing is changed.
  Result<void> publish(UploadFolder upload, const HubRelease& release, const PackageTexts& texts);
  // Makes durable that a release is in its place: publish() does it, and may have failed at it.
  Result<void> settle(const Release& release);
  // What is said of a published release anew: yanked or not.
  Result<void> rewrite(const HubRelease& release);
  // What lies there already. not-found, state-corrupt.
  Result<HubRelease> read(const Release& release);

  Result<std::uint64_t> freeSpace() { return files_->freeSpace(data_); }
  Path folder(const Release& release) const;

 private:
  HubStore(Files& files, Path data, FileLock lock) : files_(&files), data_(std::move(data)), lock_(std::move(lock)) {}
  Path services() const { return data_ / "storage" / "services"; }
  Path uploads() const { return data_ / "uploads"; }
  Result<HubRelease> readFolder(const Path& folder);

  Files* files_;
  Path data_;
  FileLock lock_;
};

}  // namespace tenon::host
