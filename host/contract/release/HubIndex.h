// What a Model Hub lists [origin]: GET /api/services and GET /api/services/{id}/{version}/{platform}, exactly in their
// shapes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Json.h"
#include "host/contract/Digest.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

// An Ed25519 signature over compact JSON, keys sorted, of platform, service_id, sha256 (of the zip), version [origin].
struct ArtifactSignature {
  std::string keyId;  // as the origin wrote it: any name
  std::string valueBase64;
  Release release;
  Digest sha256;

  static std::string payload(const Release& release, const Digest& sha256);  // the exact bytes that are signed
  static Result<ArtifactSignature> parse(const Json& value);
  JsonObject toJson() const;  // {alg, key_id, value_b64, signed_payload}
};

struct HubVariant {
  Release release;
  std::string url;  // as given: may be relative to the hub
  Digest sha256;    // of the zip
  std::uint64_t sizeBytes = 0;
  std::string etag;
  std::optional<ArtifactSignature> signature;

  static Result<HubVariant> parse(const ServiceId& service, const Json& value);
  JsonObject toJson() const;
};

struct HubService {
  ServiceId service;
  std::string name;
  std::vector<HubVariant> variants;  // newest first by semver
};

struct HubIndex {
  std::vector<HubService> services;

  static Result<HubIndex> parse(std::string_view text);
  std::string toJson() const;  // latest_version by semver: the origin's string order was a bug

  // Newest release for the first of `platforms` that has one, or exactly `version`. not-found says what there is;
  // platform-unsupported where the service exists but not for these platforms. A prerelease only when asked for by name, or
  // where there is nothing else.
  Result<HubVariant> choose(const ReleaseSpec& wanted, const std::vector<std::string>& platforms) const;
};

}  // namespace tenon::host
