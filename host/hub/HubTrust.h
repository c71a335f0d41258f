// What a hub says about trust: the roots that it was given, and the index of each platform, which it signs with an online
// key. An index is signed when it is asked for: anew where the catalogue has changed or half of its life is over, under the
// next sequence, and durable before anybody sees it. Any thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/base/Log.h"
#include "host/hub/HubCatalog.h"
#include "host/package/trust/FollowedRoots.h"

namespace tenon::host {

struct IndexKeys {
  std::vector<SecretKeyBytes> keys;     // none: this hub has no index
  std::chrono::hours lifetime{24 * 7};  // of an index
};

class HubTrust {
 public:
  // All outlive it.
  struct Collaborators {
    Files& files;
    const Clock& clock;
    Log& log;
    const HubCatalog& catalog;
  };
  // Reads <data>/trust/root/. Keys without a role in the root in force are logged. Errors: those of FollowedRoots::open.
  static Result<std::unique_ptr<HubTrust>> open(Collaborators with, const Path& data, IndexKeys keys);

  // A root from whoever may publish: the first one is pinned, every other must follow. Answers whether it is new.
  Result<bool> take(const SignedText& root);
  Result<SignedText> root(std::uint64_t version) const;                         // not-found
  Result<std::shared_ptr<const SignedText>> index(const PlatformId& platform);  // not-found, key-role

 private:
  struct Kept {
    std::shared_ptr<const SignedText> document;
    std::uint64_t generation = 0;
    WallTime renewAt;
  };
  HubTrust(Collaborators with, const Path& data, IndexKeys keys, FollowedRoots roots)
      : with_(with), layout_(data), folder_(data / "index"), keys_(std::move(keys)), roots_(std::move(roots)) {}
  Result<void> mayIndex() const;
  Result<Kept> sign(const PlatformId& platform) const;
  Result<std::uint64_t> nextSequence(const Path& file) const;

  Collaborators with_;
  PackageLayout layout_;
  Path folder_;
  IndexKeys keys_;

  mutable std::mutex mutex_;
  FollowedRoots roots_;
  std::map<std::string, Kept> indexes_;  // by platform
};

}  // namespace tenon::host
