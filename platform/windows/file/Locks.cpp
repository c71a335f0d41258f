// LockFileEx belongs to the open file, so a second lock() of the same process is refused as well, and Windows frees it with
// the handle: a killed holder leaves nothing behind but the file. The locked byte lies far past any content, since on
// Windows a lock also keeps others from reading what it covers.
#include <winternl.h>

#include "platform/windows/file/FileAdapter.h"

namespace tenon::platform {

Outcome FileAdapter::lock(std::string_view path, tenon_lock& lock) {
  NativePath native;
  if (auto fault = checkPath(path, native)) return fault;
  const std::string doing = "lock " + native.text;
  auto file = std::make_shared<Handle>();
  constexpr ACCESS_MASK kAccess = FILE_READ_DATA | FILE_WRITE_DATA;
  if (const DWORD error = openAt(native, {kAccess, FILE_OPEN_IF, FILE_NON_DIRECTORY_FILE}, *file)) {
    return osFault(doing, error);
  }
  DWORD attributes = 0;
  if (const DWORD error = attributesOf(file->get(), attributes)) return osFault(doing, error);
  if (isLink(file->get(), attributes)) return Fault{TENON_DENIED, doing + ": it is a link", "denied"};
  OVERLAPPED at = {};
  at.OffsetHigh = 0x7FFFFFFF;
  if (!::LockFileEx(file->get(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)) {
    const DWORD error = ::GetLastError();
    if (error == ERROR_LOCK_VIOLATION || error == ERROR_IO_PENDING) {
      return Fault{TENON_UNAVAILABLE, doing + ": another process holds it", "busy"};
    }
    return osFault(doing, error);
  }
  lock = locks_.add(std::move(file));
  return kDone;
}

void FileAdapter::unlock(tenon_lock lock) {
  const auto file = locks_.take(lock);
  if (!file) return;
  OVERLAPPED at = {};
  at.OffsetHigh = 0x7FFFFFFF;
  ::UnlockFileEx(file->get(), 0, 1, 0, &at);  // closing frees it too, but says not when
}

}  // namespace tenon::platform
