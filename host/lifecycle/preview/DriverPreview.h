// What another driver would make of the services that are here, beside the plans that they run by. Those stay as they are,
// whatever is installed: a service is planned anew when a release of it is installed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/lifecycle/Life.h"

namespace tenon::host {

struct PlanDifference {
  std::string member;         // of the plan: "args"
  std::string before, after;  // JSON; "" where it is absent
};

struct DriverPreview {
  ServiceId service;
  SemVer version;
  std::string plannedBy;  // "python 0.1.0"; "" where no plan is stored
  std::vector<PlanDifference> differences;
  std::optional<Error> problem;  // why it would not be planned

  JsonObject toJson() const;
};

// For each service whose current release the driver would be chosen for, by its exec type and its pin; by id.
std::vector<DriverPreview> previewDriver(const LifeCollaborators& with, Driver& driver);

}  // namespace tenon::host
