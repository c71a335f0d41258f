// What not every system's disk has, for tests that need it: symbolic links, and modes (who may do what, as POSIX writes it).
#pragma once

#include <filesystem>
#include <system_error>

#include "tests/support/TempFolder.h"

namespace tenon::host {

inline bool diskHasSymlinks() {
  const TempFolder folder;
  std::error_code error;
  std::filesystem::create_symlink("target", (folder / "link").text(), error);
  return !error && std::filesystem::is_symlink(std::filesystem::symlink_status((folder / "link").text(), error));
}

inline bool diskHasModes() {
  const TempFolder folder;
  const std::string file = folder.write("file", "").text();
  const auto owner = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  std::filesystem::permissions(file, owner);
  return std::filesystem::status(file).permissions() == owner;
}

}  // namespace tenon::host

#define TENON_NEEDS_SYMLINKS() \
  if (!::tenon::host::diskHasSymlinks()) GTEST_SKIP() << "this disk has no symbolic links"
#define TENON_NEEDS_MODES() \
  if (!::tenon::host::diskHasModes()) GTEST_SKIP() << "this disk has no modes"
