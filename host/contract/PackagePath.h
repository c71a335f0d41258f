// Which names a package may use: those that every platform can hold and none can misread. One rule for MANIFEST, zip and
// files.requires.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "host/base/Result.h"

namespace tenon::host {

// Relative, '/' between parts, UTF-8 in NFC, within limits. Refused (path-unsafe): empty parts, "." and "..", absolute, drive
// letters, '\\', ':', control characters, characters that Windows refuses, names that Windows reserves (CON, nul.txt, COM¹),
// a trailing dot or space.
Result<void> checkPackagePath(std::string_view path);

// Would the link's target stay inside the package? `path` is where the link stands.
Result<void> checkSymlinkTarget(std::string_view path, std::string_view target);

// Remembers the names of one package and refuses a second one that some file system takes for the same: equal, differing
// only in case, or a file where another needs a folder. `path` passed checkPackagePath.
class PackagePathSet {
 public:
  enum class Kind { File, Folder };
  Result<void> add(std::string_view path, Kind kind);

 private:
  std::set<std::string, std::less<>> files_, folders_;  // case-folded
};

}  // namespace tenon::host
