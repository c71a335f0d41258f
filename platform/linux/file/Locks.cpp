// flock() belongs to the open file, not to the process, so a second lock() of the same process is refused as well, and the
// kernel frees it with the last descriptor: a killed holder leaves nothing behind but the file.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "platform/linux/file/FileAdapter.h"
#include "platform/linux/file/Where.h"

namespace tenon::platform {

Outcome FileAdapter::lock(std::string_view path, tenon_lock& lock) {
  std::string text;
  if (auto fault = checkPath(path, text)) return fault;
  const std::string doing = "lock " + text;
  auto open =
      std::make_shared<Descriptor>(::open(text.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640));
  if (!*open) return osFault(doing, errno);
  struct stat found = {};
  if (::fstat(open->get(), &found) != 0) return osFault(doing, errno);
  if (!S_ISREG(found.st_mode)) return Fault{TENON_DENIED, doing + ": it is no regular file", "denied"};
  while (::flock(open->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return Fault{TENON_UNAVAILABLE, doing + ": another process holds it", "busy"};
    return osFault(doing, errno);
  }
  lock = locks_.add(std::move(open));
  return kDone;
}

void FileAdapter::unlock(tenon_lock lock) {
  // Closing is not enough: a child that is just being spawned holds a copy until its first instruction.
  if (const auto open = locks_.take(lock)) ::flock(open->get(), LOCK_UN);
}

}  // namespace tenon::platform
