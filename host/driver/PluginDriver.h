// A driver behind the ABI, in whichever hosting: requests and answers by documents. Any thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/driver/Driver.h"
#include "host/driver/DriverCalls.h"

namespace tenon::host {

// tenon.fingerprint-request/1 and tenon.plan-request/1.
std::string fingerprintRequestDocument(const std::vector<std::string>& platforms, const std::string& searchPath);
std::string planRequestDocument(const PlanRequest& request, const Fingerprint& fingerprint);
// Of a tenon.fingerprint/1. Error: format-invalid.
Result<Fingerprint> fingerprintOf(std::string_view text);

class PluginDriver final : public Driver {
 public:
  PluginDriver(PluginManifest manifest, std::unique_ptr<DriverCalls> calls, std::vector<std::string> platforms,
               std::string searchPath)
      : manifest_(std::move(manifest)),
        calls_(std::move(calls)),
        platforms_(std::move(platforms)),
        searchPath_(std::move(searchPath)) {}

  const PluginManifest& manifest() const override { return manifest_; }
  std::string_view hosting() const override { return calls_->hosting(); }
  std::optional<std::string> quarantined() const override { return calls_->quarantined(); }
  Result<Fingerprint> fingerprint() override;
  Result<LaunchPlan> plan(const PlanRequest& request, const Fingerprint& fingerprint) override;

 private:
  std::string title() const { return "driver " + manifest_.title(); }

  const PluginManifest manifest_;
  const std::unique_ptr<DriverCalls> calls_;
  const std::vector<std::string> platforms_;
  const std::string searchPath_;
};

}  // namespace tenon::host
