// A driver whose library runs in this process: calls by documents, straight through the ABI. Any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/driver/Driver.h"
#include "host/driver/PluginLoader.h"

namespace tenon::host {

class InProcessDriver final : public Driver {
 public:
  // Opens a ready plugin. Error: driver-incompatible where it offers no tenon.driver/1, driver-crashed where it does not
  // open.
  static Result<std::unique_ptr<Driver>> open(const Plugin& plugin, std::vector<std::string> platforms,
                                              std::string searchPath);
  ~InProcessDriver() override;
  InProcessDriver(const InProcessDriver&) = delete;
  InProcessDriver& operator=(const InProcessDriver&) = delete;

  const PluginManifest& manifest() const override { return manifest_; }
  std::string_view hosting() const override { return "in-process"; }
  Result<Fingerprint> fingerprint() override;
  Result<LaunchPlan> plan(const PlanRequest& request, const Fingerprint& fingerprint) override;

 private:
  InProcessDriver(const Plugin& plugin, void* self, const tenon_driver& table, std::vector<std::string> platforms,
                  std::string searchPath);
  std::string title() const { return "driver " + manifest_.name + " " + manifest_.version; }

  const PluginManifest manifest_;
  const tenon_entry& entry_;
  void* const self_;
  const tenon_driver& table_;
  const std::vector<std::string> platforms_;
  const std::string searchPath_;
};

}  // namespace tenon::host
