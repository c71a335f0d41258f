// Files for tests that only read: looks at the real disk, and refuses every write.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "host/adapter/Files.h"

namespace tenon::host {

class ReadOnlyFiles final : public Files {
 public:
  Result<Handle> openFolder(Handle, std::string_view) override { return refused(); }
  void closeFolder(Handle) override {}
  Result<void> makeFolder(Handle, std::string_view, FolderOptions) override { return refused(); }
  Result<Handle> create(Handle, std::string_view, CreateOptions) override { return refused(); }
  Result<void> makeSymlink(Handle, std::string_view, std::string_view) override { return refused(); }
  Result<void> write(Handle, std::uint64_t, std::string_view) override { return refused(); }
  void writeBehind(Handle, std::uint64_t) override {}
  Result<void> syncFile(Handle) override { return refused(); }
  Result<Handle> barrierOpen(const Path&) override { return refused(); }
  Result<void> barrierSync(Handle) override { return refused(); }
  void barrierClose(Handle) override {}
  Result<Handle> lock(const Path&) override { return refused(); }
  void unlock(Handle) override {}
  Result<void> syncFolder(const Path&) override { return refused(); }
  Result<void> replace(const Path&, const Path&) override { return refused(); }
  Result<void> renameNew(const Path&, const Path&) override { return refused(); }
  Result<void> cloneOrLink(const Path&, const Path&) override { return refused(); }
  Result<void> removeFile(const Path&) override { return refused(); }
  Result<void> removeTree(const Path&) override { return refused(); }
  Result<std::uint64_t> freeSpace(const Path&) override { return refused(); }
  Result<std::string> readSymlink(const Path&) override { return refused(); }

  Result<Handle> open(const Path& path, std::uint64_t& size) override {
    std::error_code error;
    size = std::filesystem::file_size(path.text(), error);
    if (error) return missing(path);
    open_.emplace(++last_, std::make_unique<std::ifstream>(path.text(), std::ios::binary));
    return last_;
  }
  Result<std::size_t> read(Handle file, std::uint64_t offset, std::span<char> into) override {
    std::ifstream& in = *open_.at(file);
    in.clear();
    in.seekg(static_cast<std::streamoff>(offset));
    in.read(into.data(), static_cast<std::streamsize>(into.size()));
    return static_cast<std::size_t>(in.gcount());
  }
  void closeFile(Handle file) override { open_.erase(file); }
  Result<FileInfo> inspect(const Path& path) override {
    std::error_code error;
    const auto status = std::filesystem::symlink_status(path.text(), error);
    if (!std::filesystem::exists(status)) return missing(path);
    FileInfo info;
    info.kind = std::filesystem::is_directory(status) ? FileKind::Folder : FileKind::File;
    if (info.kind == FileKind::File) info.size = std::filesystem::file_size(path.text(), error);
    return info;
  }
  Result<std::vector<FolderEntry>> list(const Path& path) override {
    std::error_code error;
    std::vector<FolderEntry> entries;
    for (const auto& entry : std::filesystem::directory_iterator(path.text(), error)) {
      entries.push_back({entry.path().filename().string(), entry.is_directory() ? FileKind::Folder : FileKind::File});
    }
    if (error) return missing(path);
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
  }

 private:
  static Error refused() { return Error(ErrorCode::Denied, "these files are only for reading"); }
  static Error missing(const Path& path) { return Error(ErrorCode::NotFound, path.text() + " is not there"); }

  Handle last_ = 0;
  std::map<Handle, std::unique_ptr<std::ifstream>> open_;
};

}  // namespace tenon::host
