// The command line in this process: a command's words in, its exit status and what it wrote out. On the machine's own disk.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "host/cli/CommandLine.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

// Serves nothing; tells of every plan, and of settings, what the test says.
class NoServers final : public ServerPrograms {
 public:
  Result<int> agent(const AgentOptions&) override { return 0; }
  Result<std::vector<Setting>> settings(const AgentOptions& flags) override {
    if (!settled.empty()) return settled;
    return std::vector<Setting>{{"hub", "", "default"}, {"listen", "127.0.0.1:0", (flags.root / "agent.properties").text()}};
  }
  Result<int> hub(const HubOptions&) override { return 0; }
  Result<int> relay(const RelayOptions&) override { return 0; }
  Result<int> run(const RunOptions&) override { return 0; }
  Result<void> plans(const RunOptions&) override { return fault ? Result<void>(*fault) : Result<void>(); }
  Path pluginHost() const override { return {}; }

  std::optional<Error> fault;
  std::vector<Setting> settled;
};

class CommandRun : public testing::Test {
 protected:
  struct Ran {
    int status = 0;
    std::string out, err;
  };

  Ran tenon(const std::vector<std::string>& words) {
    std::ostringstream out, err;
    Cli cli(machine_.adapter(), clock_, servers_, out, err);
    const int status = runCommandLine(cli, words);
    return {status, out.str(), err.str()};
  }
  std::string path(const std::string& name) const { return (folder_ / name).text(); }

  MachineFiles machine_;
  FakeClock clock_;
  NoServers servers_;
  TempFolder folder_;
};

}  // namespace tenon::host
