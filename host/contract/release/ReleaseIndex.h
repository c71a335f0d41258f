// The index: what a hub offers for one platform, signed by its online key. Canonical: parse() refuses whatever text() would
// not have written, so one content has one text. Values; any thread.
//
//   { "type": "tenon-index", "platform": "linux-x64", "sequence": 418, "issued": <time>, "expires": <time>,
//     "releases": [ { "service", "version", "channel", "size_bytes", "sha256", "manifest_sha256", "yanked" } ] }
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Clock.h"
#include "host/contract/release/HubIndex.h"

namespace tenon::host {

inline constexpr std::string_view kStableChannel = "stable";
// [a-z0-9][a-z0-9-]{0,31}
bool isChannel(std::string_view text);

struct IndexedRelease {
  ServiceId service;
  SemVer version;
  std::string channel;
  std::uint64_t sizeBytes = 0;  // of the zip
  Digest sha256;                // of the zip
  Digest manifestSha256;
  bool yanked = false;  // no longer offered; what runs of it runs on
};

struct ReleaseIndex {
  PlatformId platform;
  std::uint64_t sequence = 0;  // higher at every change and refresh; at most 2^63 - 1
  WallTime issued, expires;
  std::vector<IndexedRelease> releases;  // sorted by service, then version, as bytes

  static Result<ReleaseIndex> parse(std::string_view text);  // format-invalid
  std::string text() const;

  // The newest stable release of the service that is neither yanked nor `withdrawn`, or exactly the version that is named.
  // A prerelease only when asked for by name, or where there is nothing else. not-found; release-revoked where the named one
  // was yanked.
  using Withdrawn = std::function<bool(const IndexedRelease&)>;
  Result<IndexedRelease> choose(const ReleaseSpec& wanted, const Withdrawn& withdrawn) const;
};

// "/storage/services/<id>/<version>/<platform>/service.zip": where every hub keeps a release's zip [origin].
std::string downloadUrl(const Release& release);

}  // namespace tenon::host
