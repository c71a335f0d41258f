#include "platform/linux/isolation/Isolation.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "platform/linux/ProcFs.h"
#include "platform/linux/isolation/Landlock.h"
#include "platform/linux/isolation/NetworkFilter.h"
#include "platform/linux/isolation/Ownership.h"

namespace tenon::platform {

namespace {

// Becoming another user, giving files away, ending its processes and reading what it wrote.
bool mayChangeUsers() {
  constexpr std::array<unsigned, 5> kNeeded = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID};
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<struct __user_cap_data_struct, 2> sets = {};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  return std::all_of(kNeeded.begin(), kNeeded.end(), [&](unsigned each) { return (sets[0].effective >> each & 1) != 0; });
}

// Lines of "first here, first outside, how many" (user_namespaces(7)).
bool isMapped(const char* map, std::uint32_t number) {
  const auto text = readKernelFile(map);
  if (!text) return true;  // a kernel without user namespaces
  std::uint64_t columns[3] = {};
  unsigned column = 0;
  for (const char *at = text->data(), *end = at + text->size(); at < end;) {
    if (*at < '0' || *at > '9') {
      ++at;
      continue;
    }
    at = std::from_chars(at, end, columns[column]).ptr;
    column = (column + 1) % 3;
    if (column == 0 && number >= columns[0] && number - columns[0] < columns[2]) return true;
  }
  return false;
}

bool mayEnter(const struct stat& folder, std::uint32_t user) {
  const mode_t execute = folder.st_uid == user ? 0100 : folder.st_gid == user ? 0010 : 0001;
  return (folder.st_mode & execute) != 0;
}

// A folder on the way to `path` that the user may not enter, with its mode; empty where there is none.
std::string shutFolder(const std::string& path, std::uint32_t user) {
  for (std::size_t at = 0; (at = path.find('/', at + 1)) != std::string::npos;) {
    const std::string folder = path.substr(0, at);
    struct stat found = {};
    if (::stat(folder.c_str(), &found) != 0) return {};  // the start itself says what is missing
    if (mayEnter(found, user)) continue;
    constexpr const char* kDigits = "01234567";
    const mode_t mode = found.st_mode;
    return folder + " (mode 0" + kDigits[mode >> 6 & 7] + kDigits[mode >> 3 & 7] + kDigits[mode & 7] + ")";
  }
  return {};
}

// Why the process cannot be that user's; empty where it can.
std::string whyNot(const SpawnRequest& request, std::uint32_t user) {
  if (const std::string why = isolationFacts().user; !why.empty()) return why;
  const std::string who = "user " + std::to_string(user);
  if (!isMapped("/proc/self/uid_map", user) || !isMapped("/proc/self/gid_map", user)) {
    return who + " does not exist in this container: choose others with service_users";
  }
  for (const std::string& path : {request.cwd + "/", request.argv.front()}) {
    if (const std::string folder = shutFolder(path, user); !folder.empty()) {
      return who + " may not enter " + folder + ": let others enter it (chmod o+x), or keep the node elsewhere";
    }
  }
  return {};
}

Outcome giveOutput(int output, std::uint32_t user) {
  struct stat found = {};
  if (::fstat(output, &found) != 0) return osFault("look at the output", errno);
  if (!S_ISREG(found.st_mode) || (found.st_gid == user && (found.st_mode & 0777) == 0660)) return kDone;
  if (found.st_nlink > 1) return Fault{TENON_DENIED, "open the output to its user: it has several names", "denied"};
  if (::fchown(output, ::geteuid(), user) == 0 && ::fchmod(output, 0660) == 0) return kDone;
  return osFault("open the output to user " + std::to_string(user), errno);
}

Outcome giveFolders(const SpawnRequest& request, const Isolated& isolated) {
  for (const auto& folder : request.isolation.owned) {
    if (auto fault = isolated.user ? handOver(folder, *isolated.user) : markAsOurs(folder)) return fault;
  }
  return kDone;
}

}  // namespace

IsolationFacts isolationFacts() {
  IsolationFacts facts;
  if (!mayChangeUsers()) facts.user = "only an agent that is root can give a service a user of its own";
  const int version = landlockVersion();
  if (version < kLandlockNeeded) {
    facts.files = version == 0
                      ? "this kernel has no Landlock, or it is not among the modules that it was started with (lsm=)"
                      : "Landlock of this kernel is too old: it needs Linux 5.19";
  }
  return facts;
}

Outcome isolate(const SpawnRequest& request, int output, Isolated& isolated) {
  const IsolationRequest& wanted = request.isolation;
  if (wanted.user) {
    if (std::string why = whyNot(request, *wanted.user); !why.empty()) {
      isolated.lacks.push_back(std::move(why));
    } else {
      isolated.user = wanted.user;
    }
  }
  if (wanted.files) {
    if (std::string why = isolationFacts().files; !why.empty()) isolated.lacks.push_back(std::move(why));
  }
  if (!wanted.network) {
    isolated.networkShut = takesFilters();
    if (!isolated.networkShut)
      isolated.lacks.emplace_back("this kernel filters no system calls here (seccomp), so the network is open");
  }
  if (wanted.required && !isolated.lacks.empty()) {
    return Fault{TENON_UNSUPPORTED, "isolate " + request.name + ": " + isolated.lacks.front(), "resource-missing"};
  }
  if (auto fault = giveFolders(request, isolated)) return fault;
  if (isolated.user) {
    if (auto fault = giveOutput(output, *isolated.user)) return fault;
  }

  if (!wanted.files || landlockVersion() < kLandlockNeeded) return kDone;
  return makeRuleset(*wanted.files, isolated.ruleset);
}

}  // namespace tenon::platform
