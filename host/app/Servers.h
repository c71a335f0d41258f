// `tenon agent`, `tenon hub serve`, `tenon relay` and `tenon run` as server applications: run until the OS asks for the end.
#pragma once

#include <string>
#include <vector>

#include "host/base/Log.h"
#include "host/cli/Cli.h"

namespace tenon::host {

class Servers final : public ServerPrograms {
 public:
  // `argv`: as this process was started.
  Servers(PlatformAdapter& adapter, const Clock& clock, std::vector<std::string> argv)
      : adapter_(adapter), clock_(clock), argv_(std::move(argv)) {}
  Result<int> agent(const AgentOptions& options) override;
  Result<std::vector<Setting>> settings(const AgentOptions& flags) override;
  Result<int> hub(const HubOptions& options) override;
  Result<int> relay(const RelayOptions& options) override;
  Result<int> run(const RunOptions& options) override;
  Result<void> plans(const RunOptions& options) override;
  Path pluginHost() const override;

 private:
  PlatformAdapter& adapter_;
  const Clock& clock_;
  const std::vector<std::string> argv_;
};

}  // namespace tenon::host
