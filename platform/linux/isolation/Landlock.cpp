#include "platform/linux/isolation/Landlock.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace tenon::platform {

namespace {

// include/uapi/linux/landlock.h; the headers of a distribution may be older than its kernel.
constexpr std::uint64_t rightNumber(unsigned bit) { return std::uint64_t{1} << bit; }
constexpr std::uint64_t kMayExecute = rightNumber(0), kMayWriteFile = rightNumber(1), kMayReadFile = rightNumber(2);
constexpr std::uint64_t kMayReadFolder = rightNumber(3), kMayMakeDevices = rightNumber(6) | rightNumber(11);
constexpr std::uint64_t kMayRefer = rightNumber(13);     // version 2
constexpr std::uint64_t kMayTruncate = rightNumber(14);  // version 3
constexpr std::uint64_t kMayControl = rightNumber(15);   // version 5, of devices
constexpr std::uint64_t kOfFirstVersion = kMayRefer - 1;
constexpr std::uint64_t kOfFiles = kMayExecute | kMayWriteFile | kMayReadFile | kMayTruncate | kMayControl;
constexpr std::uint64_t kReading = kMayExecute | kMayReadFile | kMayReadFolder;
constexpr std::uint64_t kUsing = ~kMayMakeDevices;
constexpr std::uint64_t kEverything = ~std::uint64_t{0};
constexpr std::uint64_t kScopeSockets = rightNumber(0), kScopeSignals = rightNumber(1);  // version 6

struct RulesetAttributes {
  std::uint64_t rights, network, scopes;
};
struct __attribute__((packed)) PathAttributes {
  std::uint64_t rights;
  std::int32_t folder;
};

// Programs, libraries, settings; what the resolver's settings are links to.
constexpr std::array<const char*, 12> kSystemRead = {
    "/usr",           "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/sys", "/run/systemd/resolve",
    "/run/resolvconf"};
constexpr std::array<const char*, 2> kSystemUse = {"/dev", "/proc"};
// What holds nothing, and so may be written to.
constexpr std::array<const char*, 5> kEmptyDevices = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};

constexpr std::size_t kMostNeighbours = 10000;  // in all

class Ruleset {
 public:
  Outcome make(bool open) {
    const int version = landlockVersion();
    handled_ = kOfFirstVersion | kMayRefer;
    if (version >= 3) handled_ |= kMayTruncate;
    if (version >= 5) handled_ |= kMayControl;
    std::uint64_t scopes = 0;
    if (version >= 6) scopes = open ? kScopeSignals : kScopeSignals | kScopeSockets;
    const RulesetAttributes attributes = {handled_, 0, scopes};
    ruleset_ = Descriptor(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
    return ruleset_ ? kDone : Outcome(osFault("make a Landlock ruleset", errno));
  }

  Outcome allow(const std::string& path, std::uint64_t rights) {
    return allowIn(AT_FDCWD, path.c_str(), rights, O_PATH | O_CLOEXEC);
  }

  // All that lies beside the way from the root to `path`, and nothing on it.
  Outcome allowAllBut(const std::string& path) {
    char resolved[PATH_MAX];
    if (!::realpath(path.c_str(), resolved)) return osFault("look for " + path, errno);
    const std::string way(resolved);
    for (std::size_t at = 0; at + 1 < way.size();) {
      const std::size_t next = std::min(way.find('/', at + 1), way.size());
      if (auto fault = allowNeighbours(at == 0 ? "/" : way.substr(0, at), way.substr(at + 1, next - at - 1))) return fault;
      at = next;
    }
    return kDone;
  }

  Descriptor take() { return std::move(ruleset_); }

 private:
  Outcome allowNeighbours(const std::string& folder, const std::string& but) {
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(folder.c_str()), &::closedir);
    if (!list && errno == EACCES) return kDone;  // whom its permissions shut out, this need not let in
    if (!list) return osFault("list " + folder, errno);
    while (const dirent* entry = ::readdir(list.get())) {
      const std::string_view name = static_cast<const char*>(entry->d_name);
      if (name == "." || name == ".." || name == but || entry->d_type == DT_LNK) continue;
      if (++neighbours_ > kMostNeighbours) {
        return Fault{TENON_UNSUPPORTED,
                     folder + " and the folders above it hold more than " + std::to_string(kMostNeighbours) + " entries",
                     "limit-exceeded", "keep the node in a folder of its own, /var/lib/tenon for one"};
      }
      if (auto fault = allowIn(::dirfd(list.get()), entry->d_name, kEverything, O_PATH | O_NOFOLLOW | O_CLOEXEC)) {
        return fault;
      }
    }
    return kDone;
  }

  Outcome allowIn(int folder, const char* name, std::uint64_t rights, int how) {
    const Descriptor place(::openat(folder, name, how));
    if (!place) return kDone;  // gone meanwhile, or not to be reached by permission either
    PathAttributes attributes = {rights & handled_, place.get()};
    const auto add = [&] { return ::syscall(SYS_landlock_add_rule, ruleset_.get(), 1, &attributes, 0) == 0; };
    if (add()) return kDone;
    if (errno == EINVAL) {  // no folder: what means nothing to a file may not be asked for it
      attributes.rights &= kOfFiles;
      if (attributes.rights == 0 || add()) return kDone;
    }
    // Files of the kernel's own kinds (EBADFD) know no rules, and need none.
    return errno == EBADFD ? kDone : Outcome(osFault(std::string("allow ") + name, errno));
  }

  Descriptor ruleset_;
  std::uint64_t handled_ = 0;
  std::size_t neighbours_ = 0;
};

template <class Paths>
Outcome allowAll(Ruleset& ruleset, const Paths& paths, std::uint64_t rights) {
  for (const auto& path : paths) {
    if (auto fault = ruleset.allow(path, rights)) return fault;
  }
  return kDone;
}

Outcome allowSystem(Ruleset& ruleset, bool readOnly) {
  if (auto fault = allowAll(ruleset, kSystemRead, kReading)) return fault;
  if (auto fault = allowAll(ruleset, kSystemUse, readOnly ? kReading : kUsing)) return fault;
  return readOnly ? allowAll(ruleset, kEmptyDevices, kUsing) : kDone;
}

}  // namespace

int landlockVersion() {
  constexpr unsigned kAskVersion = 1;
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  return version > 0 ? static_cast<int>(version) : 0;
}

Outcome makeRuleset(const FileRules& rules, Descriptor& ruleset) {
  Ruleset made;
  using Rest = FileRules::Rest;
  if (auto fault = made.make(rules.rest == Rest::Open)) return fault;
  if (rules.rest != Rest::Open) {
    if (auto fault = allowSystem(made, rules.rest == Rest::ReadOnly)) return fault;
  } else if (!rules.hidden.empty()) {
    if (auto fault = made.allowAllBut(rules.hidden)) return fault;
  } else if (auto fault = made.allow("/", kEverything)) {
    return fault;
  }
  if (auto fault = allowAll(made, rules.read, kReading)) return fault;
  if (auto fault = allowAll(made, rules.write, kUsing)) return fault;
  ruleset = made.take();
  return kDone;
}

}  // namespace tenon::platform
