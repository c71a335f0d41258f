// A platform adapter behind its C entry. Owned by whoever opened it; closing it ends every handle of it.
#pragma once

#include <memory>
#include <string>

#include "host/adapter/LoadedFiles.h"
#include "host/adapter/LoadedProcesses.h"
#include "host/adapter/PlatformAdapter.h"
#include "tenon/plugin.h"

namespace tenon::host {

class LoadedAdapter final : public PlatformAdapter {
 public:
  static Result<std::unique_ptr<PlatformAdapter>> open(const tenon_entry& entry, const tenon_host& host);
  ~LoadedAdapter() override;
  LoadedAdapter(const LoadedAdapter&) = delete;
  LoadedAdapter& operator=(const LoadedAdapter&) = delete;

  const PlatformFacts& facts() const override { return facts_; }
  Files& files() override { return files_; }
  Processes& processes() override { return processes_; }
  Channels* channels() override { return channels_.get(); }
  int terminalColumns(int stream) override;
  Result<std::vector<std::string>> authorities() override;
  Result<OwnState> ownState() override;
  void holdTermination() override;
  bool canBecome() const override;
  Result<void> become(const std::vector<std::string>& argv) override;
  SystemServices* systemServices() override { return services_.get(); }

 private:
  // What open() of the plugin gave; closes it again unless taken.
  class Opened;
  LoadedAdapter(Opened opened, PlatformFacts facts);

  std::unique_ptr<Opened> opened_;
  PlatformFacts facts_;
  LoadedFiles files_;
  LoadedProcesses processes_;
  std::unique_ptr<SystemServices> services_;
  std::unique_ptr<Channels> channels_;
};

}  // namespace tenon::host
