#include "host/contract/release/HubModels.h"

#include <algorithm>
#include <map>

#include "host/base/Limits.h"
#include "host/contract/JsonValues.h"
#include "host/contract/release/PackagePath.h"
#include "host/contract/service/ModelReference.h"

namespace tenon::host {
namespace {

Result<Digest> readHash(const Json& value) {
  TENON_TRY(auto hex, value.string());
  std::transform(hex.begin(), hex.end(), hex.begin(), [](char c) { return c >= 'A' && c <= 'F' ? char(c - 'A' + 'a') : c; });
  auto digest = Digest::parse(hex);
  if (!digest) return value.wrong(digest.error().message());
  return digest;
}

// By path; one hash alone has the path "".
Result<std::map<std::string, Digest>> readHashes(const Json& value) {
  std::map<std::string, Digest> hashes;
  if (value.kind() == Json::Kind::String) {
    TENON_TRY(const auto text, value.string());
    if (text.empty()) return hashes;
    if (!text.starts_with('{')) {
      TENON_TRY(hashes[""], readHash(value));
      return hashes;
    }
    const auto inner = Json::parse(text);
    if (!inner) return value.wrong("it holds no list of hashes: " + inner.error().message());
    return readHashes(*inner);
  }
  TENON_TRY(const auto members, value.members());
  for (const auto& [path, hash] : members) {
    TENON_TRY(hashes[path], readHash(hash));
  }
  return hashes;
}

Result<HubModelFile> readFile(const Json& value, const std::map<std::string, Digest>& hashes, bool alone) {
  HubModelFile file;
  TENON_TRY(const auto path, value.member("path"));
  TENON_TRY(file.path, path.string());
  if (const auto safe = checkPackagePath(file.path); !safe) return path.wrong(safe.error().message());
  TENON_TRY(const auto size, integerMember(value, "size_bytes", 0, static_cast<std::int64_t>(limits::kPackageBytes)));
  file.sizeBytes = static_cast<std::uint64_t>(size);
  auto hash = hashes.find(file.path);
  if (hash == hashes.end() && alone) hash = hashes.find("");
  if (hash != hashes.end()) file.sha256 = hash->second;
  return file;
}

Result<HubModelVersion> readVersion(const Json& value) {
  HubModelVersion version;
  TENON_TRY(version.version, stringMember(value, "version"));
  if (!isModelName(version.version)) return value.wrong("its version is no name of a folder");
  std::map<std::string, Digest> hashes;
  if (const auto listed = value.find("checksum_sha256"); isPresent(listed)) {
    TENON_TRY(hashes, readHashes(*listed));
  }
  TENON_TRY(const auto list, value.member("files"));
  TENON_TRY(const auto files, list.array());
  PackagePathSet places;
  for (const auto& each : files) {
    TENON_TRY(auto file, readFile(each, hashes, files.size() == 1));
    if (const auto own = places.add(file.path, PackagePathSet::Kind::File); !own) return each.wrong(own.error().message());
    version.files.push_back(std::move(file));
  }
  return version;
}

Result<HubModel> readModel(const Json& value) {
  HubModel model;
  TENON_TRY(model.id, stringMember(value, "id"));
  if (!isModelName(model.id)) return value.wrong("its id is no name of a folder");
  TENON_TRY(model.name, value.stringOr("name", model.id));
  TENON_TRY(model.task, value.stringOr("task", ""));
  TENON_TRY(model.defaultVersion, value.stringOr("default_version", ""));
  TENON_TRY(const auto list, value.member("versions"));
  TENON_TRY(const auto versions, list.array());
  for (const auto& each : versions) {
    TENON_TRY(auto version, readVersion(each));
    model.versions.push_back(std::move(version));
  }
  return model;
}

}  // namespace

std::uint64_t HubModelVersion::sizeBytes() const {
  std::uint64_t sum = 0;
  for (const auto& file : files) sum += file.sizeBytes;
  return sum;
}

Result<const HubModelVersion*> HubModel::choose(const std::string& version) const {
  const std::string wanted = version.empty() ? defaultVersion : version;
  std::string known;
  for (const auto& each : versions) {
    if (each.version == wanted || (wanted.empty() && versions.size() == 1)) return &each;
    known += (known.empty() ? "" : ", ") + each.version;
  }
  if (known.empty()) return Error(ErrorCode::NotFound, "the hub has no version of the model " + id);
  return Error(ErrorCode::NotFound, "the hub has no version \"" + shownName(wanted) + "\" of the model " + id)
      .withHint("it has " + known);
}

Result<std::vector<HubModel>> parseHubModels(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text));
  std::vector<HubModel> models;
  if (document.isObject()) {
    TENON_TRY(auto model, readModel(document));
    models.push_back(std::move(model));
    return models;
  }
  TENON_TRY(const auto items, document.array());
  for (const auto& item : items) {
    TENON_TRY(auto model, readModel(item));
    models.push_back(std::move(model));
  }
  return models;
}

}  // namespace tenon::host
