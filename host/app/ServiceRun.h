// `tenon run DIR`: one service from its folder, in the foreground; no agent, no hub, no package, no signature. For authors
// of services, and of drivers: `--driver LIB` plans with that plugin alone, signed or not.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>

#include "host/adapter/PlatformAdapter.h"
#include "host/base/Clock.h"
#include "host/cli/Cli.h"

namespace tenon::host {

class ServiceRun {
 public:
  // All outlive the run. `out` gets what the service writes, `err` what becomes of it.
  ServiceRun(PlatformAdapter& adapter, const Clock& clock, std::ostream& out, std::ostream& err);
  // Stops the service and waits until nothing of it is left. Its data goes too, unless the options named a folder for it.
  ~ServiceRun();

  // Reads service.json and plans; writes nothing. Errors: format-invalid, platform-unsupported, the driver's.
  Result<void> plan(const RunOptions& options);
  // The plan as a document, for who wants no more than that.
  std::string planText() const;
  // `ended` is called when the service is not started again any more; on another thread, at most once. Error: busy where
  // this folder is run already.
  Result<void> start(std::function<void()> ended);
  // Why it has ended, where that was a failure.
  Result<void> outcome() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tenon::host
