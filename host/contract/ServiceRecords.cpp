#include "host/contract/ServiceRecords.h"

#include <algorithm>
#include <array>
#include <utility>

#include "host/base/Json.h"
#include "host/contract/JsonValues.h"
#include "host/contract/release/PackagePath.h"
#include "host/contract/service/LaunchPlan.h"

namespace tenon::host {
namespace {

constexpr std::array<std::string_view, 6> kOperations{"install", "activate", "upgrade", "rollback", "remove", "purge"};

// Reads one record file: whatever is wrong with it is state-corrupt, and says which file.
template <class T, class Read>
Result<T> parseRecord(const char* file, std::string_view text, Read read) {
  const auto readAll = [&]() -> Result<T> {
    TENON_TRY(const auto document, Json::parse(text));
    if (!document.isObject()) return document.wrong("expected an object");
    return read(document);
  };
  return withContext(file, formatFaultAs(ErrorCode::StateCorrupt, readAll()));
}

JsonObject objectOf(const InstalledRelease& release) {
  JsonObject object;
  release.writeTo(object);
  return object;
}

Result<ServicePolicy> readPolicy(const Json& document) {
  ServicePolicy policy;
  const auto env = document.find("env");
  if (!env) return policy;
  TENON_TRY(const auto members, env->members());
  if (members.size() > limits::kEnvironmentEntries) return env->wrong("more variables than a service may have");
  for (const auto& [name, value] : members) {
    if (!isEnvironmentName(name)) return value.wrong("no name of an environment variable");
    TENON_TRY(policy.env[name], value.string());
  }
  return policy;
}

Result<RefusedReleases> readRefused(const Json& document) {
  RefusedReleases refused;
  TENON_TRY(const auto list, document.member("releases"));
  TENON_TRY(const auto items, list.array());
  for (const auto& item : items) {
    TENON_TRY(auto release, InstalledRelease::parse(item));
    TENON_TRY(auto why, item.stringOr("why", ""));
    TENON_TRY(const auto change, item.integerOr("change", 0, 0, kMaxInteger));
    refused.releases.push_back({std::move(release.version), std::move(release.platform), release.manifestSha256,
                                std::move(why), static_cast<std::uint64_t>(change)});
  }
  return refused;
}

Result<JournalRecord> readJournal(const Json& document) {
  JournalRecord journal;
  TENON_TRY(const auto change, integerMember(document, "change", 0, kMaxInteger));
  journal.change = static_cast<std::uint64_t>(change);
  TENON_TRY(const auto operation, document.member("operation"));
  TENON_TRY(journal.operation, operation.string());
  if (std::find(kOperations.begin(), kOperations.end(), journal.operation) == kOperations.end()) {
    return operation.wrong("an operation that this version does not know");
  }
  if (const auto to = document.find("to"); isPresent(to)) {
    TENON_TRY(journal.to, InstalledRelease::parse(*to));
  }
  if (const auto staging = document.find("staging")) {
    TENON_TRY(journal.staging, staging->string());
    // Recovery removes that folder: it must be one name, and no way out of _staging/.
    const bool oneName = journal.staging.find('/') == std::string::npos && checkPackagePath(journal.staging);
    if (!journal.staging.empty() && !oneName) return staging->wrong("expected the name of a folder");
  }
  return journal;
}

Result<InstalledIndex> readInstalled(const Json& document) {
  InstalledIndex index;
  TENON_TRY(const auto members, document.members());
  for (const auto& [key, value] : members) {
    TENON_TRY(auto release, InstalledRelease::parse(value));
    if (key != InstalledIndex::key(release)) return value.wrong("the key is not the release's version::platform");
    index.releases.emplace(key, std::move(release));
  }
  return index;
}

}  // namespace

Result<WantedState> WantedState::parse(std::string_view text) {
  return parseRecord<WantedState>("wanted.json", text, [](const Json& document) -> Result<WantedState> {
    TENON_TRY(const auto member, document.member("running"));
    TENON_TRY(const auto value, member.boolean());
    return WantedState{value};
  });
}
std::string WantedState::toJson() const { return JsonObject().set("running", running).pretty(); }

Result<ServicePolicy> ServicePolicy::parse(std::string_view text) {
  return parseRecord<ServicePolicy>("policy.json", text, readPolicy);
}
std::string ServicePolicy::toJson() const {
  JsonObject variables;
  for (const auto& [name, value] : env) variables.set(name, value);
  return JsonObject().set("env", variables).pretty();
}

bool RefusedReleases::contains(const Digest& manifestSha256) const {
  return std::any_of(releases.begin(), releases.end(),
                     [&](const RefusedRelease& release) { return release.manifestSha256 == manifestSha256; });
}
Result<RefusedReleases> RefusedReleases::parse(std::string_view text) {
  return parseRecord<RefusedReleases>("refused.json", text, readRefused);
}
std::string RefusedReleases::toJson() const {
  JsonArray list;
  for (const auto& refused : releases) {
    auto object = objectOf({refused.version, refused.platform, refused.manifestSha256});
    list.add(object.set("why", refused.why).set("change", refused.change));
  }
  return JsonObject().set("releases", list).pretty();
}

Result<JournalRecord> JournalRecord::parse(std::string_view text) {
  return parseRecord<JournalRecord>("journal.json", text, readJournal);
}
std::string JournalRecord::toJson() const {
  JsonObject object;
  object.set("change", change).set("operation", operation);
  if (to) object.set("to", objectOf(*to));
  return object.set("staging", staging).pretty();
}

Result<InstalledIndex> InstalledIndex::parse(std::string_view text) {
  return parseRecord<InstalledIndex>("installed.json", text, readInstalled);
}
std::string InstalledIndex::toJson() const {
  JsonObject object;
  for (const auto& [key, release] : releases) object.set(key, objectOf(release));
  return object.pretty();
}

}  // namespace tenon::host
