// One durable point for many files: syncfs() on a descriptor that was opened before they were written. Since Linux 5.8 it
// tells a write error that happened after that open; older kernels would need an fsync of each file to learn of it.
#include <fcntl.h>
#include <unistd.h>

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

Outcome FileAdapter::barrierSync(tenon_barrier barrier) {
  const auto open = barriers_.find(barrier);
  if (!open) return invalid("barrier", "no barrier is open under handle " + std::to_string(barrier));
  if (::syncfs(open->descriptor.get()) != 0) return osFault("sync all under " + open->text, errno);
  return kDone;
}

void FileAdapter::barrierClose(tenon_barrier barrier) { barriers_.take(barrier); }

}  // namespace tenon::platform
