// A library that nobody writes, replaces or removes while it is open: what was looked at is what is loaded.
#include "platform/windows/file/FileAdapter.h"

namespace tenon::platform {

Outcome FileAdapter::seal(std::string_view path, tenon_file& file, std::uint64_t& size, std::string& loadedBy) {
  tenon_file plain = 0;
  if (auto fault = open(path, plain, size)) return fault;  // no link, no folder
  const auto open = files_.take(plain);
  // Opened once more, since the first open lets others write. ReOpenFile is of that very file, whatever its name is now.
  open->handle = Handle(::ReOpenFile(open->handle.get(), GENERIC_READ, FILE_SHARE_READ, 0));
  if (!open->handle) return osFault("seal " + open->text, ::GetLastError());
  open->sealed = true;
  loadedBy = open->text;
  file = files_.add(open);
  return kDone;
}

bool FileAdapter::isSealed(tenon_file file) const {
  const auto open = files_.find(file);
  return open && open->sealed;
}

}  // namespace tenon::platform
