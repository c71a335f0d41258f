#include "host/driver/ServiceFolder.h"

#include <utility>

#include "host/base/Limits.h"
#include "host/contract/release/PackageManifest.h"

namespace tenon::host {

Result<ServiceFolder> ServiceFolder::read(Files& files, const Path& folder, const std::vector<std::string>& platforms) {
  const Path file = folder / kServiceJsonName;
  TENON_TRY(const auto text, files.readAll(file, limits::kServiceJsonBytes));
  TENON_TRY(auto manifest, withContext(file.text(), ServiceManifest::parse(text)));
  TENON_TRY(auto platform, manifest.platformFor(platforms));
  return ServiceFolder{folder, std::move(manifest), std::move(platform), platforms};
}

PlanRequest ServiceFolder::request() const {
  return PlanRequest::of({manifest.service, manifest.version, platform}, variant(), folder, platforms);
}

}  // namespace tenon::host
