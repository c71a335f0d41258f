// Which files of a folder go into its package: what files.requires and files.optional of the platform name, or everything
// where they name nothing; service.json and README.md always. Looks at names only; what is in the files is another's work.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/service/ServiceManifest.h"

namespace tenon::host {

struct SourceFile {
  std::string path;    // in the package
  std::uint64_t size;  // bytes; of a symlink, of its target's text
  bool isSymlink = false;
  std::string target;  // of a symlink
};

// Never packed, wherever they stand: .git, __pycache__, *.pyc, .DS_Store.
bool isNeverPacked(std::string_view name);

// `models`: what the package names instead of holding it; a folder in files.requires may come of them alone.
// `skipsAtTop` says which names at the top of the folder are no part of the package. Sorted by the bytes of the paths.
// Errors, with the field of the platform that names it: content-missing (named but not there, or an empty folder),
// path-unsafe (a name or a link that no package may have), archive-limit.
Result<std::vector<SourceFile>> scanFolder(Files& files, const Path& folder, const PlatformVariant& variant,
                                           const std::vector<ModelReference>& models,
                                           const std::function<bool(std::string_view)>& skipsAtTop);

}  // namespace tenon::host
