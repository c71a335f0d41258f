// `tenon agent`, `tenon hub serve` and `tenon relay` as server applications: run until the OS asks for the end.
#pragma once

#include "host/base/Log.h"
#include "host/cli/Cli.h"

namespace tenon::host {

class Servers final : public ServerPrograms {
 public:
  Servers(PlatformAdapter& adapter, const Clock& clock) : adapter_(adapter), clock_(clock) {}
  Result<int> agent(const AgentOptions& options) override;
  Result<int> hub(const HubOptions& options) override;
  Result<int> relay(const RelayOptions& options) override;

 private:
  PlatformAdapter& adapter_;
  const Clock& clock_;
};

}  // namespace tenon::host
