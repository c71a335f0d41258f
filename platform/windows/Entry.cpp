// The plugin's one symbol: tenon_plugin_v1 in a shared library, tenon_plugin_v1_windows when it is linked into the host.
#include <cstring>
#include <new>

#include "platform/windows/Adapter.h"
#include "platform/windows/Fault.h"

namespace tenon::platform {

void Adapter::warn(const std::string& text) const {
  constexpr std::int32_t kWarning = 2;
  if (host_ && host_->log) host_->log(host_->ctx, kWarning, str(text));
}

namespace {

std::int32_t open(const tenon_host* host, void** self) {
  *self = nullptr;
  return guarded(nullptr, [&]() -> Outcome { return *self = new Adapter(host), kDone; });
}

const void* extension(void*, const char* id) {
  if (std::strcmp(id, TENON_EXT_PLATFORM) == 0) return &platformTable();
  if (std::strcmp(id, TENON_EXT_FILES) == 0) return &filesTable();
  if (std::strcmp(id, TENON_EXT_CHANNELS) == 0) return &channelsTable();
  if (std::strcmp(id, TENON_EXT_SYSTEM_SERVICES) == 0) return &systemServicesTable();
  return nullptr;
}

void close(void* self) { delete static_cast<Adapter*>(self); }

}  // namespace

}  // namespace tenon::platform

#ifdef TENON_WINDOWS_STATIC
#define TENON_WINDOWS_ENTRY tenon_plugin_v1_windows
#else
#define TENON_WINDOWS_ENTRY tenon_plugin_v1
#endif

extern "C" {
extern TENON_EXPORT const tenon_entry TENON_WINDOWS_ENTRY;
const tenon_entry TENON_WINDOWS_ENTRY = {
    TENON_ENTRY_MAGIC,      sizeof(tenon_entry),         TENON_ABI_MAJOR,        TENON_ABI_MINOR, 0, 0,
    &tenon::platform::open, &tenon::platform::extension, &tenon::platform::close};
}
