#include "host/package/FolderStack.h"

namespace tenon::host {

Result<FolderStack> FolderStack::open(Files& files, const Path& top) {
  TENON_TRY(auto folder, OpenFolder::open(files, top));
  return FolderStack(files, std::move(folder));
}

Result<Files::Handle> FolderStack::go(std::string_view path) {
  // Up to the deepest level that lies on the way, then down.
  const auto onTheWay = [&](std::size_t bytes) {
    return path.substr(0, bytes) == std::string_view(path_).substr(0, bytes) && (path.size() == bytes || path[bytes] == '/');
  };
  while (!levels_.empty() && (path.size() < levels_.back().pathBytes || !onTheWay(levels_.back().pathBytes)))
    levels_.pop_back();
  path_.resize(levels_.empty() ? 0 : levels_.back().pathBytes);
  while (path_.size() < path.size()) {
    const auto rest = path.substr(path_.empty() ? 0 : path_.size() + 1);
    TENON_CHECK(descend(rest.substr(0, rest.find('/'))));
  }
  return levels_.empty() ? top_.handle() : levels_.back().folder.handle();
}

Result<void> FolderStack::descend(std::string_view name) {
  const auto here = levels_.empty() ? top_.handle() : levels_.back().folder.handle();
  // Another worker may have made it for the files that it has there.
  if (const auto made = files_->makeFolder(here, name, {}); !made && made.error().code() != ErrorCode::AlreadyExists)
    return made;
  TENON_TRY(auto folder, OpenFolder::openIn(*files_, here, name));
  if (!path_.empty()) path_ += '/';
  path_ += name;
  levels_.push_back({path_.size(), std::move(folder)});
  return {};
}

}  // namespace tenon::host
