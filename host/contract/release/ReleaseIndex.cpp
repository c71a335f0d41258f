#include "host/contract/release/ReleaseIndex.h"

#include "host/contract/JsonValues.h"

namespace tenon::host {
namespace {

constexpr std::string_view kType = "tenon-index";
constexpr std::size_t kReleaseMembers = 7;

Result<WallTime> timeMember(const Json& object, std::string_view key) {
  TENON_TRY(const auto value, object.member(key));
  TENON_TRY(const auto text, value.string());
  auto time = parseTime(text);
  if (!time) return value.wrong(time.error().message());
  return time;
}

Result<IndexedRelease> parseIndexed(const Json& row) {
  TENON_TRY(const auto members, row.members());
  if (members.size() != kReleaseMembers) return row.wrong("expected exactly the members of a release");
  TENON_TRY(auto service, memberAs<ServiceId>(row, "service"));
  TENON_TRY(auto version, memberAs<SemVer>(row, "version"));
  TENON_TRY(auto channel, stringMember(row, "channel"));
  if (!isChannel(channel)) return row.member("channel")->wrong("no name of a channel");
  TENON_TRY(const auto size, integerMember(row, "size_bytes", 1, static_cast<std::int64_t>(limits::kZipBytes)));
  TENON_TRY(const auto zip, memberAs<Digest>(row, "sha256"));
  TENON_TRY(const auto manifest, memberAs<Digest>(row, "manifest_sha256"));
  TENON_TRY(const auto yankedMember, row.member("yanked"));
  TENON_TRY(const auto yanked, yankedMember.boolean());
  return IndexedRelease{
      std::move(service), std::move(version), std::move(channel), static_cast<std::uint64_t>(size), zip, manifest, yanked};
}

bool isBefore(const IndexedRelease& a, const IndexedRelease& b) {
  if (a.service != b.service) return a.service < b.service;
  return a.version.text() < b.version.text();
}

// A prerelease comes before whatever is none, and else the version decides.
bool isWorse(const IndexedRelease& a, const IndexedRelease& b) {
  if (a.version.isPrerelease() != b.version.isPrerelease()) return a.version.isPrerelease();
  return a.version.precedence(b.version) < 0;
}

Error nothingToOffer(const ReleaseSpec& wanted, const std::string& platform, const std::string& others) {
  const std::string what = wanted.service.text() + (wanted.version ? " " + wanted.version->text() : std::string());
  Error error(ErrorCode::NotFound, "the index for " + platform + " offers no " + what);
  return others.empty() ? error : error.withHint("it has " + others);
}

}  // namespace

bool isChannel(std::string_view text) {
  return !text.empty() && text.size() <= limits::kChannelBytes && text.front() != '-' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string downloadUrl(const Release& release) {
  return "/storage/services/" + release.service.text() + "/" + release.version.text() + "/" + release.platform.text() +
         "/service.zip";
}

Result<ReleaseIndex> ReleaseIndex::parse(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text));
  TENON_TRY(const auto type, stringMember(document, "type"));
  if (type != kType) return document.member("type")->wrong("expected " + std::string(kType));
  TENON_TRY(auto platform, memberAs<PlatformId>(document, "platform"));
  ReleaseIndex index{.platform = std::move(platform)};
  TENON_TRY(const auto sequence, integerMember(document, "sequence", 1, kMaxInteger));
  index.sequence = static_cast<std::uint64_t>(sequence);
  TENON_TRY(index.issued, timeMember(document, "issued"));
  TENON_TRY(index.expires, timeMember(document, "expires"));
  TENON_TRY(const auto list, document.member("releases"));
  TENON_TRY(const auto rows, list.array());
  for (const auto& row : rows) {
    TENON_TRY(auto release, parseIndexed(row));
    if (!index.releases.empty() && !isBefore(index.releases.back(), release)) return row.wrong("not in order, or twice");
    index.releases.push_back(std::move(release));
  }
  if (index.text() != text) {
    return Error(ErrorCode::FormatInvalid, "the index is not written as it must be: one content has one text");
  }
  return index;
}

std::string ReleaseIndex::text() const {
  JsonArray rows;
  for (const auto& each : releases) {
    JsonObject row;
    row.set("service", each.service.text()).set("version", each.version.text()).set("channel", each.channel);
    row.set("size_bytes", each.sizeBytes).set("sha256", each.sha256.hex());
    rows.add(row.set("manifest_sha256", each.manifestSha256.hex()).set("yanked", each.yanked));
  }
  JsonObject document;
  document.set("type", kType).set("platform", platform.text()).set("sequence", sequence);
  document.set("issued", formatTime(issued)).set("expires", formatTime(expires)).set("releases", rows);
  return document.pretty();
}

Result<IndexedRelease> ReleaseIndex::choose(const ReleaseSpec& wanted, const Withdrawn& withdrawn) const {
  const IndexedRelease* best = nullptr;
  std::string others;
  for (const auto& each : releases) {
    if (each.service != wanted.service) continue;
    if (wanted.version && each.version == *wanted.version) {
      if (!each.yanked) return each;
      return Error(ErrorCode::ReleaseRevoked, each.service.text() + " " + each.version.text() + " was yanked from the hub")
          .withHint("install a newer version; tenon install " + each.service.text() + " takes the newest");
    }
    if (each.yanked || withdrawn(each)) continue;
    others += (others.empty() ? "" : ", ") + each.version.text();
    if (wanted.version || each.channel != kStableChannel) continue;
    if (best == nullptr || isWorse(*best, each)) best = &each;
  }
  if (best == nullptr) return nothingToOffer(wanted, platform.text(), others);
  return *best;
}

}  // namespace tenon::host
