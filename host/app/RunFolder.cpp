#include "host/app/RunFolder.h"

#include <filesystem>

#include "host/base/Limits.h"
#include "host/trust/Sha256.h"

namespace tenon::host {

Path runFolderOf(const Path& folder) {
  const auto temporary = std::filesystem::temp_directory_path().generic_u8string();
  return Path(std::string(temporary.begin(), temporary.end())) / ("tenon-run-" + sha256(folder.text()).hex().substr(0, 16));
}

void Follower::pump() {
  auto file = ReadFile::open(files_, file_);
  if (!file) return;  // nothing was started yet
  std::string chunk(64 * limits::KiB, '\0');
  while (at_ < file->size()) {
    const auto got = file->read(at_, chunk);
    if (!got || *got == 0) break;
    out_.write(chunk.data(), static_cast<std::streamsize>(*got));
    at_ += *got;
  }
  out_.flush();
}

}  // namespace tenon::host
