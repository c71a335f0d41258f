#include "platform/linux/file/FileAdapter.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <charconv>
#include <utility>

#include "platform/linux/ProcFs.h"
#include "platform/linux/file/Where.h"

namespace tenon::platform {

namespace {

// The only way to read it that other threads do not notice.
mode_t umaskOfThisProcess() {
  const auto status = readKernelFile("/proc/self/status").value_or("");
  const auto at = status.find("Umask:\t");
  unsigned mask = 077;  // unknown: give every mode by hand
  if (at != std::string::npos) std::from_chars(status.data() + at + 7, status.data() + status.size(), mask, 8);
  return mask;
}

mode_t modeOf(std::uint32_t flags) {
  mode_t mode = (flags & TENON_CREATE_EXECUTABLE) != 0 ? 0755 : 0644;
  if (flags & TENON_CREATE_PRIVATE) mode &= 0700;
  if (flags & TENON_CREATE_READ_ONLY) mode &= 0555;
  return mode;
}

// O_NONBLOCK keeps the open from waiting on a pipe that lies there; on the regular files that pass it means nothing.
Outcome requireRegular(const Descriptor& descriptor, const std::string& doing, std::uint64_t& size) {
  struct stat found = {};
  if (::fstat(descriptor.get(), &found) != 0) return osFault(doing, errno);
  if (S_ISDIR(found.st_mode)) return osFault(doing, EISDIR);
  if (!S_ISREG(found.st_mode)) return Fault{TENON_DENIED, doing + ": it is no regular file", "denied"};
  size = static_cast<std::uint64_t>(found.st_size);
  return kDone;
}

Fault noFile(tenon_file file) { return invalid("file", "no file is open under handle " + std::to_string(file)); }

}  // namespace

FileAdapter::FileAdapter() : umask_(umaskOfThisProcess()) {}

Outcome FileAdapter::create(tenon_folder in, std::string_view name, std::uint32_t flags, tenon_file& file) {
  Where where;
  if (auto fault = locate(in, name, where)) return fault;
  const std::string doing = "create " + where.text;
  const bool append = (flags & TENON_CREATE_APPEND) != 0;
  const mode_t mode = modeOf(flags);
  const int how = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (append ? O_APPEND | O_NONBLOCK : O_EXCL);
  auto open = std::make_shared<OpenFile>();
  open->descriptor = Descriptor(::openat(where.folder, where.name.c_str(), how, mode));
  if (!open->descriptor) return osFault(doing, errno);
  if (append) {
    std::uint64_t size = 0;
    if (auto fault = requireRegular(open->descriptor, doing, size)) return fault;
    open->append = true;
  } else if ((mode & umask_) != 0 && ::fchmod(open->descriptor.get(), mode) != 0) {
    const int error = errno;
    ::unlinkat(where.folder, where.name.c_str(), 0);
    return osFault(doing, error);
  }
  // A file system that can't says so here, or at the first write.
  if (flags & TENON_CREATE_UNCACHED) open->direct = ::fcntl(open->descriptor.get(), F_SETFL, O_DIRECT) == 0;
  open->text = std::move(where.text);
  file = files_.add(std::move(open));
  return kDone;
}

Outcome FileAdapter::open(std::string_view path, tenon_file& file, std::uint64_t& size) {
  auto open = std::make_shared<OpenFile>();
  if (auto fault = checkPath(path, open->text)) return fault;
  const std::string doing = "open " + open->text;
  open->descriptor = Descriptor(::open(open->text.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!open->descriptor) return osFault(doing, errno);
  if (auto fault = requireRegular(open->descriptor, doing, size)) return fault;
  file = files_.add(std::move(open));
  return kDone;
}

Outcome FileAdapter::write(tenon_file file, std::uint64_t offset, std::string_view bytes) {
  const auto open = files_.find(file);
  if (!open) return noFile(file);
  while (!bytes.empty()) {
    const int descriptor = open->descriptor.get();
    const ssize_t put = open->append ? ::write(descriptor, bytes.data(), bytes.size())
                                     : ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EINVAL && std::exchange(open->direct, false) && ::fcntl(descriptor, F_SETFL, 0) == 0) continue;
    if (put < 0) return osFault("write " + open->text, errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return kDone;
}

void FileAdapter::writeBehind(tenon_file file, std::uint64_t offset) {
  const auto open = files_.find(file);
  if (!open) return;
  const std::uint64_t from = open->behind.exchange(offset);
  if (from >= offset) return;
  // A hint: a file system that can't does nothing.
  ::sync_file_range(open->descriptor.get(), static_cast<off64_t>(from), static_cast<off64_t>(offset - from),
                    SYNC_FILE_RANGE_WRITE);
}

Outcome FileAdapter::read(tenon_file file, std::uint64_t offset, char* into, std::uint64_t count, std::uint64_t& got) {
  got = 0;
  const auto open = files_.find(file);
  if (!open) return noFile(file);
  while (got < count) {
    const ssize_t part = ::pread(open->descriptor.get(), into + got, count - got, static_cast<off_t>(offset + got));
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return osFault("read " + open->text, errno);
    if (part == 0) break;
    got += static_cast<std::uint64_t>(part);
  }
  return kDone;
}

Outcome FileAdapter::syncFile(tenon_file file) {
  const auto open = files_.find(file);
  if (!open) return noFile(file);
  if (::fsync(open->descriptor.get()) != 0) return osFault("sync " + open->text, errno);
  return kDone;
}

void FileAdapter::closeFile(tenon_file file) { files_.take(file); }

}  // namespace tenon::platform
