// One durable point for many files: syncfs() on a descriptor that was opened before they were written. Since Linux 5.8 it
// tells a write error that happened after that open; on older kernels each file is asked for its own.
#include "platform/linux/file/Barrier.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "platform/linux/file/FileAdapter.h"
#include "platform/linux/file/Where.h"

namespace tenon::platform {

Outcome FileAdapter::barrierOpen(std::string_view path, tenon_barrier& barrier) {
  auto open = std::make_shared<OpenFolder>();
  if (auto fault = checkPath(path, open->text)) return fault;
  open->descriptor = Descriptor(::open(open->text.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open->descriptor) return osFault("open folder " + open->text, errno);
  barrier = barriers_.add(std::move(open));
  return kDone;
}

Outcome syncFilesBelow(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string path = at->path().string();
    const auto status = at->symlink_status(error);
    if (error && error != std::errc::no_such_file_or_directory) break;
    error.clear();
    if (!fs::is_regular_file(status)) continue;
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file && errno == ENOENT) continue;  // a stranger's that went meanwhile
    if (!file || ::fsync(file.get()) != 0) return osFault("sync " + path, errno);
  }
  if (error) return osFault("list " + folder, error.value());
  return kDone;
}

bool syncfsTellsErrors(const char* release) {
  int major = 0, minor = 0;
  if (std::sscanf(release, "%d.%d", &major, &minor) != 2) return false;
  return major > 5 || (major == 5 && minor >= 8);
}

namespace {

bool kernelTellsErrors() {
  utsname system = {};
  return ::uname(&system) == 0 && syncfsTellsErrors(system.release);
}

}  // namespace

Outcome FileAdapter::barrierSync(tenon_barrier barrier) {
  const auto open = barriers_.find(barrier);
  if (!open) return invalid("barrier", "no barrier is open under handle " + std::to_string(barrier));
  if (::syncfs(open->descriptor.get()) != 0) return osFault("sync all under " + open->text, errno);
  static const bool told = kernelTellsErrors();
  return told ? kDone : syncFilesBelow(open->text);
}

void FileAdapter::barrierClose(tenon_barrier barrier) { barriers_.take(barrier); }

}  // namespace tenon::platform
