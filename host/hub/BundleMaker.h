// Takes one release from a hub into a bundle (contract/release/Bundle.h): the way to a node without a network.
#pragma once

#include <atomic>
#include <functional>

#include "host/adapter/Files.h"
#include "host/pack/zip/ZipWriter.h"
#include "host/package/Downloader.h"
#include "host/package/HubClient.h"

namespace tenon::host {

struct BundleRequest {
  ReleaseSpec wanted;
  std::string platform;
  Path folder;                 // where the bundle goes
  std::optional<Path> output;  // default: <id>-<version>-<platform>.bundle in that folder
};

struct MadeBundle {
  Path file;
  Release release;
  std::uint64_t bytes = 0;
};

class BundleMaker {
 public:
  // All outlive the maker. The downloader fetches by the same client as the hub.
  BundleMaker(Files& files, HubClient& hub, Downloader& downloader) : files_(files), hub_(hub), downloader_(downloader) {}

  // The file is complete under its name, or not there. Who made what is in it is for the node to check; here only the zip's
  // size and hash are. Errors: not-found, platform-unsupported, already-exists, the downloader's, disk-full.
  Result<MadeBundle> make(const BundleRequest& request, const Downloader::Progress& progress = {});

 private:
  Result<void> addDownload(ZipWriter& bundle, const std::string& name, DownloadRequest request,
                           const Downloader::Progress& progress);
  Result<void> addModels(ZipWriter& bundle, const std::string& serviceJson, const Path& beside,
                         const Downloader::Progress& progress);

  Files& files_;
  HubClient& hub_;
  Downloader& downloader_;
};

}  // namespace tenon::host
