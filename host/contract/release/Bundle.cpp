#include "host/contract/release/Bundle.h"

#include "host/base/Json.h"
#include "host/contract/JsonValues.h"
#include "host/contract/release/ReleaseIndex.h"

namespace tenon::host {
namespace {

constexpr std::string_view kBundleType = "tenon-bundle/1";

}  // namespace

std::string bundleEntryOf(const Release& release, std::string_view path) {
  if (path == "/api/services") return std::string(kBundleListName);
  const std::string zip = downloadUrl(release), storage = zip.substr(0, zip.rfind('/') + 1);
  if (path.starts_with(storage)) return std::string(path.substr(storage.size()));
  if (path.starts_with("/storage/models/")) return std::string(path.substr(std::string_view("/storage/").size()));
  if (path.starts_with("/v1/root/") || path.starts_with("/v1/index/")) return std::string(path.substr(4));
  return "";
}

std::string bundleText(const Release& release) {
  JsonObject object;
  object.set("type", kBundleType).set("service_id", release.service.text()).set("version", release.version.text());
  object.set("platform", release.platform.text());
  return object.pretty();
}

Result<Release> parseBundleText(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text));
  TENON_TRY(const auto type, document.member("type"));
  TENON_TRY(const auto name, type.string());
  if (name != kBundleType) return type.wrong("expected \"" + std::string(kBundleType) + "\"");
  TENON_TRY(auto service, memberAs<ServiceId>(document, "service_id"));
  TENON_TRY(auto version, memberAs<SemVer>(document, "version"));
  TENON_TRY(auto platform, memberAs<PlatformId>(document, "platform"));
  return Release{std::move(service), std::move(version), std::move(platform)};
}

}  // namespace tenon::host
