// What a driver answers (tenon.plan/1, sdk/schemas/plan.json): how to launch one release, with ${…} names unexpanded, so
// that one stored plan serves any port and a restart needs no driver.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/Clock.h"
#include "host/base/Json.h"
#include "host/base/Result.h"

namespace tenon::host {

using Environment = std::vector<std::pair<std::string, std::string>>;  // in order; later wins

// [A-Za-z_][A-Za-z0-9_]*
bool isEnvironmentName(std::string_view name);
// Reads {"NAME":"value", …}: names as above, values strings without NUL, at most limits::kEnvironmentEntries.
Result<Environment> parseEnvironment(const Json& value);

// A program to run to its end before the service first starts.
struct PrepareStep {
  std::string program;
  std::vector<std::string> args;
  Environment env;
};

struct LaunchPlan {
  std::string driver, driverVersion;  // who made it; set by the host
  std::string program;                // package-relative, absolute, bare name, or with ${…}
  std::vector<std::string> args;
  Environment env;
  std::string cwd = ".";  // relative to the package
  std::vector<PrepareStep> prepare;
  std::map<int, std::string> exitCodes;  // meaning of an exit status, for `why`

  // {"schema":"tenon.plan/1", kind, driver, program, args, env, cwd, prepare, exit_codes, must_understand}: what is not
  // named in must_understand and not known is ignored. Error: plan-invalid, or driver-incompatible where must_understand
  // names what this host does not know.
  static Result<LaunchPlan> parse(std::string_view json);
  std::string toJson() const;  // the stored form; parse() reads it back
};

}  // namespace tenon::host
