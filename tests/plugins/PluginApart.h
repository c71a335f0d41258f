// A driver's library in a plugin host of its own, called as PluginLibrary calls it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/base/Clock.h"
#include "host/base/Log.h"
#include "host/driver/DriverCalls.h"
#include "host/driver/PluginHosts.h"
#include "tests/plugins/PluginLibrary.h"
#include "tests/support/MachineFiles.h"

namespace tenon::host {

class PluginApart {
 public:
  // `readable`: the package that it is asked about.
  PluginApart(const std::string& driver, const Path& readable);

  // False: this system has no channels.
  bool possible() const { return calls_ != nullptr; }
  // Throws where it gives no answer.
  PluginAnswer plan(const std::string& request);

 private:
  MachineFiles machine_;
  SystemClock clock_;
  NullLog log_;
  std::optional<PluginHosts> hosts_;
  std::unique_ptr<DriverCalls> calls_;
};

}  // namespace tenon::host
