#include "host/contract/release/HubIndex.h"

#include <algorithm>
#include <utility>

#include "host/contract/JsonValues.h"

namespace tenon::host {
namespace {

JsonObject payloadObject(const Release& release, const Digest& sha256) {
  JsonObject payload;
  payload.set("service_id", release.service.text()).set("version", release.version.text());
  return payload.set("platform", release.platform.text()).set("sha256", sha256.hex());
}

// Newest first; builds of one version in a fixed order, so that two nodes choose the same.
bool isNewer(const HubVariant& a, const HubVariant& b) {
  const auto order = a.release.version.precedence(b.release.version);
  return order == 0 ? a.release.version.text() > b.release.version.text() : order > 0;
}

Result<HubService> readService(const Json& value) {
  TENON_TRY(auto service, memberAs<ServiceId>(value, "service_id"));
  TENON_TRY(auto name, value.stringOr("name", service.text()));
  TENON_TRY(const auto list, value.member("variants"));
  TENON_TRY(const auto items, list.array());
  std::vector<HubVariant> variants;
  for (const auto& item : items) {
    TENON_TRY(auto variant, HubVariant::parse(service, item));
    variants.push_back(std::move(variant));
  }
  std::stable_sort(variants.begin(), variants.end(), isNewer);
  return HubService{std::move(service), std::move(name), std::move(variants)};
}

// Prereleases are newest only where there is nothing else.
const HubVariant* latestOf(std::vector<HubVariant> const& variants) {
  const HubVariant* latest = nullptr;
  for (const auto& variant : variants) {
    const bool better =
        !latest || (latest->release.version.isPrerelease() && !variant.release.version.isPrerelease()) ||
        (latest->release.version.isPrerelease() == variant.release.version.isPrerelease() && isNewer(variant, *latest));
    if (better) latest = &variant;
  }
  return latest;
}

JsonObject objectOf(const HubService& service) {
  JsonArray variants;
  for (const auto& variant : service.variants) variants.add(variant.toJson());
  JsonObject object;
  object.set("service_id", service.service.text()).set("name", service.name);
  if (const auto* latest = latestOf(service.variants)) {
    object.set("latest_version", latest->release.version.text());
  } else {
    object.setNull("latest_version");
  }
  return object.set("variants", variants);
}

// "a, b, c" without repetition, at most a screenful.
template <class Name>
std::string listed(const std::vector<HubVariant>& variants, Name name) {
  constexpr std::size_t kShown = 10;
  std::vector<std::string> names;
  for (const auto& variant : variants) {
    if (std::find(names.begin(), names.end(), name(variant)) == names.end()) names.push_back(name(variant));
  }
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > kShown ? text + ", …" : names.empty() ? "none" : text;
}

std::string platformsOf(const std::vector<HubVariant>& variants) {
  return listed(variants, [](const HubVariant& variant) { return variant.release.platform.text(); });
}
std::string versionsOf(const std::vector<HubVariant>& variants) {
  return listed(variants, [](const HubVariant& variant) { return variant.release.version.text(); });
}

Error unknownService(const ServiceId& wanted, const std::vector<HubService>& services) {
  Error error(ErrorCode::NotFound, "the hub has no service " + wanted.text());
  constexpr std::size_t kShown = 10;
  std::string known;
  for (std::size_t i = 0; i < services.size() && i < kShown; ++i) known += (i == 0 ? "" : ", ") + services[i].service.text();
  if (services.size() > kShown) known += ", …";
  if (!known.empty()) error.withHint("it has: " + known);
  return error;
}

// The best of `variants` for one platform.
const HubVariant* bestFor(const std::vector<HubVariant>& variants, std::string_view platform,
                          const std::optional<SemVer>& version, bool prereleases) {
  const HubVariant* best = nullptr;
  for (const auto& variant : variants) {
    if (variant.release.platform.text() != platform) continue;
    if (version ? variant.release.version != *version : variant.release.version.isPrerelease() && !prereleases) continue;
    if (!best || isNewer(variant, *best)) best = &variant;
  }
  return best;
}

}  // namespace

std::string ArtifactSignature::payload(const Release& release, const Digest& sha256) {
  JsonObject sorted;
  sorted.set("platform", release.platform.text()).set("service_id", release.service.text());
  return sorted.set("sha256", sha256.hex()).set("version", release.version.text()).text();
}

Result<ArtifactSignature> ArtifactSignature::parse(const Json& value) {
  TENON_TRY(const auto alg, value.member("alg"));
  TENON_TRY(const auto algText, alg.string());
  if (algText != "ed25519") return alg.wrong("expected \"ed25519\"");
  TENON_TRY(auto keyId, stringMember(value, "key_id"));
  TENON_TRY(auto valueBase64, stringMember(value, "value_b64"));
  TENON_TRY(const auto payload, value.member("signed_payload"));
  TENON_TRY(auto service, memberAs<ServiceId>(payload, "service_id"));
  TENON_TRY(auto version, memberAs<SemVer>(payload, "version"));
  TENON_TRY(auto platform, memberAs<PlatformId>(payload, "platform"));
  TENON_TRY(const auto sha256, memberAs<Digest>(payload, "sha256"));
  return ArtifactSignature{
      std::move(keyId), std::move(valueBase64), {std::move(service), std::move(version), std::move(platform)}, sha256};
}

JsonObject ArtifactSignature::toJson() const {
  JsonObject object;
  object.set("alg", "ed25519").set("key_id", keyId).set("value_b64", valueBase64);
  return object.set("signed_payload", payloadObject(release, sha256));
}

Result<HubVariant> HubVariant::parse(const ServiceId& service, const Json& value) {
  TENON_TRY(auto version, memberAs<SemVer>(value, "version"));
  TENON_TRY(auto platform, memberAs<PlatformId>(value, "platform"));
  TENON_TRY(const auto artifact, value.member("artifact"));
  if (const auto type = artifact.find("type"); isPresent(type)) {
    TENON_TRY(const auto typeText, type->string());
    if (typeText != "zip") return type->wrong("expected \"zip\"");
  }
  TENON_TRY(auto url, stringMember(artifact, "url"));
  TENON_TRY(const auto sha256, memberAs<Digest>(artifact, "sha256"));
  TENON_TRY(const auto size, integerMember(artifact, "size_bytes", 0, kMaxInteger));
  std::string etag;
  if (const auto given = artifact.find("etag"); isPresent(given)) {
    TENON_TRY(etag, given->string());
  }
  std::optional<ArtifactSignature> signature;
  if (const auto given = value.find("signature"); isPresent(given)) {
    TENON_TRY(signature, ArtifactSignature::parse(*given));
  }
  return HubVariant{{service, std::move(version), std::move(platform)},
                    std::move(url),
                    sha256,
                    static_cast<std::uint64_t>(size),
                    std::move(etag),
                    std::move(signature)};
}

JsonObject HubVariant::toJson() const {
  JsonObject artifact;
  artifact.set("type", "zip").set("url", url).set("sha256", sha256.hex()).set("size_bytes", sizeBytes).set("etag", etag);
  JsonObject object;
  object.set("version", release.version.text()).set("platform", release.platform.text()).set("artifact", artifact);
  return signature ? object.set("signature", signature->toJson()) : object.setNull("signature");
}

Result<HubIndex> HubIndex::parse(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text));
  TENON_TRY(const auto list, document.member("services"));
  TENON_TRY(const auto items, list.array());
  HubIndex index;
  for (const auto& item : items) {
    TENON_TRY(auto service, readService(item));
    index.services.push_back(std::move(service));
  }
  return index;
}

std::string HubIndex::toJson() const {
  JsonArray list;
  for (const auto& service : services) list.add(objectOf(service));
  return JsonObject().set("services", list).text();
}

Result<HubVariant> HubIndex::choose(const ReleaseSpec& wanted, const std::vector<std::string>& platforms) const {
  const auto service =
      std::find_if(services.begin(), services.end(), [&](const HubService& each) { return each.service == wanted.service; });
  if (service == services.end()) return unknownService(wanted.service, services);
  const auto& variants = service->variants;
  for (const bool prereleases : {false, true}) {
    for (const auto& platform : platforms) {
      if (const auto* best = bestFor(variants, platform, wanted.version, prereleases)) return *best;
    }
  }
  std::string ours;
  for (const auto& platform : platforms) ours += (ours.empty() ? "" : ", ") + platform;
  std::vector<HubVariant> candidates = variants;
  if (wanted.version)
    std::erase_if(candidates, [&](const HubVariant& variant) { return variant.release.version != *wanted.version; });
  if (candidates.empty()) {
    const std::string what =
        wanted.version ? wanted.service.text() + " " + wanted.version->text() : "release of " + wanted.service.text();
    return Error(ErrorCode::NotFound, "the hub has no " + what).withHint("versions there: " + versionsOf(variants));
  }
  const std::string what = wanted.service.text() + (wanted.version ? " " + wanted.version->text() : "");
  return Error(ErrorCode::PlatformUnsupported, what + " is not made for this node (" + ours + ")")
      .withHint("it is made for " + platformsOf(candidates));
}

}  // namespace tenon::host
