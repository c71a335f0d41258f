// A whole disk in memory, for sweeps over thousands of disks. Keeps the promises of tenon.files/1 that agents rely on (what
// exists, what must not be overwritten, who holds a lock); links are kept, and never followed. Copying it copies all that
// lies on it, and no handle. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/adapter/Files.h"

namespace tenon::host {

class MemoryFiles final : public Files {
 public:
  MemoryFiles() = default;
  MemoryFiles(const MemoryFiles& other) : root_(copyOf(*other.root_)) {}
  MemoryFiles& operator=(const MemoryFiles&) = delete;

  Result<Handle> openFolder(Handle in, std::string_view nameOrPath) override {
    const std::lock_guard lock(mutex_);
    TENON_TRY(auto node, at(in, nameOrPath));
    if (node->kind != FileKind::Folder) return missing(nameOrPath);
    return add(std::move(node));
  }
  void closeFolder(Handle folder) override { close(folder); }
  Result<void> makeFolder(Handle in, std::string_view nameOrPath, FolderOptions options) override {
    const std::lock_guard lock(mutex_);
    if (const auto there = at(in, nameOrPath)) {
      if (options.parents && (*there)->kind == FileKind::Folder) return {};
      return exists(nameOrPath);
    }
    if (in == 0 && options.parents) return makeAll(nameOrPath);
    TENON_TRY(const auto place, placeOf(in, nameOrPath));
    place.folder->names[place.name] = made(FileKind::Folder);
    return {};
  }
  Result<Handle> create(Handle in, std::string_view nameOrPath, CreateOptions options) override {
    const std::lock_guard lock(mutex_);
    TENON_TRY(const auto place, placeOf(in, nameOrPath));
    auto& node = place.folder->names[place.name];
    if (node && !(options.append && node->kind == FileKind::File)) return exists(nameOrPath);
    if (!node) node = made(FileKind::File);
    node->executable = node->executable || options.executable;
    const Handle handle = add(node);
    if (options.append) appending_.insert(handle);
    return handle;
  }
  Result<void> makeSymlink(Handle in, std::string_view nameOrPath, std::string_view target) override {
    const std::lock_guard lock(mutex_);
    TENON_TRY(const auto place, placeOf(in, nameOrPath));
    auto& node = place.folder->names[place.name];
    if (node) return exists(nameOrPath);
    node = made(FileKind::Symlink);
    node->content = target;
    return {};
  }
  Result<void> write(Handle file, std::uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    std::string& content = handles_.at(file)->content;
    const auto begin = appending_.contains(file) ? content.size() : static_cast<std::size_t>(offset);
    if (content.size() < begin + bytes.size()) content.resize(begin + bytes.size(), '\0');
    content.replace(begin, bytes.size(), bytes);
    return {};
  }
  void writeBehind(Handle, std::uint64_t) override {}
  Result<void> syncFile(Handle) override { return {}; }
  Result<Handle> open(const Path& path, std::uint64_t& size) override {
    const std::lock_guard lock(mutex_);
    TENON_TRY(auto node, at(0, path.text()));
    if (node->kind != FileKind::File) return Error(ErrorCode::Denied, path.text() + " is no file");
    size = node->content.size();
    return add(std::move(node));
  }
  Result<std::size_t> read(Handle file, std::uint64_t offset, std::span<char> into) override {
    const std::lock_guard lock(mutex_);
    const std::string& content = handles_.at(file)->content;
    if (offset >= content.size()) return std::size_t{0};
    return content.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
  }
  void closeFile(Handle file) override { close(file); }
  Result<Handle> barrierOpen(const Path& under) override { return openFolder(0, under.text()); }
  Result<void> barrierSync(Handle) override { return {}; }
  void barrierClose(Handle barrier) override { close(barrier); }
  Result<Handle> lock(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TENON_TRY(const auto place, placeOf(0, path.text()));
    auto& node = place.folder->names[place.name];
    if (!node) node = made(FileKind::File);
    if (!locked_.insert(node.get()).second) return Error(ErrorCode::Busy, path.text() + " is held");
    return add(node);
  }
  void unlock(Handle lock) override {
    const std::lock_guard guard(mutex_);
    locked_.erase(handles_.at(lock).get());
    handles_.erase(lock);
  }

  Result<void> syncFolder(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TENON_CHECK(at(0, path.text()));
    return {};
  }
  Result<void> replace(const Path& from, const Path& to) override { return move(from, to, true); }
  Result<void> renameNew(const Path& from, const Path& to) override { return move(from, to, false); }
  Result<void> cloneOrLink(const Path& from, const Path& to) override {
    const std::lock_guard lock(mutex_);
    TENON_TRY(const auto node, at(0, from.text()));
    TENON_TRY(const auto place, placeOf(0, to.text()));
    if (place.folder->names.contains(place.name)) return exists(to.text());
    place.folder->names[place.name] = copyOf(*node);
    return {};
  }
  Result<void> removeFile(const Path& path) override { return remove(path); }
  Result<void> removeTree(const Path& path) override { return remove(path); }
  Result<std::uint64_t> freeSpace(const Path& under) override {
    const std::lock_guard lock(mutex_);
    TENON_CHECK(at(0, under.text()));
    return std::uint64_t{1} << 40;
  }
  Result<FileInfo> inspect(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TENON_TRY(const auto node, at(0, path.text()));
    return FileInfo{node->kind, node->content.size(), node->executable, 1};
  }
  Result<std::vector<FolderEntry>> list(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TENON_TRY(const auto node, at(0, path.text()));
    if (node->kind != FileKind::Folder) return missing(path.text());
    std::vector<FolderEntry> entries;
    for (const auto& [name, child] : node->names) entries.push_back({name, child->kind});
    return entries;
  }
  Result<std::string> readSymlink(const Path& path) override {
    const std::lock_guard lock(mutex_);
    TENON_TRY(const auto node, at(0, path.text()));
    if (node->kind != FileKind::Symlink) return missing(path.text());
    return node->content;
  }

 private:
  struct Node {
    FileKind kind = FileKind::File;
    bool executable = false;
    std::string content;  // of a symlink: its target
    std::map<std::string, std::shared_ptr<Node>> names;
  };
  using NodePtr = std::shared_ptr<Node>;
  struct Place {
    NodePtr folder;
    std::string name;
  };

  static Error missing(std::string_view path) { return Error(ErrorCode::NotFound, std::string(path) + ": not there"); }
  static Error exists(std::string_view path) { return Error(ErrorCode::AlreadyExists, std::string(path) + " is there"); }
  static NodePtr made(FileKind kind) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    return node;
  }
  static NodePtr copyOf(const Node& node) {
    auto copy = std::make_shared<Node>(node);
    for (auto& [name, child] : copy->names) child = copyOf(*child);
    return copy;
  }

  Result<NodePtr> at(Handle in, std::string_view nameOrPath) const {
    NodePtr node = in == 0 ? root_ : handles_.at(in);
    for (std::string_view rest = nameOrPath; !rest.empty();) {
      const auto end = std::min(rest.find('/'), rest.size());
      const std::string name(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (name.empty()) continue;
      const auto found = node->names.find(name);
      if (found == node->names.end()) return missing(nameOrPath);
      node = found->second;
    }
    return node;
  }
  Result<Place> placeOf(Handle in, std::string_view nameOrPath) const {
    if (in != 0) return Place{handles_.at(in), std::string(nameOrPath)};
    const Path path{std::string(nameOrPath)};
    TENON_TRY(auto folder, at(0, path.parent().text()));
    if (folder->kind != FileKind::Folder) return missing(nameOrPath);
    return Place{std::move(folder), path.name()};
  }
  Result<void> makeAll(std::string_view path) {
    NodePtr node = root_;
    for (std::string_view rest = path; !rest.empty();) {
      const auto end = std::min(rest.find('/'), rest.size());
      const std::string name(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (name.empty()) continue;
      auto& child = node->names[name];
      if (!child) child = made(FileKind::Folder);
      if (child->kind != FileKind::Folder) return exists(path);
      node = child;
    }
    return {};
  }
  Handle add(NodePtr node) {
    handles_[++last_] = std::move(node);
    return last_;
  }
  void close(Handle handle) {
    const std::lock_guard lock(mutex_);
    handles_.erase(handle);
    appending_.erase(handle);
  }
  Result<void> move(const Path& from, const Path& to, bool over) {
    const std::lock_guard lock(mutex_);
    TENON_TRY(const auto node, at(0, from.text()));
    TENON_TRY(const auto source, placeOf(0, from.text()));
    TENON_TRY(const auto target, placeOf(0, to.text()));
    if (!over && target.folder->names.contains(target.name)) return exists(to.text());
    source.folder->names.erase(source.name);
    target.folder->names[target.name] = node;
    return {};
  }
  Result<void> remove(const Path& path) {
    const std::lock_guard lock(mutex_);
    if (const auto place = placeOf(0, path.text())) place->folder->names.erase(place->name);
    return {};
  }

  mutable std::mutex mutex_;
  NodePtr root_ = made(FileKind::Folder);
  std::map<Handle, NodePtr> handles_;
  std::set<Handle> appending_;
  std::set<const Node*> locked_;
  Handle last_ = 0;
};

}  // namespace tenon::host
