#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "platform/linux/file/FileAdapter.h"
#include "platform/linux/file/Where.h"

namespace tenon::platform {

namespace {

Outcome rename(std::string_view from, std::string_view to, unsigned flags) {
  std::string source, target;
  if (auto fault = checkPath(from, source)) return fault;
  if (auto fault = checkPath(to, target)) return fault;
  if (::renameat2(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), flags) == 0) return kDone;
  const int error = errno;
  Fault fault = osFault("rename " + source + " to " + target, error);
  if (error == EINVAL && flags != 0) {
    fault.message += ": its file system cannot rename without replacing";
    fault.hint = "put Tenon's folder on ext4, xfs, btrfs or tmpfs";
  }
  return fault;
}

}  // namespace

Outcome FileAdapter::replace(std::string_view from, std::string_view to) { return rename(from, to, 0); }

Outcome FileAdapter::renameNew(std::string_view from, std::string_view to) { return rename(from, to, RENAME_NOREPLACE); }

Outcome FileAdapter::makeSymlink(tenon_folder in, std::string_view name, std::string_view target) {
  Where where;
  if (auto fault = locate(in, name, where)) return fault;
  if (target.empty() || target.find('\0') != std::string_view::npos) return invalid("target", "a link needs a target");
  if (::symlinkat(std::string(target).c_str(), where.folder, where.name.c_str()) != 0) {
    return osFault("make link " + where.text, errno);
  }
  return kDone;
}

Outcome FileAdapter::removeFile(std::string_view path) {
  std::string text;
  if (auto fault = checkPath(path, text)) return fault;
  if (::unlink(text.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return kDone;
  return osFault("remove " + text, errno);
}

Outcome FileAdapter::inspect(std::string_view path, tenon_file_info& info) {
  std::string text;
  if (auto fault = checkPath(path, text)) return fault;
  struct stat found = {};
  if (::lstat(text.c_str(), &found) != 0) {
    // Below a file there is nothing, which is the answer that the caller asked for.
    return osFault("look at " + text, errno == ENOTDIR ? ENOENT : errno);
  }
  tenon_file_info told = {};
  told.struct_size = info.struct_size;
  told.kind = S_ISREG(found.st_mode)   ? TENON_KIND_FILE
              : S_ISDIR(found.st_mode) ? TENON_KIND_FOLDER
              : S_ISLNK(found.st_mode) ? TENON_KIND_SYMLINK
                                       : TENON_KIND_OTHER;
  told.size = static_cast<std::uint64_t>(found.st_size);
  told.executable = S_ISREG(found.st_mode) && (found.st_mode & 0111) != 0 ? 1 : 0;
  told.links = static_cast<std::uint32_t>(found.st_nlink);
  std::memcpy(&info, &told, std::min<std::size_t>(info.struct_size, sizeof told));
  return kDone;
}

Outcome FileAdapter::readSymlink(std::string_view path, std::string& target) {
  std::string text;
  if (auto fault = checkPath(path, text)) return fault;
  target.resize(4096);  // PATH_MAX: no link holds more
  const ssize_t length = ::readlink(text.c_str(), target.data(), target.size());
  if (length < 0) return osFault("read link " + text, errno);
  target.resize(static_cast<std::size_t>(length));
  return kDone;
}

Outcome FileAdapter::freeSpace(std::string_view path, std::uint64_t& bytes) {
  std::string text;
  if (auto fault = checkPath(path, text)) return fault;
  struct statvfs found = {};
  if (::statvfs(text.c_str(), &found) != 0) return osFault("look for space under " + text, errno);
  bytes = static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
  return kDone;
}

}  // namespace tenon::platform
