#include "tests/platform/linux/LinuxAdapters.h"

#include <dlfcn.h>

#include "tenon/plugin.h"

extern "C" const tenon_entry tenon_plugin_v1_linux;

namespace tenon::host {

namespace {

void ignoreLog(void*, std::int32_t, tenon_str) {}
constexpr tenon_host kHost{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr, &ignoreLog};

Result<std::unique_ptr<PlatformAdapter>> openLinkedIn() { return openPlatformAdapter(tenon_plugin_v1_linux, kHost); }

// Through its one symbol; never unloaded, as in the host.
Result<std::unique_ptr<PlatformAdapter>> openLibrary() {
  void* library = ::dlopen(TENON_LINUX_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!library) return Error(ErrorCode::NotFound, ::dlerror());
  const auto* entry = static_cast<const tenon_entry*>(::dlsym(library, "tenon_plugin_v1"));
  if (!entry) return Error(ErrorCode::NotFound, ::dlerror());
  return openPlatformAdapter(*entry, kHost);
}

}  // namespace

const AdapterUnderTest& linkedInAdapter() {
  static const AdapterUnderTest adapter{"LinkedIn", &openLinkedIn};
  return adapter;
}

const AdapterUnderTest& libraryAdapter() {
  static const AdapterUnderTest adapter{"Library", &openLibrary};
  return adapter;
}

}  // namespace tenon::host
