// From a plan to what is really spawned: names expanded, programs found, environment put together. Starts nothing. Loop's
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/adapter/Processes.h"
#include "host/base/Result.h"
#include "host/contract/service/Expansion.h"
#include "host/runtime/Instance.h"
#include "host/runtime/process/ContainmentMark.h"

namespace tenon::host {

// The ports of one instance.
struct PortSet {
  std::uint16_t main = 0;
  std::map<std::string, std::uint16_t> named;
};

class Launcher {
 public:
  // Errors of the calls below: spawn-failed naming what was looked for, plan-invalid for a name that does not expand,
  // resource-missing for an environment variable that has to be set; the fault of the spec's isolation.
  Launcher(Files& files, std::string searchPath, const ContainmentMark& mark)
      : files_(files), searchPath_(std::move(searchPath)), mark_(mark) {}

  // The service itself. Makes its data folder and its TMPDIR.
  Result<SpawnRequest> service(const InstanceSpec& spec, InstanceNumber number, const PortSet& ports) const;
  // The plan's prepare steps, in order; each under the service's own limits.
  Result<std::vector<SpawnRequest>> prepareSteps(const InstanceSpec& spec, InstanceNumber number,
                                                 const PortSet& ports) const;
  // What tells how much memory of each GPU is free, into `output`, as freeGpuMegabytes() reads it; nothing for a service
  // that needs none. The node's own program, asked by the agent and not in the service's world. Makes `output`'s folder.
  // resource-missing where the node has nothing that tells.
  struct GpuQuery {
    SpawnRequest request;
    std::uint64_t megabytes;  // that the service needs of one GPU
  };
  Result<std::optional<GpuQuery>> gpuQuery(const InstanceSpec& spec, InstanceNumber number, const Path& output) const;
  // Of an exec health check. Its output goes to `output`.
  Result<SpawnRequest> healthProgram(const InstanceSpec& spec, InstanceNumber number, const PortSet& ports,
                                     const Path& output) const;
  // Whatever somebody runs in the service's place, its words as they are. `name` tells it from others of its kind.
  Result<SpawnRequest> command(const InstanceSpec& spec, InstanceNumber number, const PortSet& ports,
                               const std::vector<std::string>& argv, const std::string& name) const;
  // Endpoint expanded.
  Result<HealthCheck> healthCheck(const InstanceSpec& spec, const PortSet& ports) const;

  // What ${…} means, and what is injected into the environment.
  static Names names(const InstanceSpec& spec, const PortSet& ports);

 private:
  std::string containmentName(const InstanceSpec& spec, InstanceNumber number) const;
  Result<void> makeFolders(const InstanceSpec& spec) const;
  static ProcessIsolation isolationOf(const InstanceSpec& spec);
  struct Program {
    const std::string& program;
    const std::vector<std::string>& args;
  };
  Result<SpawnRequest> request(const InstanceSpec& spec, const std::string& name, const Names& names, Program program,
                               const Environment& more) const;
  Result<Environment> environment(const InstanceSpec& spec, const Names& names, const Environment& more) const;
  Result<Path> find(const std::string& program, const Path& packageDir) const;
  std::optional<Path> findOnNode(const std::string& program) const;
  bool isProgram(const Path& path) const;

  Files& files_;
  std::string searchPath_;
  const ContainmentMark& mark_;
};

}  // namespace tenon::host
