// Processes over the table that a plugin offers as tenon.platform/1. Owned by LoadedAdapter; threads as in Processes.
#pragma once

#include <string>
#include <utility>

#include "host/adapter/Processes.h"
#include "tenon/plugin.h"

namespace tenon::host {

// tenon.spawn/1, and what answers it.
Result<std::string> documentOf(const SpawnRequest& request);
Result<SpawnedProcess> spawnedOf(std::string identity);

class LoadedProcesses final : public Processes {
 public:
  // `self` and `table` belong to the plugin and live until it is closed.
  LoadedProcesses(std::string plugin, void* self, const tenon_platform& table)
      : plugin_(std::move(plugin)), self_(self), table_(table) {}

  Result<SpawnedProcess> spawn(const SpawnRequest& request) override;
  Result<ProcessId> adopt(std::string_view identity) override;
  Result<void> signal(ProcessId process, std::string_view name) override;
  Result<void> killTree(ProcessId process) override;
  void release(ProcessId process) override;
  Result<void> killUnknown(std::string_view beginning) override;
  Result<void> freeze(ProcessId process, bool on) override;
  Result<ProcessStats> stats(ProcessId process) override;
  Result<std::optional<bool>> ownsListener(ProcessId process, std::uint16_t port) override;
  Result<std::vector<ProcessEnd>> wait(Millis most) override;
  void wake() override;

 private:
  std::string plugin_;
  void* self_;
  const tenon_platform table_;
};

}  // namespace tenon::host
