// Removing a tree: by folder descriptors, so that no link is followed and no swapped name leads out of it. Folders deeper
// than kDeep are moved up to the top and removed from there, so that a hostile depth costs neither descriptors nor stack.
#include <dirent.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "platform/linux/file/FileAdapter.h"
#include "platform/linux/file/Where.h"

namespace tenon::platform {

namespace {

constexpr unsigned kDeep = 64;
constexpr int kRounds = 1000;  // over one folder into which somebody keeps writing, or into which deep folders are moved

bool isMountRoot(int folder) {
  struct statx found = {};
  if (::statx(folder, "", AT_EMPTY_PATH, STATX_TYPE, &found) != 0) return false;
  return (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

class TreeRemover {
 public:
  // Removes the folder `name` of `in`.
  Outcome remove(int in, const std::string& name, const std::string& text, unsigned depth) {
    Descriptor folder = openFolder(in, name);
    if (!folder) return errno == ENOENT ? kDone : Outcome(osFault("remove " + text, errno));
    if (isMountRoot(folder.get())) {
      return Fault{TENON_UNAVAILABLE, "remove " + text + ": something is mounted there", "busy", "unmount it first"};
    }
    if (depth == 0) top_ = folder.get();
    for (int round = 0; round < kRounds; ++round) {
      if (auto fault = removeContent(folder.get(), text, depth)) return fault;
      if (::unlinkat(in, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return kDone;
      if (errno != ENOTEMPTY && errno != EEXIST) break;
      errno = ENOTEMPTY;
    }
    return osFault("remove " + text, errno);
  }

 private:
  // A service may have taken its own folders' permissions away; the owner may give them back.
  static Descriptor openFolder(int in, const std::string& name) {
    constexpr int kHow = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    Descriptor folder(::openat(in, name.c_str(), O_RDONLY | kHow));
    if (folder || errno != EACCES) return folder;
    const Descriptor closed(::openat(in, name.c_str(), O_PATH | kHow));
    if (!closed) return folder;
    const std::string self = "/proc/self/fd/" + std::to_string(closed.get());
    if (::chmod(self.c_str(), 0700) != 0) return folder;
    return Descriptor(::openat(in, name.c_str(), O_RDONLY | kHow));
  }

  Outcome removeContent(int folder, const std::string& text, unsigned depth) {
    const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> reading(copy < 0 ? nullptr : ::fdopendir(copy), &::closedir);
    if (!reading) return osFault("list " + text, errno);
    bool opened = false;
    while (const dirent* entry = ::readdir(reading.get())) {
      const std::string name = static_cast<const char*>(entry->d_name);
      if (name == "." || name == "..") continue;
      if (auto fault = removeEntry(folder, name, text, depth)) {
        // The folder may be read but not written: say so once more after its owner has opened it.
        if (fault->name != "denied" || opened || ::fchmod(folder, 0700) != 0) return fault;
        opened = true;
        if ((fault = removeEntry(folder, name, text, depth))) return fault;
      }
    }
    return kDone;
  }

  Outcome removeEntry(int folder, const std::string& name, const std::string& text, unsigned depth) {
    if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return kDone;
    const int error = errno;
    struct stat found = {};
    if (::fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
      return errno == ENOENT ? kDone : Outcome(osFault("remove " + text + "/" + name, errno));
    if (!S_ISDIR(found.st_mode)) return osFault("remove " + text + "/" + name, error);
    if (depth < kDeep) return remove(folder, name, text + "/" + name, depth + 1);
    return moveUp(folder, name, text);
  }

  Outcome moveUp(int folder, const std::string& name, const std::string& text) {
    for (;;) {
      const std::string moved = "deep-" + std::to_string(++moved_);
      if (::renameat2(folder, name.c_str(), top_, moved.c_str(), RENAME_NOREPLACE) == 0) return kDone;
      if (errno != EEXIST) return osFault("remove " + text + "/" + name, errno);
    }
  }

  int top_ = -1;
  std::uint64_t moved_ = 0;
};

}  // namespace

Outcome FileAdapter::removeTree(std::string_view path) {
  std::string text;
  if (auto fault = checkPath(path, text)) return fault;
  struct stat found = {};
  if (::lstat(text.c_str(), &found) != 0)
    return errno == ENOENT || errno == ENOTDIR ? kDone : Outcome(osFault("remove " + text, errno));
  if (!S_ISDIR(found.st_mode)) return removeFile(text);
  return TreeRemover().remove(AT_FDCWD, text, text, 0);
}

}  // namespace tenon::platform
