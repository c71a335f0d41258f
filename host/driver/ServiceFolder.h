// A service as it lies in its author's folder, as this machine would run it: for `tenon run` and the conformance kit, which
// need no package. A value.
#pragma once

#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/driver/Driver.h"

namespace tenon::host {

struct ServiceFolder {
  Path folder;
  ServiceManifest manifest;
  PlatformId platform;                 // the first of the node's that it is made for
  std::vector<std::string> platforms;  // the node's

  // Errors name the file: not-found, those of service.json, platform-unsupported.
  static Result<ServiceFolder> read(Files& files, const Path& folder, const std::vector<std::string>& platforms);

  const PlatformVariant& variant() const { return manifest.platforms.at(platform.text()); }
  // By service.json alone: nothing of a node's settings.
  PlanRequest request() const;
};

}  // namespace tenon::host
