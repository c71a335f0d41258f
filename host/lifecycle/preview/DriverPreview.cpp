#include "host/lifecycle/preview/DriverPreview.h"

#include <algorithm>
#include <set>

#include "host/contract/Change.h"

namespace tenon::host {

namespace {

// Who made it differs, of course.
bool isOfThePlan(const std::string& member) {
  constexpr std::string_view kOthers[] = {"schema", "driver", "driver_version"};
  return std::find(std::begin(kOthers), std::end(kOthers), member) == std::end(kOthers);
}

std::vector<PlanDifference> differencesOf(const LaunchPlan& before, const LaunchPlan& after) {
  std::vector<PlanDifference> found;
  const auto old = Json::parse(before.toJson()), made = Json::parse(after.toJson());
  if (!old || !made) return found;
  std::set<std::string> members;
  for (const auto& plan : {*old, *made}) {
    const auto all = plan.members().value_or(std::vector<std::pair<std::string, Json>>{});
    for (const auto& [key, value] : all) members.insert(key);
  }
  const auto textOf = [](const Json& plan, const std::string& member) {
    const auto value = plan.find(member);
    return value ? value->text() : "";
  };
  for (const auto& member : members) {
    PlanDifference difference{member, textOf(*old, member), textOf(*made, member)};
    if (isOfThePlan(member) && difference.before != difference.after) found.push_back(std::move(difference));
  }
  return found;
}

// Nothing, where the driver is none for this service.
Result<std::optional<DriverPreview>> previewOf(const LifeCollaborators& with, const ServiceDisk& disk,
                                               const InstalledRelease& release, Driver& driver) {
  DriverPreview preview{disk.service(), release.version, "", {}, std::nullopt};
  TENON_TRY(const auto manifest, with.packages.manifestOf(disk.service(), release));
  TENON_TRY(const auto* variant, manifest.variant(release.platform));
  TENON_TRY(const bool chosen, DriverCatalog::fits(driver.manifest(), variant->execType, variant->driverPin));
  if (!chosen) return std::optional<DriverPreview>();
  const auto stored = disk.store.plan(release);
  if (stored) preview.plannedBy = stored->driver + " " + stored->driverVersion;
  const auto made = [&]() -> Result<LaunchPlan> {
    TENON_TRY(const auto found, driver.fingerprint());
    const auto request = PlanRequest::of({disk.service(), release.version, release.platform}, *variant,
                                         disk.store.layout().release(release), with.platforms);
    return driver.plan(request, found);
  }();
  if (!made) preview.problem = made.error();
  if (made && stored) preview.differences = differencesOf(*stored, *made);
  return std::optional(std::move(preview));
}

}  // namespace

JsonObject DriverPreview::toJson() const {
  JsonArray rows;
  for (const auto& difference : differences) {
    JsonObject row;
    row.set("member", difference.member).set("before", difference.before).set("after", difference.after);
    rows.add(row);
  }
  JsonObject object;
  object.set("service_id", service.text()).set("version", version.text()).set("planned_by", plannedBy);
  object.set("differences", rows);
  if (problem) object.set("problem", host::toJson(*problem));
  return object;
}

std::vector<DriverPreview> previewDriver(const LifeCollaborators& with, Driver& driver) {
  std::vector<DriverPreview> previews;
  for (const auto& row : with.registry.all()) {
    if (!row.current) continue;
    const ServiceDisk disk(with, row.service);
    auto preview = previewOf(with, disk, row.current->release, driver);
    if (!preview) {
      previews.push_back({row.service, row.current->release.version, "", {}, preview.error()});
    } else if (*preview) {
      previews.push_back(**std::move(preview));
    }
  }
  return previews;
}

}  // namespace tenon::host
