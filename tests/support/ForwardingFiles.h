// A disk before the disk: passes every call on. Tests derive from it to fail, count or change single calls.
#pragma once

#include "host/adapter/Files.h"

namespace tenon::host {

class ForwardingFiles : public Files {
 public:
  explicit ForwardingFiles(Files& files) : files_(files) {}

  Result<Handle> openFolder(Handle in, std::string_view path) override { return files_.openFolder(in, path); }
  void closeFolder(Handle folder) override { files_.closeFolder(folder); }
  Result<void> makeFolder(Handle in, std::string_view path, FolderOptions how) override {
    return files_.makeFolder(in, path, how);
  }
  Result<Handle> create(Handle in, std::string_view path, CreateOptions how) override {
    return files_.create(in, path, how);
  }
  Result<void> makeSymlink(Handle in, std::string_view path, std::string_view target) override {
    return files_.makeSymlink(in, path, target);
  }
  Result<void> write(Handle file, std::uint64_t at, std::string_view bytes) override {
    return files_.write(file, at, bytes);
  }
  void writeBehind(Handle file, std::uint64_t offset) override { files_.writeBehind(file, offset); }
  Result<void> syncFile(Handle file) override { return files_.syncFile(file); }
  Result<Handle> open(const Path& path, std::uint64_t& size) override { return files_.open(path, size); }
  Result<std::size_t> read(Handle file, std::uint64_t at, std::span<char> into) override {
    return files_.read(file, at, into);
  }
  void closeFile(Handle file) override { files_.closeFile(file); }
  Result<Handle> barrierOpen(const Path& under) override { return files_.barrierOpen(under); }
  Result<void> barrierSync(Handle barrier) override { return files_.barrierSync(barrier); }
  void barrierClose(Handle barrier) override { files_.barrierClose(barrier); }
  Result<Handle> lock(const Path& path) override { return files_.lock(path); }
  void unlock(Handle lock) override { files_.unlock(lock); }
  Result<void> syncFolder(const Path& path) override { return files_.syncFolder(path); }
  Result<void> replace(const Path& from, const Path& to) override { return files_.replace(from, to); }
  Result<void> renameNew(const Path& from, const Path& to) override { return files_.renameNew(from, to); }
  Result<void> cloneOrLink(const Path& from, const Path& to) override { return files_.cloneOrLink(from, to); }
  Result<void> removeFile(const Path& path) override { return files_.removeFile(path); }
  Result<void> removeTree(const Path& path) override { return files_.removeTree(path); }
  Result<std::uint64_t> freeSpace(const Path& under) override { return files_.freeSpace(under); }
  Result<FileInfo> inspect(const Path& path) override { return files_.inspect(path); }
  Result<std::vector<FolderEntry>> list(const Path& path) override { return files_.list(path); }
  Result<std::string> readSymlink(const Path& path) override { return files_.readSymlink(path); }
  Result<void> emptyFront(const Path& log, std::uint64_t bytes) override { return files_.emptyFront(log, bytes); }
  Result<void> cutFront(const Path& log, std::uint64_t bytes) override { return files_.cutFront(log, bytes); }
  Result<std::uint64_t> firstData(const Path& log) override { return files_.firstData(log); }
  Result<SealedFile> seal(const Path& library) override { return files_.seal(library); }

 private:
  Files& files_;
};

}  // namespace tenon::host
