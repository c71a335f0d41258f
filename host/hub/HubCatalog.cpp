#include "host/hub/HubCatalog.h"

#include <algorithm>

#include "host/hub/HubStore.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

// Beyond them all are dropped: a client that asks for ever new combinations pays for itself.
constexpr std::size_t kListings = 1024;

std::string keyOf(const HubFilter& filter) {
  std::string key;
  key += filter.service ? filter.service->text() : "";
  key += '\n' + (filter.platform ? filter.platform->text() : "");
  key += '\n' + (filter.version ? filter.version->text() : "");
  return key + '\n' + filter.channel.value_or("");
}

bool passes(const HubRelease& each, const HubFilter& filter) {
  if (filter.platform && each.release.platform != *filter.platform) return false;
  if (filter.version && each.release.version != *filter.version) return false;
  if (filter.channel) return each.channel == *filter.channel && (filter.version || !each.yanked);
  return filter.version || (each.channel == kStableChannel && !each.yanked);
}

bool isNewer(const HubRelease& a, const HubRelease& b) {
  const auto order = a.release.version.precedence(b.release.version);
  if (order != 0) return order > 0;
  if (a.release.version.text() != b.release.version.text()) return a.release.version.text() > b.release.version.text();
  return a.release.platform < b.release.platform;
}

}  // namespace

HubVariant toVariant(const HubRelease& release) {
  return {release.release,  downloadUrl(release.release), release.sha256, release.sizeBytes, release.etag(),
          release.signature};
}

HubCatalog::HubCatalog(std::vector<HubRelease> releases) {
  for (auto& each : releases) services_[each.release.service.text()].push_back(std::move(each));
  for (auto& [id, service] : services_) std::sort(service.begin(), service.end(), isNewer);
}

bool HubCatalog::add(HubRelease release) {
  const std::lock_guard lock(mutex_);
  Service& service = services_[release.release.service.text()];
  const auto same = [&](const HubRelease& each) { return each.release == release.release; };
  if (std::any_of(service.begin(), service.end(), same)) return false;
  service.insert(std::upper_bound(service.begin(), service.end(), release, isNewer), std::move(release));
  listings_.clear();
  ++generation_;
  return true;
}

bool HubCatalog::replace(const HubRelease& release) {
  const std::lock_guard lock(mutex_);
  const auto service = services_.find(release.release.service.text());
  if (service == services_.end()) return false;
  for (auto& each : service->second) {
    if (each.release != release.release) continue;
    each = release;
    listings_.clear();
    ++generation_;
    return true;
  }
  return false;
}

std::vector<IndexedRelease> HubCatalog::indexed(const PlatformId& platform) const {
  const std::lock_guard lock(mutex_);
  std::vector<IndexedRelease> releases;
  for (const auto& [id, service] : services_) {
    const auto first = static_cast<std::ptrdiff_t>(releases.size());
    for (const auto& each : service) {
      if (each.release.platform != platform || !each.manifestSha256) continue;
      releases.push_back({each.release.service, each.release.version, each.channel, each.sizeBytes, each.sha256,
                          *each.manifestSha256, each.yanked});
    }
    std::sort(releases.begin() + first, releases.end(),
              [](const auto& a, const auto& b) { return a.version.text() < b.version.text(); });
  }
  return releases;
}

std::uint64_t HubCatalog::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

std::optional<HubRelease> HubCatalog::find(const Release& release) const {
  const std::lock_guard lock(mutex_);
  const auto service = services_.find(release.service.text());
  if (service == services_.end()) return std::nullopt;
  for (const auto& each : service->second) {
    if (each.release == release) return each;
  }
  return std::nullopt;
}

std::size_t HubCatalog::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [id, service] : services_) count += service.size();
  return count;
}

std::shared_ptr<const HubListing> HubCatalog::list(const HubFilter& filter) {
  const std::string key = keyOf(filter);
  const std::lock_guard lock(mutex_);
  if (const auto found = listings_.find(key); found != listings_.end()) return found->second;
  auto made = makeListing(filter);
  if (listings_.size() >= kListings) listings_.clear();
  listings_[key] = made;
  return made;
}

std::shared_ptr<const HubListing> HubCatalog::makeListing(const HubFilter& filter) const {
  HubIndex index;
  const auto take = [&](const Service& releases) {
    if (releases.empty()) return;
    HubService service{releases.front().release.service, "", {}};
    for (const auto& each : releases) {
      if (!passes(each, filter)) continue;
      if (service.variants.empty()) service.name = each.name;  // the newest's
      service.variants.push_back(toVariant(each));
    }
    if (!service.variants.empty()) index.services.push_back(std::move(service));
  };
  if (!filter.service) {
    for (const auto& [id, releases] : services_) take(releases);
  } else if (const auto found = services_.find(filter.service->text()); found != services_.end()) {
    take(found->second);
  }
  std::string json = index.toJson();
  std::string etag = sha256(json).hex();
  return std::make_shared<HubListing>(HubListing{std::move(json), std::move(etag)});
}

}  // namespace tenon::host
