// Files over the table that a plugin offers as tenon.files/1. Owned by LoadedAdapter; any thread.
#pragma once

#include <string>
#include <utility>

#include "host/adapter/Files.h"
#include "tenon/plugin.h"

namespace tenon::host {

class LoadedFiles final : public Files {
 public:
  // `self` belongs to the plugin and lives until it is closed. Members past read_symlink may be null: an older plugin.
  LoadedFiles(std::string plugin, void* self, const tenon_files& table)
      : plugin_(std::move(plugin)), self_(self), table_(table) {}

  Result<Handle> openFolder(Handle in, std::string_view nameOrPath) override;
  void closeFolder(Handle folder) override;
  Result<void> makeFolder(Handle in, std::string_view nameOrPath, FolderOptions options) override;
  Result<Handle> create(Handle in, std::string_view nameOrPath, CreateOptions options) override;
  Result<void> makeSymlink(Handle in, std::string_view nameOrPath, std::string_view target) override;
  Result<void> write(Handle file, std::uint64_t offset, std::string_view bytes) override;
  void writeBehind(Handle file, std::uint64_t offset) override;
  Result<void> syncFile(Handle file) override;
  Result<Handle> open(const Path& path, std::uint64_t& size) override;
  Result<std::size_t> read(Handle file, std::uint64_t offset, std::span<char> into) override;
  void closeFile(Handle file) override;
  Result<Handle> barrierOpen(const Path& under) override;
  Result<void> barrierSync(Handle barrier) override;
  void barrierClose(Handle barrier) override;
  Result<Handle> lock(const Path& path) override;
  void unlock(Handle lock) override;
  Result<void> syncFolder(const Path& path) override;
  Result<void> replace(const Path& from, const Path& to) override;
  Result<void> renameNew(const Path& from, const Path& to) override;
  Result<void> cloneOrLink(const Path& from, const Path& to) override;
  Result<void> removeFile(const Path& path) override;
  Result<void> removeTree(const Path& path) override;
  Result<std::uint64_t> freeSpace(const Path& under) override;
  Result<FileInfo> inspect(const Path& path) override;
  Result<std::vector<FolderEntry>> list(const Path& path) override;
  Result<std::string> readSymlink(const Path& path) override;
  Result<void> emptyFront(const Path& log, std::uint64_t bytes) override;
  Result<void> cutFront(const Path& log, std::uint64_t bytes) override;
  Result<std::uint64_t> firstData(const Path& log) override;
  Result<SealedFile> seal(const Path& library) override;

 private:
  // Calls one of the table's functions with the sink as its last argument.
  template <class... Parameters, class... Arguments>
  Result<void> call(std::int32_t (*function)(void*, Parameters...), Arguments... arguments);
  // The same for one that makes a handle, which is its last argument before the sink.
  template <class... Parameters, class... Arguments>
  Result<Handle> callForHandle(std::int32_t (*function)(void*, Parameters...), Arguments... arguments);

  std::string plugin_;
  void* self_;
  const tenon_files table_;
};

}  // namespace tenon::host
