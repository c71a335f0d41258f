// trust/floors.json: the highest that this node has taken, of each index and of each service. What is lower is refused from
// then on. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Clock.h"
#include "host/contract/Digest.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

// Counts as long as those who signed that index may still sign one: a root that takes their key away resets it.
struct IndexFloor {
  PlatformId platform;
  std::uint64_t sequence = 0;
  Digest sha256;  // of the very bytes: another index under the same sequence is equivocation
  WallTime issued;
  std::vector<std::string> signedBy;  // key ids
};

// Of releases that were installed by MANIFEST and proved healthy; stays when the service is removed.
struct ReleaseFloor {
  ServiceId service;
  PlatformId platform;
  std::uint64_t sequence = 0;
  SemVer version;

  // By sequence, then by version.
  bool isBelow(const ReleaseFloor& other) const;
};

struct TrustFloors {
  std::vector<IndexFloor> indexes;
  std::vector<ReleaseFloor> releases;

  const IndexFloor* index(const PlatformId& platform) const;
  const ReleaseFloor* release(const ServiceId& service, const PlatformId& platform) const;
  bool knows(const ServiceId& service) const;  // on any platform
  void put(IndexFloor floor);                  // in place of the platform's
  bool raise(const ReleaseFloor& floor);       // false where it is no higher

  static Result<TrustFloors> parse(std::string_view text);  // state-corrupt
  std::string toJson() const;
};

}  // namespace tenon::host
