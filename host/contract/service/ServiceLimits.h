// What a node gives any one service at most: its owner's word, beside which a service's own limits stand.
#pragma once

#include <string>
#include <string_view>

#include "host/contract/service/ServiceManifest.h"

namespace tenon::host {

class ServiceLimits {
 public:
  ServiceLimits() = default;  // none

  // "memory_mb=2048, cpus=2, pids=512, open_files=4096": some of them or none, in the units and ranges of service.json.
  // Error: usage.
  static Result<ServiceLimits> parse(std::string_view text);
  std::string text() const;

  // A release that asks for more has no place here: resource-missing.
  Result<void> check(const ServiceManifest& manifest, const PlatformId& platform) const;

  // What it does not ask for is limited by what the node gives at most; but for open files, of which it then has the limit
  // that the agent was started with.
  Resources apply(Resources asked) const;

 private:
  Resources most_;
};

}  // namespace tenon::host
