// The models that a hub lists [origin: GET /api/models]. A hint, like all that a hub says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Result.h"
#include "host/contract/Digest.h"

namespace tenon::host {

struct HubModelFile {
  std::string path;
  std::uint64_t sizeBytes = 0;
  std::optional<Digest> sha256;  // where the hub lists one
};

struct HubModelVersion {
  std::string version;
  std::vector<HubModelFile> files;

  std::uint64_t sizeBytes() const;
};

struct HubModel {
  std::string id, name, task, defaultVersion;
  std::vector<HubModelVersion> versions;

  // The named one, or else the default one, or else the only one. not-found, telling which there are.
  Result<const HubModelVersion*> choose(const std::string& version) const;
};

// A list, or one model. `checksum_sha256` of a version: an object {path: hash}, a string that holds one, or the one file's
// hash. Errors: format-invalid.
Result<std::vector<HubModel>> parseHubModels(std::string_view text);

}  // namespace tenon::host
