#include <cstddef>

#include "host/driver/DriverCalls.h"

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
  const auto* table = static_cast<const tenon_driver*>(plugin.entry->extension(self, TENON_EXT_DRIVER));
  constexpr std::size_t needed = offsetof(tenon_driver, plan) + sizeof(tenon_driver::plan);
  if (!table || table->struct_size < needed || !table->fingerprint || !table->plan) {
    plugin.entry->close(self);
    return Error(ErrorCode::DriverIncompatible,
                 "driver " + plugin.manifest.title() +
                     " says that it is a runtime driver, and its library offers no " TENON_EXT_DRIVER);
  }
  return std::unique_ptr<DriverCalls>(std::make_unique<InProcessCalls>(*plugin.entry, self, *table));
}

}  // namespace tenon::host
