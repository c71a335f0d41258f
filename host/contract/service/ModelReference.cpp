#include "host/contract/service/ModelReference.h"

#include <algorithm>

#include "host/base/Limits.h"
#include "host/contract/JsonValues.h"
#include "host/contract/release/PackagePath.h"

namespace tenon::host {
namespace {

Result<std::string> modelName(const Json& object, std::string_view key) {
  TENON_TRY(const auto value, object.member(key));
  TENON_TRY(auto text, value.string());
  if (isModelName(text)) return text;
  return value.wrong("expected letters, digits, '.', '_', '+' or '-', the first one a letter or a digit");
}

Result<ModelFile> readFile(const Json& value, PackagePathSet& places) {
  ModelFile file;
  TENON_TRY(const auto path, value.member("path"));
  TENON_TRY(file.path, path.string());
  auto fits = checkPackagePath(file.path);
  if (fits) fits = places.add(file.place(), PackagePathSet::Kind::File);
  if (!fits) return path.wrong(fits.error().message());
  TENON_TRY(file.sha256, memberAs<Digest>(value, "sha256"));
  TENON_TRY(const auto size, integerMember(value, "size", 1, static_cast<std::int64_t>(limits::kPackageBytes)));
  file.size = static_cast<std::uint64_t>(size);
  return file;
}

Result<ModelReference> readModel(const Json& value, PackagePathSet& places) {
  ModelReference model;
  TENON_TRY(model.id, modelName(value, "id"));
  TENON_TRY(model.version, modelName(value, "version"));
  TENON_TRY(const auto list, value.member("files"));
  TENON_TRY(const auto files, list.array());
  if (files.empty()) return list.wrong("a model has at least one file");
  for (const auto& each : files) {
    TENON_TRY(auto file, readFile(each, places));
    model.files.push_back(std::move(file));
  }
  return model;
}

}  // namespace

bool isModelName(std::string_view text) {
  const auto isPlain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= limits::kVersionBytes && isPlain(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return isPlain(c) || c == '.' || c == '_' || c == '+' || c == '-'; });
}

Result<std::vector<ModelReference>> parseModels(const Json& value) {
  TENON_TRY(const auto items, value.array());
  std::vector<ModelReference> models;
  PackagePathSet places;
  for (const auto& item : items) {
    TENON_TRY(auto model, readModel(item, places));
    models.push_back(std::move(model));
  }
  return models;
}

}  // namespace tenon::host
