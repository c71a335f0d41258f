// Does a driver keep the rules? Each check runs the plugin's code in processes of their own; a crash fails the check that it
// came in. For one thread, which alone waits for processes meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "host/adapter/PlatformAdapter.h"
#include "host/base/Clock.h"
#include "host/base/Limits.h"
#include "host/conformance/Answer.h"
#include "host/conformance/KeptCall.h"
#include "host/conformance/Report.h"

namespace tenon::host {

struct ConformanceTools {
  PlatformAdapter& adapter;
  const Clock& clock;
  Path pluginHost;      // tenon-plugin-host
  Path tenon;           // this program, for its verb `plugin inspect`
  std::string version;  // of tenon
};

struct ConformanceOptions {
  Path pluginFile;       // with its manifest beside it
  Path golden, service;  // empty: none
  Path keep;             // where calls that failed are kept; made with the first
  std::uint64_t seed = 1;
  std::size_t documents = limits::kOddDocuments;  // odd ones, of that seed
};

// `progress` is told of each check before it begins: its id, how many are done, of how many. Errors: what keeps the kit from
// its work (not-found, format-invalid of --golden and --service, platform-unsupported), never what is wrong with the plugin.
using ConformanceProgress = std::function<void(std::string_view id, std::size_t done, std::size_t of)>;
Result<ConformanceReport> checkPlugin(const ConformanceTools& tools, const ConformanceOptions& options,
                                      const ConformanceProgress& progress = {});

// The call once more, in a process of its own, shut in. Errors: driver-crashed, driver-incompatible.
Result<Answer> replayCall(const ConformanceTools& tools, const KeptCall& call);

}  // namespace tenon::host
