#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/file/FileAdapter.h"
#include "platform/linux/file/Where.h"

namespace tenon::platform {

namespace {

std::int32_t kindOf(mode_t mode) {
  if (S_ISREG(mode)) return TENON_KIND_FILE;
  if (S_ISDIR(mode)) return TENON_KIND_FOLDER;
  return S_ISLNK(mode) ? TENON_KIND_SYMLINK : TENON_KIND_OTHER;
}

std::int32_t kindOf(DIR* folder, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return TENON_KIND_FILE;
    case DT_DIR:
      return TENON_KIND_FOLDER;
    case DT_LNK:
      return TENON_KIND_SYMLINK;
    case DT_UNKNOWN: {
      struct stat found = {};
      if (::fstatat(::dirfd(folder), static_cast<const char*>(entry.d_name), &found, AT_SYMLINK_NOFOLLOW) != 0) {
        return TENON_KIND_OTHER;
      }
      return kindOf(found.st_mode);
    }
    default:
      return TENON_KIND_OTHER;
  }
}

}  // namespace

Outcome FileAdapter::makeOneFolder(const Where& where, mode_t mode) const {
  const std::string doing = "make folder " + where.text;
  if (::mkdirat(where.folder, where.name.c_str(), mode) != 0) return osFault(doing, errno);
  if ((mode & umask_) == 0) return kDone;
  // By descriptor: a service that owns the folder around it may put a link in its place meanwhile.
  const Descriptor made(::openat(where.folder, where.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return made && ::fchmod(made.get(), mode) == 0 ? kDone : Outcome(osFault(doing, errno));
}

Outcome FileAdapter::makeFolder(tenon_folder in, std::string_view name, std::uint32_t flags) {
  Where where;
  if (auto fault = locate(in, name, where)) return fault;
  const mode_t mode = (flags & TENON_FOLDER_PRIVATE) ? 0700 : 0755;
  Outcome fault = makeOneFolder(where, mode);
  if (!fault || !(flags & TENON_FOLDER_PARENTS)) return fault;
  if (fault->name == "already-exists") {
    // A link made by the node's owner may stand for a folder of an absolute path, but not for a name in an open folder.
    struct stat found = {};
    const int how = in == 0 ? 0 : AT_SYMLINK_NOFOLLOW;
    if (::fstatat(where.folder, where.name.c_str(), &found, how) == 0 && S_ISDIR(found.st_mode)) {
      const bool open = (flags & TENON_FOLDER_SHUT) && found.st_uid == ::geteuid() && (found.st_mode & 077) != 0;
      if (open && ::fchmodat(where.folder, where.name.c_str(), mode, 0) != 0)
        return osFault("shut folder " + where.text, errno);
      return kDone;
    }
    fault->message += ", and it is no folder";
    return fault;
  }
  const auto slash = where.name.find_last_not_of('/') == std::string::npos
                         ? std::string::npos
                         : where.name.rfind('/', where.name.find_last_not_of('/'));
  if (fault->name != "not-found" || in != 0 || slash == std::string::npos || slash == 0) return fault;
  if (auto above = makeFolder(0, std::string_view(where.name).substr(0, slash), flags & ~std::uint32_t{TENON_FOLDER_SHUT}))
    return above;
  fault = makeOneFolder(where, mode);
  return fault && fault->name == "already-exists" ? kDone : fault;  // somebody else was as quick
}

Outcome FileAdapter::openFolder(tenon_folder in, std::string_view name, tenon_folder& folder) {
  Where where;
  if (auto fault = locate(in, name, where)) return fault;
  const int how = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (in == 0 ? 0 : O_NOFOLLOW);
  auto open = std::make_shared<OpenFolder>();
  open->descriptor = Descriptor(::openat(where.folder, where.name.c_str(), how));
  if (!open->descriptor) return osFault("open folder " + where.text, errno);
  open->text = std::move(where.text);
  folder = folders_.add(std::move(open));
  return kDone;
}

void FileAdapter::closeFolder(tenon_folder folder) { folders_.take(folder); }

Outcome FileAdapter::syncFolder(std::string_view path) {
  std::string text;
  if (auto fault = checkPath(path, text)) return fault;
  const Descriptor folder(::open(text.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return osFault("sync folder " + text, errno);
  return kDone;
}

Outcome FileAdapter::list(std::string_view path, const EntryTold& told) {
  std::string text;
  if (auto fault = checkPath(path, text)) return fault;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(text.c_str()), &::closedir);
  if (!folder) return osFault("list " + text, errno);
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (!entry) break;
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name == "." || name == "..") continue;
    if (!told(name, kindOf(folder.get(), *entry)))
      return Fault{TENON_CANCELLED, "list " + text + ": cancelled", "cancelled"};
  }
  return errno == 0 ? kDone : Outcome(osFault("list " + text, errno));
}

}  // namespace tenon::platform
