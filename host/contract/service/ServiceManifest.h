// service.json [origin]: what a service is and how one platform runs it. Unknown members are kept out of the way, not
// refused; wrong ones are refused with their path and line. Shape: sdk/schemas/service.json; the flat form is read as what
// it means in this one (FlatForm.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/Clock.h"
#include "host/base/Json.h"
#include "host/contract/release/Release.h"
#include "host/contract/service/EndpointPolicy.h"
#include "host/contract/service/LaunchPlan.h"
#include "host/contract/service/ModelReference.h"

namespace tenon::host {

struct HealthCheck {
  enum class Type { Http, Tcp, Exec, None };
  Type type = Type::Http;
  std::string endpoint = "/health";      // http: path; exec: program in the package
  std::string liveEndpoint;              // http: path that a process which hangs does not answer; empty: not asked
  int expectFrom = 200, expectTo = 399;  // http statuses that count as healthy
  Millis timeout{3000};
  Millis startupGrace{20000};
  Millis interval{5000};
  int unhealthyAfter = 3;  // failures in a row
};

struct RestartPolicy {
  enum class When { Always, OnFailure, Never };
  When when = When::Always;
  Millis backoff{200};
  Millis backoffMax{60000};
  int maxRestarts = 0;  // within `window`; 0: no limit
  Millis window{600000};
};

struct StopPolicy {
  std::string signal = "TERM";
  Millis grace{10000};
};

struct UpgradePolicy {
  enum class Strategy { Cold, Warm };
  Strategy strategy = Strategy::Cold;
  Millis probation{5000};
  Millis drain{10000};
};

struct Resources {
  static Result<Resources> parse(const Json& value);  // what service.json has as resources; format-invalid

  std::optional<std::uint64_t> memoryMb, gpuMemoryMb, pids, openFiles;
  std::optional<double> cpus;
};

// How far a service is kept to itself (docs/isolation.md); more is greater.
enum class Isolation { None, Standard, Strict };
std::string_view name(Isolation level);
std::optional<Isolation> isolationNamed(std::string_view text);

struct ServiceDependency {
  ServiceId service;
  SemVerRange version;
};

struct PlatformVariant {
  explicit PlatformVariant(Json block) : exec(std::move(block)) {}
  static Result<PlatformVariant> parse(const Json& value);  // format-invalid

  Json exec;  // the driver's own block; "type" is read here
  std::string execType;
  std::string entrypoint;
  std::optional<std::string> driverPin;  // "acme.python@^2"
  std::optional<std::uint16_t> defaultPort;
  bool fixedPort = false;                      // the service listens at its default port alone, whatever it is told
  std::map<std::string, std::uint16_t> ports;  // further ones, by name
  std::vector<std::string> filesRequired, filesOptional, filesExecutable;  // paths; a folder ends in '/'; executable: globs
  Resources resources;
};

struct EnvironmentVariable {
  std::string type = "string";           // string, integer, number, boolean
  std::optional<std::string> otherwise;  // "default"
  bool required = false;
};

// How much of what a service writes is kept.
struct LogPolicy {
  std::uint64_t maxBytes = limits::kServiceLogBytes;  // of the file before it is rotated; at least 64 KiB
  std::uint32_t archives = limits::kLogArchives;      // rotated parts; at least 1
};

struct ServiceManifest {
  ServiceManifest(ServiceId id, SemVer number) : service(std::move(id)), version(std::move(number)) {}

  ServiceId service;
  SemVer version;
  std::string name;
  std::map<std::string, PlatformVariant> platforms;  // by platform id
  HealthCheck health;
  std::map<std::string, EnvironmentVariable> envSchema;
  Environment env;
  RestartPolicy restart;
  StopPolicy stop;
  UpgradePolicy upgrade;
  std::optional<EndpointPolicy> endpoint;
  std::vector<ServiceDependency> requires_;
  std::vector<ModelReference> models;
  Isolation isolation = Isolation::Standard;
  LogPolicy logs;

  // Error: format-invalid with path and line.
  static Result<ServiceManifest> parse(std::string_view text);
  // All that parse() finds wrong, each with field and place: one fault of each member of the document, one of each platform.
  static std::vector<Error> faults(std::string_view text);
  // platform-unsupported, naming those that there are.
  Result<const PlatformVariant*> variant(const PlatformId& platform) const;
  // What a driver is told of the environment, unexpanded: what stands in service.json, and of what the node's owner set
  // (`tenon set`) the search paths (…PATH) alone, since the rest may be secret.
  Environment environmentForDrivers(const Environment& node) const;
  // The first of a node's platforms (best first, not empty) that it is made for. Error: as of variant().
  Result<PlatformId> platformFor(const std::vector<std::string>& node) const;
};

}  // namespace tenon::host
