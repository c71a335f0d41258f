// The inside of an inspection: the plugin's code runs in this very process, called as an agent calls a plugin that came with
// it. For `tenon plugin inspect` alone, which nothing but Inspection starts.
#pragma once

#include <iosfwd>
#include <mutex>

#include "host/adapter/PlatformAdapter.h"
#include "host/base/Clock.h"
#include "host/conformance/inside/InspectionJob.h"

namespace tenon::host {

// Any thread.
class Speech {
 public:
  explicit Speech(std::ostream& out) : out_(out) {}
  void say(const JsonObject& what);

 private:
  std::mutex mutex_;
  std::ostream& out_;
};

// Does the job in that file; says to `out`, line by line.
Result<void> inspect(PlatformAdapter& adapter, const Clock& clock, const Path& job, std::ostream& out);

// Its parts.
Result<void> inspectCalls(PlatformAdapter& adapter, const Clock& clock, const InspectionJob& job, Speech& speech);
Result<void> inspectService(PlatformAdapter& adapter, const Clock& clock, const InspectionJob& job, Speech& speech);

}  // namespace tenon::host
