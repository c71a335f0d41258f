// Another process with an adapter of its own, for tests of what holds between processes.
//   spawn VERB FOLDER        starts the test child there, writes its identity, and ends as an agent does that is killed
//   spawn-as NAME VERB FOLDER  the same in a containment of that name
//   spawn-old-way VERB FOLDER  the same where clone3 is "not there"
//   become VERB              as a server: says "server" and how many files it may open, and becomes the test child
//   is-alive PID             "yes" or "no"; an ended process that nobody has reaped is not alive
//   lock PATH                "locked", or the code of the refusal; ends at once, and the lock with it
//   hold PATH                "locked", then holds on until its input ends
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <string>

#include "host/adapter/PlatformAdapter.h"
#include "tenon/plugin.h"

extern "C" const tenon_entry tenon_plugin_v1_linux;

namespace {

using namespace tenon::host;

// As container runtimes do that do not know clone3.
bool forbidClone3() {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

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
  ::_exit(0);  // nothing is tidied up
}

int become(PlatformAdapter& adapter, const std::string& verb) {
  adapter.holdTermination();
  struct rlimit files = {};
  ::getrlimit(RLIMIT_NOFILE, &files);
  std::cout << "server " << files.rlim_cur << std::endl;
  std::cout << adapter.become({TENON_TEST_CHILD, verb}).error().message() << std::endl;
  return 1;
}

int isAlive(const std::string& pid) {
  std::ifstream status("/proc/" + pid + "/stat");
  std::string text;
  std::getline(status, text);
  const auto name = text.rfind(") ");
  const char state = name == std::string::npos ? 'X' : text[name + 2];
  std::cout << (state == 'X' || state == 'Z' ? "no" : "yes") << std::endl;
  return 0;
}

int lock(PlatformAdapter& adapter, const Path& path, bool hold) {
  const auto held = FileLock::acquire(adapter.files(), path);
  std::cout << (held ? "locked" : name(held.error().code())) << std::endl;
  if (held && hold) std::cin.get();
  return 0;
}

}  // namespace

int main(int count, char** values) {
  const std::string verb = count > 2 ? values[1] : "";
  const std::string last = count > 2 ? values[count - 1] : "";
  if (verb == "is-alive") return isAlive(last);
  if (verb == "spawn-old-way" && !forbidClone3()) return 1;
  const tenon_host host{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr,
                        [](void*, std::int32_t, tenon_str) {}};
  const auto adapter = openPlatformAdapter(tenon_plugin_v1_linux, host);
  if (!adapter) return 1;
  if (verb == "spawn" || verb == "spawn-old-way") return spawn(**adapter, "agent.1", values[2], Path(last));
  if (verb == "spawn-as") return spawn(**adapter, values[2], values[3], Path(last));
  if (verb == "become") return become(**adapter, last);
  if (verb == "lock" || verb == "hold") return lock(**adapter, Path(last), verb == "hold");
  return 64;
}
