#include "platform/linux/Describe.h"

#include <gnu/libc-version.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>

#include "platform/linux/isolation/Isolation.h"
#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

// What a login shell gets on Debian; services get no more, whoever started the agent.
constexpr const char* kSearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The Filesystem Hierarchy Standard's place for what a program keeps (3.0, 5.8).
constexpr const char* kStateFolder = "/var/lib/tenon";

// Those that this process may use, which in a container are fewer than the machine's.
std::int64_t countProcessors() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return ::sysconf(_SC_NPROCESSORS_ONLN);
}

// Empty where /proc is not mounted, or where the file has been replaced since the start.
std::string ownFile() {
  char target[4096];
  const ssize_t length = ::readlink("/proc/self/exe", target, sizeof target);
  const std::string text(target, length > 0 ? static_cast<std::size_t>(length) : 0);
  return ::access(text.c_str(), F_OK) == 0 ? text : std::string();
}

std::string socketFolder() {
  if (::geteuid() == 0) return "/run/tenon";
  // The C library's own lock does not help a reader; the host changes its environment nowhere.
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe)
  if (runtime && runtime[0] == '/') return std::string(runtime) + "/tenon";
  return "/tmp/tenon-" + std::to_string(::geteuid());
}

}  // namespace

std::string describeMachine(const ContainmentWay& way) {
  struct utsname kernel = {};
  ::uname(&kernel);
  json::Value platforms;
  platforms.push(TENON_LINUX_PLATFORM);
  json::Value facts;
  facts.set("schema", "tenon.platform-facts/1").set("name", "linux").set("version", TENON_LINUX_VERSION);
  facts.set("platforms", platforms);
  facts.set("cpus", countProcessors());
  facts.set("memory_bytes", std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE));
  facts.set("containment", way.kind).set("containment_why", way.why);
  const IsolationFacts isolation = isolationFacts();
  json::Value isolates;
  isolates.set("user", isolation.user.empty()).set("user_why", isolation.user);
  isolates.set("files", isolation.files.empty()).set("files_why", isolation.files);
  facts.set("isolation", isolates);
  facts.set("socket_folder", socketFolder()).set("search_path", kSearchPath);
  facts.set("state_folder", kStateFolder);
  facts.set("executable", printable(ownFile()));
  facts.set("libc", std::string("glibc ") + ::gnu_get_libc_version());
  facts.set("kernel", printable(static_cast<const char*>(kernel.release)));
  return facts.text();
}

}  // namespace tenon::platform
