// A library in memory that nobody writes any more: what was looked at is what is loaded, whatever becomes of its file.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#include <algorithm>
#include <cerrno>

#include "platform/linux/file/FileAdapter.h"

namespace tenon::platform {

namespace {

constexpr std::size_t kPiece = 1u << 30;  // sendfile moves at most 2 GiB at once

Outcome copyAll(const OpenFile& from, std::uint64_t size, int to, const std::string& doing) {
  off_t at = 0;
  while (static_cast<std::uint64_t>(at) < size) {
    const auto most = std::min<std::uint64_t>(size - static_cast<std::uint64_t>(at), kPiece);
    const ssize_t moved = ::sendfile(to, from.descriptor.get(), &at, static_cast<std::size_t>(most));
    if (moved < 0 && errno != EINTR) return osFault(doing, errno);
    if (moved == 0) return Fault{TENON_UNAVAILABLE, doing + ": it became shorter meanwhile", "busy"};
  }
  return kDone;
}

}  // namespace

Outcome FileAdapter::seal(std::string_view path, tenon_file& file, std::uint64_t& size, std::string& loadedBy) {
  tenon_file plain = 0;
  if (auto fault = open(path, plain, size)) return fault;
  const auto from = files_.take(plain);
  const std::string doing = "seal " + from->text;
  auto open = std::make_shared<OpenFile>();
  open->text = from->text;
  open->descriptor = Descriptor(::memfd_create("tenon-library", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!open->descriptor) return osFault(doing, errno);
  if (auto fault = copyAll(*from, size, open->descriptor.get(), doing)) return fault;
  constexpr int kAll = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (::fcntl(open->descriptor.get(), F_ADD_SEALS, kAll) != 0) return osFault(doing, errno);
  open->sealed = true;
  loadedBy = "/proc/self/fd/" + std::to_string(open->descriptor.get());
  file = files_.add(std::move(open));
  return kDone;
}

std::shared_ptr<const OpenFile> FileAdapter::sealed(tenon_file file) const {
  auto open = files_.find(file);
  return open && open->sealed ? open : nullptr;
}

}  // namespace tenon::platform
