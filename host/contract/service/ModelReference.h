// Models that a package names instead of holding them: files that a hub keeps under /storage/models/<id>/<version>/<path>
// [origin]. Their hashes stand in the signed service.json, so a hub cannot swap one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Json.h"
#include "host/contract/Digest.h"

namespace tenon::host {

inline constexpr std::string_view kModelsFolder = "models/";

struct ModelFile {
  std::string path;  // of the model; in the release's tree it lies under models/
  Digest sha256;
  std::uint64_t size = 0;  // bytes, at least 1

  std::string place() const { return std::string(kModelsFolder) + path; }
};

// `id` and `version` are names of a hub's folders: letters, digits, ". _ + -".
struct ModelReference {
  std::string id, version;
  std::vector<ModelFile> files;
};

// May this be a model's id, or its version?
bool isModelName(std::string_view text);

// The member "models" of service.json. format-invalid: also where two files of it would lie in one place.
Result<std::vector<ModelReference>> parseModels(const Json& value);

}  // namespace tenon::host
