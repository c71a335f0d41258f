// A runtime driver as the host sees it: whichever plugin answers an exec type, wherever its code runs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/base/Json.h"
#include "host/base/Path.h"
#include "host/base/Result.h"
#include "host/contract/Digest.h"
#include "host/contract/release/Release.h"
#include "host/contract/service/LaunchPlan.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/trust/VendorKeys.h"

namespace tenon::host {

// <stem>.plugin.json (tenon.plugin/1): read before any code of the plugin runs.
struct PluginManifest {
  std::string name, version;
  std::string family;                 // "runtime-driver" or "platform-adapter"
  std::vector<std::string> provides;  // exec types or platforms
  int abiMajor = 0, abiMinorMin = 0;
  std::optional<Digest> sha256;                               // of the library; a signed manifest has one
  std::string title() const { return name + " " + version; }  // "python 0.1.0"
  Result<PluginClaim> claim() const;                          // what a vendor's key is asked about

  // Error: format-invalid, with member and line.
  static Result<PluginManifest> parse(std::string_view text);
};

// tenon.fingerprint/1: what the driver found on this machine.
struct Fingerprint {
  enum class Health { Healthy, Undetected, Unhealthy };
  Health health = Health::Undetected;
  std::string why;  // one line, where it is not healthy
  std::map<std::string, std::string> attributes;
};

struct PlanRequest {
  Release release;
  Path packageDir;  // the unpacked release: read-only
  Json exec;        // service.json's block, as written
  std::string entrypoint;
  std::optional<std::uint64_t> memoryMb;
  std::vector<std::string> platforms;     // of the adapter
  bool systemRuntime = true;              // may services use runtimes that are installed on the node?
  Environment env = {};                   // ServiceManifest::environmentForDrivers
  Isolation isolation = Isolation::None;  // that it will run with

  // Of a release whose service.json says this.
  static PlanRequest of(Release release, const PlatformVariant& variant, Path packageDir,
                        std::vector<std::string> platforms) {
    return {.release = std::move(release),
            .packageDir = std::move(packageDir),
            .exec = variant.exec,
            .entrypoint = variant.entrypoint,
            .memoryMb = variant.resources.memoryMb,
            .platforms = std::move(platforms)};
  }
};

class Driver {
 public:
  virtual ~Driver() = default;
  virtual const PluginManifest& manifest() const = 0;
  // "in-process" or "isolated"
  virtual std::string_view hosting() const = 0;
  // Why it is not called for now; nothing where it is.
  virtual std::optional<std::string> quarantined() const { return std::nullopt; }
  // Any thread. Looks at the machine; the catalogue repeats it.
  virtual Result<Fingerprint> fingerprint() = 0;
  // Any thread. Same request and fingerprint, same plan. Error: plan-invalid with the field of service.json that is wrong,
  // resource-missing where the runtime is not here, driver-crashed, driver-quarantined.
  virtual Result<LaunchPlan> plan(const PlanRequest& request, const Fingerprint& fingerprint) = 0;
};

}  // namespace tenon::host
