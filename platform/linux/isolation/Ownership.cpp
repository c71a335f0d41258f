#include "platform/linux/isolation/Ownership.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "platform/linux/Descriptor.h"
#include "platform/linux/ProcFs.h"

namespace tenon::platform {

namespace {

constexpr unsigned kMostDeep = 256;  // a descriptor each

struct stat lookAt(int descriptor) {
  struct stat found = {};
  ::fstat(descriptor, &found);
  return found;
}

// A link that the node's owner has made in a folder of its own may stand for the folder; no other is followed.
Descriptor openTop(const std::string& folder) {
  constexpr int kHow = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  Descriptor top(::open(folder.c_str(), kHow | O_NOFOLLOW));
  if (top || (errno != ELOOP && errno != ENOTDIR)) return top;
  const int error = errno;
  struct stat link = {}, above = {};
  const std::string parent = folder.substr(0, folder.find_last_of('/') + 1);
  const bool ours = ::lstat(folder.c_str(), &link) == 0 && ::stat(parent.c_str(), &above) == 0 && S_ISLNK(link.st_mode) &&
                    link.st_uid == ::geteuid() && above.st_uid == ::geteuid();
  if (ours) return Descriptor(::open(folder.c_str(), kHow));
  errno = error;
  return top;
}

class TreeGiver {
 public:
  TreeGiver(uid_t user, dev_t device) : user_(user), device_(device) {}

  Outcome give(int folder, const std::string& text) {
    if (auto fault = walk(folder, text, 0)) return fault;
    if (several_.empty()) return kDone;
    for (const auto& [file, names] : several_) {
      if (names.seen == names.all) continue;
      return Fault{TENON_DENIED,
                   "give " + names.text + " to user " + std::to_string(user_) + ": it has names elsewhere, too", "denied",
                   "copy it, or remove it: who owns one name of a file owns them all"};
    }
    again_ = true;
    return walk(folder, text, 0);
  }

 private:
  struct Names {
    nlink_t seen = 0, all = 0;
    std::string text;
  };

  Outcome walk(int folder, const std::string& text, unsigned depth) {
    if (depth > kMostDeep) {
      return Fault{TENON_UNSUPPORTED, "give " + text + " to another user: folders lie too deep", "limit-exceeded"};
    }
    const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> list(copy < 0 ? nullptr : ::fdopendir(copy), &::closedir);
    if (!list) return osFault("list " + text, errno);
    while (const dirent* entry = ::readdir(list.get())) {
      const std::string name = static_cast<const char*>(entry->d_name);
      if (name == "." || name == "..") continue;
      if (auto fault = giveEntry(folder, name, text + "/" + name, depth)) return fault;
    }
    return kDone;
  }

  Outcome giveEntry(int folder, const std::string& name, const std::string& text, unsigned depth) {
    const Descriptor entry(::openat(folder, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!entry) return errno == ENOENT ? kDone : Outcome(osFault("look at " + text, errno));
    const struct stat found = lookAt(entry.get());
    if (found.st_dev != device_ || S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode)) return kDone;
    if (S_ISDIR(found.st_mode)) {
      const Descriptor inner(::openat(entry.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!inner) return osFault("open folder " + text, errno);
      if (auto fault = walk(inner.get(), text, depth + 1)) return fault;
    } else if (!again_ && S_ISREG(found.st_mode) && found.st_nlink > 1) {
      Names& names = several_[found.st_ino];
      ++names.seen;
      names.all = found.st_nlink;
      names.text = text;
      return kDone;
    }
    if (found.st_uid == user_ && found.st_gid == user_) return kDone;
    if (::fchownat(entry.get(), "", user_, user_, AT_EMPTY_PATH) == 0) return kDone;
    return osFault("give " + text + " to user " + std::to_string(user_), errno);
  }

  const uid_t user_;
  const dev_t device_;
  std::map<ino_t, Names> several_;  // by file
  bool again_ = false;
};

Fault inUse(uid_t user, const std::string& by) {
  return {TENON_UNAVAILABLE, "user " + std::to_string(user) + " is " + by + ", so it cannot be a service's own",
          "already-exists", "choose other numbers for services: service_users in agent.properties"};
}

Outcome requireFree(uid_t number) {
  std::vector<char> buffer(16384);  // sysconf's own advice is 1024
  struct passwd account = {}, *user = nullptr;
  if (::getpwuid_r(number, &account, buffer.data(), buffer.size(), &user) == 0 && user) {
    return inUse(number, std::string("the account ") + account.pw_name);
  }
  struct group team = {}, *group = nullptr;
  if (::getgrgid_r(number, &team, buffer.data(), buffer.size(), &group) == 0 && group) {
    return inUse(number, std::string("the group ") + team.gr_name);
  }
  pid_t runs = 0;
  forEachProcess([&](const ProcStat& process) {
    struct stat found = {};
    const std::string folder = "/proc/" + std::to_string(process.pid);
    const bool lives = process.state != 'Z' && process.state != 'X';
    if (lives && ::stat(folder.c_str(), &found) == 0 && found.st_uid == number) runs = process.pid;
  });
  return runs == 0 ? kDone : Outcome(inUse(number, "who runs process " + std::to_string(runs)));
}

}  // namespace

Outcome handOver(const std::string& folder, uid_t user) {
  const std::string doing = "give " + folder + " to user " + std::to_string(user);
  const Descriptor top = openTop(folder);
  if (!top) return osFault(doing, errno);
  const struct stat found = lookAt(top.get());
  if (found.st_uid == user && found.st_gid == user) return kDone;
  if (found.st_uid != user) {
    if (auto fault = requireFree(user)) return fault;
  }
  if (auto fault = TreeGiver(user, found.st_dev).give(top.get(), folder)) return fault;
  if (::fchmod(top.get(), 0700) != 0 || ::fchown(top.get(), user, user) != 0) return osFault(doing, errno);
  return kDone;
}

Outcome markAsOurs(const std::string& folder) {
  const Descriptor top = openTop(folder);
  if (!top) return osFault("open folder " + folder, errno);
  const struct stat found = lookAt(top.get());
  if (found.st_uid == ::geteuid() || found.st_gid == ::getegid()) return kDone;
  return ::fchown(top.get(), static_cast<uid_t>(-1), ::getegid()) == 0 ? kDone
                                                                       : Outcome(osFault("mark folder " + folder, errno));
}

}  // namespace tenon::platform
