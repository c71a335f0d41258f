#include "host/driver/DriverCalls.h"
#include "host/plugin_host/DriverTable.h"

namespace tenon::host {

namespace {

class InProcessCalls final : public DriverCalls {
 public:
  InProcessCalls(const tenon_entry& entry, void* self, const tenon_driver& table)
      : entry_(entry), self_(self), table_(table) {}
  ~InProcessCalls() override { entry_.close(self_); }
  InProcessCalls(const InProcessCalls&) = delete;
  InProcessCalls& operator=(const InProcessCalls&) = delete;

  std::string_view hosting() const override { return "in-process"; }
  Result<std::int32_t> fingerprint(std::string_view request, const tenon_sink* out) override {
    return table_.fingerprint(self_, {request.data(), request.size()}, out);
  }
  Result<std::int32_t> plan(std::string_view request, const tenon_sink* out) override {
    return table_.plan(self_, {request.data(), request.size()}, out);
  }

 private:
  const tenon_entry& entry_;
  void* const self_;
  const tenon_driver& table_;
};

}  // namespace

Result<std::unique_ptr<DriverCalls>> callsInProcess(const Plugin& plugin) {
  void* self = nullptr;
  if (const auto code = plugin.entry->open(plugin.host, &self); code != TENON_OK) {
    return Error(ErrorCode::DriverCrashed,
                 "driver " + plugin.manifest.title() + " does not open: it answered code " + std::to_string(code));
  }
  const tenon_driver* table = driverTableOf(*plugin.entry, self);
  if (!table) {
    plugin.entry->close(self);
    return Error(ErrorCode::DriverIncompatible, "driver " + plugin.manifest.title() + " " + kNoDriverTable);
  }
  return std::unique_ptr<DriverCalls>(std::make_unique<InProcessCalls>(*plugin.entry, self, *table));
}

}  // namespace tenon::host
