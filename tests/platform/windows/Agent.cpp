// Another process with an adapter of its own, for tests of what holds between processes.
//   spawn VERB FOLDER        starts the test child there, writes its identity, and ends as an agent does that is killed
//   spawn-as NAME VERB FOLDER  the same in a containment of that name
//   is-alive PID             "yes" or "no"
//   lock PATH                "locked", or the code of the refusal; ends at once, and the lock with it
#include <iostream>
#include <string>

#include "host/adapter/PlatformAdapter.h"
#include "platform/windows/process/Processes.h"
#include "tenon/plugin.h"

extern "C" const tenon_entry tenon_plugin_v1_windows;
extern "C" int tenon_main(int count, char** values);

namespace {

using namespace tenon::host;

int spawn(PlatformAdapter& adapter, const std::string& name, const std::string& verb, const Path& folder) {
  SpawnRequest request;
  request.name = name;
  request.argv = {TENON_TEST_CHILD, verb};
  request.cwd = folder;
  request.output = folder / "output.log";
  const auto spawned = adapter.processes().spawn(request);
  if (!spawned) {
    std::cout << spawned.error().message() << std::endl;
    return 1;
  }
  std::cout << spawned->identity << std::endl;
  ::TerminateProcess(::GetCurrentProcess(), 0);  // nothing is tidied up
  return 0;
}

int isAlive(const std::string& pid) {
  const auto process = tenon::platform::openProcess(static_cast<DWORD>(std::stoul(pid)), SYNCHRONIZE);
  std::cout << (process && !tenon::platform::hasEnded(process.get()) ? "yes" : "no") << std::endl;
  return 0;
}

int lock(PlatformAdapter& adapter, const Path& path) {
  const auto held = FileLock::acquire(adapter.files(), path);
  std::cout << (held ? "locked" : name(held.error().code())) << std::endl;
  return 0;
}

}  // namespace

int tenon_main(int count, char** values) {
  const std::string verb = count > 2 ? values[1] : "";
  const std::string last = count > 2 ? values[count - 1] : "";
  if (verb == "is-alive") return isAlive(last);
  const tenon_host host{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr,
                        [](void*, std::int32_t, tenon_str) {}};
  const auto adapter = openPlatformAdapter(tenon_plugin_v1_windows, host);
  if (!adapter) return 1;
  if (verb == "spawn") return spawn(**adapter, "agent.1", values[2], Path(last));
  if (verb == "spawn-as") return spawn(**adapter, values[2], values[3], Path(last));
  if (verb == "lock") return lock(**adapter, Path(last));
  return 64;
}
