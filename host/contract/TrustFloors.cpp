#include "host/contract/TrustFloors.h"

#include <charconv>

#include "host/contract/JsonValues.h"

namespace tenon::host {
namespace {

// MANIFEST's sequence has 64 bits, JSON's integers 63: it is written as text.
Result<std::uint64_t> sequenceMember(const Json& row) {
  TENON_TRY(const auto value, row.member("sequence"));
  TENON_TRY(const auto text, value.string());
  std::uint64_t sequence = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), sequence);
  if (failed != std::errc() || end != text.data() + text.size()) return value.wrong("expected a number as text");
  return sequence;
}

Result<IndexFloor> parseIndexFloor(const Json& row) {
  TENON_TRY(auto platform, memberAs<PlatformId>(row, "platform"));
  IndexFloor floor{.platform = std::move(platform)};
  TENON_TRY(floor.sequence, sequenceMember(row));
  TENON_TRY(floor.sha256, memberAs<Digest>(row, "sha256"));
  TENON_TRY(const auto issued, stringMember(row, "issued"));
  TENON_TRY(floor.issued, parseTime(issued));
  TENON_TRY(floor.signedBy, row.stringsOr("signed_by", {}));
  return floor;
}

Result<ReleaseFloor> parseReleaseFloor(const Json& row) {
  TENON_TRY(auto service, memberAs<ServiceId>(row, "service"));
  TENON_TRY(auto platform, memberAs<PlatformId>(row, "platform"));
  TENON_TRY(const auto sequence, sequenceMember(row));
  TENON_TRY(auto version, memberAs<SemVer>(row, "version"));
  return ReleaseFloor{std::move(service), std::move(platform), sequence, std::move(version)};
}

Result<TrustFloors> readFloors(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text));
  TrustFloors floors;
  TENON_TRY(const auto indexList, document.member("indexes"));
  TENON_TRY(const auto indexes, indexList.array());
  for (const auto& row : indexes) {
    TENON_TRY(auto floor, parseIndexFloor(row));
    floors.indexes.push_back(std::move(floor));
  }
  TENON_TRY(const auto releaseList, document.member("releases"));
  TENON_TRY(const auto releases, releaseList.array());
  for (const auto& row : releases) {
    TENON_TRY(auto floor, parseReleaseFloor(row));
    floors.releases.push_back(std::move(floor));
  }
  return floors;
}

}  // namespace

bool ReleaseFloor::isBelow(const ReleaseFloor& other) const {
  if (sequence != other.sequence) return sequence < other.sequence;
  return version.precedence(other.version) < 0;
}

const IndexFloor* TrustFloors::index(const PlatformId& platform) const {
  const auto found =
      std::find_if(indexes.begin(), indexes.end(), [&](const auto& floor) { return floor.platform == platform; });
  return found == indexes.end() ? nullptr : &*found;
}

const ReleaseFloor* TrustFloors::release(const ServiceId& service, const PlatformId& platform) const {
  const auto found = std::find_if(releases.begin(), releases.end(),
                                  [&](const auto& floor) { return floor.service == service && floor.platform == platform; });
  return found == releases.end() ? nullptr : &*found;
}

bool TrustFloors::knows(const ServiceId& service) const {
  return std::any_of(releases.begin(), releases.end(), [&](const auto& floor) { return floor.service == service; });
}

void TrustFloors::put(IndexFloor floor) {
  std::erase_if(indexes, [&](const auto& each) { return each.platform == floor.platform; });
  indexes.push_back(std::move(floor));
}

bool TrustFloors::raise(const ReleaseFloor& floor) {
  for (auto& each : releases) {
    if (each.service != floor.service || each.platform != floor.platform) continue;
    const bool higher = each.isBelow(floor);
    if (higher) each = floor;
    return higher;
  }
  releases.push_back(floor);
  return true;
}

Result<TrustFloors> TrustFloors::parse(std::string_view text) {
  return withContext("floors.json", formatFaultAs(ErrorCode::StateCorrupt, readFloors(text)));
}

std::string TrustFloors::toJson() const {
  JsonArray indexRows, releaseRows;
  for (const auto& floor : indexes) {
    JsonObject row;
    row.set("platform", floor.platform.text()).set("sequence", std::to_string(floor.sequence));
    row.set("sha256", floor.sha256.hex()).set("issued", formatTime(floor.issued)).set("signed_by", floor.signedBy);
    indexRows.add(row);
  }
  for (const auto& floor : releases) {
    JsonObject row;
    row.set("service", floor.service.text()).set("platform", floor.platform.text());
    releaseRows.add(row.set("sequence", std::to_string(floor.sequence)).set("version", floor.version.text()));
  }
  return JsonObject().set("indexes", indexRows).set("releases", releaseRows).pretty();
}

}  // namespace tenon::host
