// What the hub has, in memory, and its lists as finished text: made once, sent many times. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/hub/HubRelease.h"

namespace tenon::host {

struct HubFilter {
  std::optional<ServiceId> service;
  std::optional<PlatformId> platform;
  std::optional<SemVer> version;
  // Without one: `stable`, or, where a version is named, any.
  std::optional<std::string> channel;
};

struct HubListing {
  std::string json;  // {"services":[…]} [origin]
  std::string etag;
};

class HubCatalog {
 public:
  explicit HubCatalog(std::vector<HubRelease> releases);

  // false where that release is there already.
  bool add(HubRelease release);
  // In place of the one with the same name; false where there is none.
  bool replace(const HubRelease& release);
  // What stands in the index of a platform: whatever has a MANIFEST, sorted by service and version as bytes. `generation`:
  // another number whenever the catalogue has changed.
  std::vector<IndexedRelease> indexed(const PlatformId& platform) const;
  std::uint64_t generation() const;
  std::optional<HubRelease> find(const Release& release) const;
  std::shared_ptr<const HubListing> list(const HubFilter& filter);
  std::size_t size() const;

 private:
  using Service = std::vector<HubRelease>;  // newest first
  std::shared_ptr<const HubListing> makeListing(const HubFilter& filter) const;

  mutable std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::map<std::string, Service, std::less<>> services_;
  std::map<std::string, std::shared_ptr<const HubListing>> listings_;
};

HubVariant toVariant(const HubRelease& release);

}  // namespace tenon::host
