#include "host/contract/CurrentRelease.h"

#include <utility>

#include "host/contract/JsonValues.h"

namespace tenon::host {
namespace {

constexpr std::int64_t kMaxAttempts = 1'000'000;
constexpr Choices<CurrentRelease::State, 2> kReleaseStates{
    {{"trial", CurrentRelease::State::Trial}, {"good", CurrentRelease::State::Good}}};
constexpr std::string_view kHashMember = "sha256";

JsonObject bodyOf(const CurrentRelease& current) {
  JsonObject body;
  body.set("service_id", current.service.text());
  body.set("generation", current.generation);
  current.release.writeTo(body);
  body.set("state", nameOf(current.state, kReleaseStates));
  if (current.previous) {
    JsonObject previous;
    current.previous->writeTo(previous);
    body.set("previous", previous);
  } else {
    body.setNull("previous");
  }
  body.set("attempts", current.attempts);
  return body;
}

Result<void> checkHash(const Json& document, HashFunction hash) {
  TENON_TRY(const auto members, document.members());
  TENON_TRY(const auto stated, document.member(kHashMember));
  TENON_TRY(const auto statedText, stated.string());
  JsonObject body;
  for (const auto& [name, value] : members) {
    if (name != kHashMember) body.set(name, value);
  }
  if (hash(body.text()).hex() != statedText) return stated.wrong("the hash does not match: the file was changed or torn");
  return {};
}

Result<CurrentRelease> readCurrent(const Json& document, const ServiceId& expected) {
  TENON_TRY(const auto service, document.member("service_id"));
  TENON_TRY(const auto serviceText, service.string());
  if (serviceText != expected.text()) return service.wrong("this file is of another service, not of " + expected.text());
  TENON_TRY(const auto generation, integerMember(document, "generation", 0, kMaxInteger));
  TENON_TRY(auto release, InstalledRelease::parse(document));
  TENON_TRY(const auto stateValue, document.member("state"));
  TENON_TRY(const auto state, choiceOf(stateValue, kReleaseStates));
  std::optional<InstalledRelease> previous;
  if (const auto value = document.find("previous"); isPresent(value)) {
    TENON_TRY(previous, InstalledRelease::parse(*value));
  }
  TENON_TRY(const auto attempts, document.integerOr("attempts", 0, 0, kMaxAttempts));
  return CurrentRelease{expected,
                        static_cast<std::uint64_t>(generation),
                        std::move(release),
                        state,
                        std::move(previous),
                        static_cast<int>(attempts)};
}

Result<CurrentRelease> readChecked(std::string_view text, const ServiceId& expected, HashFunction hash) {
  TENON_TRY(const auto document, Json::parse(text));
  TENON_CHECK(checkHash(document, hash));
  return readCurrent(document, expected);
}

}  // namespace

Result<InstalledRelease> InstalledRelease::parse(const Json& value) {
  TENON_TRY(auto version, memberAs<SemVer>(value, "version"));
  TENON_TRY(auto platform, memberAs<PlatformId>(value, "platform"));
  TENON_TRY(const auto digest, memberAs<Digest>(value, "manifest_sha256"));
  return InstalledRelease{std::move(version), std::move(platform), digest};
}

void InstalledRelease::writeTo(JsonObject& object) const {
  object.set("version", version.text()).set("platform", platform.text()).set("manifest_sha256", manifestSha256.hex());
}

std::string CurrentRelease::text(HashFunction hash) const {
  JsonObject body = bodyOf(*this);
  return body.set(kHashMember, hash(body.text()).hex()).pretty();
}

Result<CurrentRelease> CurrentRelease::parse(std::string_view text, const ServiceId& expected, HashFunction hash) {
  return withContext("current.json", formatFaultAs(ErrorCode::StateCorrupt, readChecked(text, expected, hash)));
}

}  // namespace tenon::host
