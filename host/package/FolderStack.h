// The folders from a tree's top down to where a worker writes, held open: the next file of the same folder costs no path
// walk, and no name on the way can be turned into a link meanwhile. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"

namespace tenon::host {

class FolderStack {
 public:
  static Result<FolderStack> open(Files& files, const Path& top);

  // Goes to a folder below the top ("" is the top itself), making what is missing.
  Result<Files::Handle> go(std::string_view path);

 private:
  struct Level {
    std::size_t pathBytes;  // of path_ that lead here
    OpenFolder folder;
  };
  FolderStack(Files& files, OpenFolder top) : files_(&files), top_(std::move(top)) {}
  Result<void> descend(std::string_view name);

  Files* files_;
  OpenFolder top_;
  std::vector<Level> levels_;
  std::string path_;
};

}  // namespace tenon::host
