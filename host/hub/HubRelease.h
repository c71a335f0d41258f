// One published release, as the hub keeps it in variant.json beside its zip.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/contract/release/ReleaseIndex.h"

namespace tenon::host {

struct HubRelease {
  Release release;
  std::string name;  // of the service, as this release's service.json has it
  Digest sha256;     // of the zip
  std::uint64_t sizeBytes = 0;
  std::optional<ArtifactSignature> signature;
  std::string channel;
  std::string publishedAt;               // RFC 3339, UTC
  std::optional<Digest> manifestSha256;  // nothing where the package has no MANIFEST [origin]
  bool yanked = false;                   // listed only for those who name its version

  std::string etag() const { return sha256.hex(); }

  static Result<HubRelease> parse(std::string_view text);  // format-invalid
  std::string text() const;
};

// What the hub serves beside a release's zip, taken from it. The first two are "" where the zip has no MANIFEST.
struct PackageTexts {
  std::string manifest, manifestSignature, serviceJson;
};

}  // namespace tenon::host
