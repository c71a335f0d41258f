// Which names a package may use: those that every platform can hold and none can misread. One rule for MANIFEST, zip and
// files.requires.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/Result.h"

namespace tenon::host {

// A name from outside, safe to print: control bytes and bad UTF-8 as \\xNN, cut where it is long.
std::string shownName(std::string_view name);

// CON, nul.txt, COM¹, conin$: names that are devices on Windows, whatever follows the first dot.
bool isReservedOnWindows(std::string_view part);

// Relative, '/' between parts, UTF-8 in NFC, within limits. Refused (path-unsafe): empty parts, "." and "..", absolute,
// drive letters, '\\', ':', control characters, characters that Windows refuses, names that Windows reserves, a trailing
// dot, a leading or trailing space, line separators and characters that turn the direction of text.
Result<void> checkPackagePath(std::string_view path);

// Would the link's target stay inside the package? `path` is where the link stands. Relative, the same names as above, and
// ".." only at its beginning, so that no other link on the way can lead it out.
Result<void> checkSymlinkTarget(std::string_view path, std::string_view target);

// Remembers the names of one package and refuses a second one that some file system takes for the same: equal, differing
// only in case, or a file where another needs a folder. `path` passed checkPackagePath.
class PackagePathSet {
 public:
  enum class Kind { File, Folder };

  PackagePathSet() = default;
  PackagePathSet(const PackagePathSet&) = delete;
  PackagePathSet& operator=(const PackagePathSet&) = delete;

  Result<void> add(std::string_view path, Kind kind);

 private:
  struct Entry {
    std::uint32_t folder;                   // a folder's own number; 0 for a file
    bool listed;                            // came through add(), not only as the folder of another
    std::unique_ptr<std::string> spelling;  // a folder's, where folding changed it
  };
  struct Step {
    std::size_t end;  // of its name in the path
    std::uint32_t number;
  };
  // By the number of the folder that it is in, and its folded name: short keys, and those of one folder side by side.
  using Entries = std::map<std::pair<std::uint32_t, std::string>, Entry>;

  Result<std::uint32_t> addFolder(std::string_view path, std::uint32_t parent, bool listed);
  Result<std::uint32_t> folderOf(std::string_view path);

  Entries entries_;
  std::uint32_t folders_ = 0;                // numbers given; 0 is the package itself
  Entries::iterator last_ = entries_.end();  // where a sorted list goes on
  std::string lastFolder_;                   // the folder of the last entry,
  std::vector<Step> lastSteps_;              // and the numbers of the folders on the way to it
};

}  // namespace tenon::host
