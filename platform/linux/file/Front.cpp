// The front of a log that a service goes on appending to. Both calls take the inode's lock, as an append does, so that no
// line is lost or torn between them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/file/FileAdapter.h"
#include "platform/linux/file/Where.h"

namespace tenon::platform {

namespace {

constexpr std::uint64_t kStep = 65536;  // a multiple of every block size that file systems have

Outcome openLog(std::string_view path, int how, OpenFile& log, std::uint64_t& size) {
  if (auto fault = checkPath(path, log.text)) return fault;
  log.descriptor = Descriptor(::open(log.text.c_str(), how | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!log.descriptor) return osFault("open " + log.text, errno);
  struct stat found = {};
  if (::fstat(log.descriptor.get(), &found) != 0) return osFault("look at " + log.text, errno);
  if (!S_ISREG(found.st_mode)) return Fault{TENON_DENIED, "open " + log.text + ": it is no regular file", "denied"};
  size = static_cast<std::uint64_t>(found.st_size);
  return kDone;
}

Outcome openForFront(std::string_view path, std::uint64_t count, OpenFile& log) {
  std::uint64_t size = 0;
  if (auto fault = openLog(path, O_WRONLY, log, size)) return fault;
  if (count > 0 && count % kStep == 0 && count < size) return kDone;
  return invalid("count", log.text + ": the front of " + std::to_string(size) + " bytes cannot be " + std::to_string(count) +
                              " bytes long: it is less, and a multiple of " + std::to_string(kStep));
}

Outcome allocate(const OpenFile& log, int mode, std::uint64_t count, const char* doing) {
  while (::fallocate(log.descriptor.get(), mode, 0, static_cast<off_t>(count)) != 0) {
    if (errno == EINTR) continue;
    const int error = errno;
    Fault fault = osFault(doing + log.text, error);
    // EINVAL: blocks of a size that no multiple of ours meets.
    if (error == EOPNOTSUPP || error == ENOSYS || error == EINVAL)
      fault.code = TENON_UNSUPPORTED, fault.name = "platform-unsupported";
    return fault;
  }
  return kDone;
}

}  // namespace

Outcome FileAdapter::emptyFront(std::string_view path, std::uint64_t count) {
  OpenFile log;
  if (auto fault = openForFront(path, count, log)) return fault;
  if (auto fault = allocate(log, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, count, "empty the front of ")) return fault;
  if (::fsync(log.descriptor.get()) != 0) return osFault("sync " + log.text, errno);
  return kDone;
}

Outcome FileAdapter::cutFront(std::string_view path, std::uint64_t count) {
  OpenFile log;
  if (auto fault = openForFront(path, count, log)) return fault;
  return allocate(log, FALLOC_FL_COLLAPSE_RANGE, count, "cut the front of ");
}

Outcome FileAdapter::firstData(std::string_view path, std::uint64_t& offset) {
  OpenFile log;
  std::uint64_t size = 0;
  if (auto fault = openLog(path, O_RDONLY, log, size)) return fault;
  const off_t found = ::lseek(log.descriptor.get(), 0, SEEK_DATA);
  if (found < 0 && errno != ENXIO && errno != EINVAL) return osFault("look for data in " + log.text, errno);
  offset = found >= 0 ? static_cast<std::uint64_t>(found) : errno == ENXIO ? size : 0;
  return kDone;
}

}  // namespace tenon::platform
