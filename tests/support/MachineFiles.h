// The disk of the machine on which the tests run, through the adapter that is linked into the host (tenon_adapter and
// tenon_platform).
#pragma once

#include <memory>
#include <stdexcept>

#include "host/adapter/PlatformAdapter.h"
#include "tenon/plugin.h"

extern "C" const tenon_entry TENON_STATIC_ADAPTER;

namespace tenon::host {

class MachineFiles {
 public:
  MachineFiles() {
    auto opened = openPlatformAdapter(TENON_STATIC_ADAPTER, host_);
    if (!opened) throw std::runtime_error(opened.error().message());
    adapter_ = *std::move(opened);
  }

  Files& operator*() { return adapter_->files(); }
  Files* operator->() { return &adapter_->files(); }
  PlatformAdapter& adapter() { return *adapter_; }

 private:
  static void ignore(void*, std::int32_t, tenon_str) {}

  tenon_host host_{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr, &MachineFiles::ignore};
  std::unique_ptr<PlatformAdapter> adapter_;
};

}  // namespace tenon::host
