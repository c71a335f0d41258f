// What a driver is asked for in the checks, and documents made of that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/PlatformAdapter.h"
#include "host/conformance/requests/GoldenVectors.h"
#include "host/driver/Driver.h"

namespace tenon::host {

// A tenon.plan-request/1.
struct PlanCase {
  std::string name;  // for people: "golden as-written", "service langid", "exec type python"
  std::string request;
};

// Of each golden vector, of the service in `service` (empty: none), and of each exec type by its name alone, in
// `emptyPackage`. Errors: those of service.json.
struct RequestSources {
  const std::vector<GoldenVector>& golden;
  Path service, emptyPackage;
};
Result<std::vector<PlanCase>> planCases(PlatformAdapter& adapter, const RequestSources& from, const PluginManifest& manifest,
                                        const Fingerprint& fingerprint);

inline constexpr std::string_view kUnknownMember = "x_conformance", kUnknownType = "conformance-unknown";

// The exec type that the request names, "" where it names none.
std::string execTypeOf(std::string_view request);
std::string withExecType(std::string_view request, std::string_view type);
// A member that nobody knows; `insisting`: which is also in must_understand.
std::string withUnknownMember(std::string_view request, bool insisting);

}  // namespace tenon::host
