// A disk that can stop the world between any two calls, fail at any one, and lose what was not made durable.
//
// Wraps any Files: every call goes on to the real one until the fault that a test has asked for. Mutating calls are counted
// from 1: makeFolder, create, makeSymlink, write, syncFile, barrierSync, syncFolder, replace, renameNew, cloneOrLink,
// removeFile, removeTree, lock, emptyFront, cutFront. The usual sweep:
//   for (n = 1;; ++n) { fresh folder; FakeFiles disk(real, folder); disk.stopBefore(n); act(disk); if (!disk.stopped())
//   break;
//                       for (variant …) { disk.powerCut(other folder, variant); recover there and check } }
// Only what changes through it under `root` is known to powerCut. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "tests/support/DiskModel.h"

namespace tenon::host {

class FakeFiles final : public Files {
 public:
  // `root` exists; what lies there already is taken for durable. `real` outlives this.
  FakeFiles(Files& real, const Path& root) : real_(real), root_(root), disk_(real, root) {}

  // From the n-th mutating call on every call fails with `cancelled`, as if the process had died before it.
  void stopBefore(std::uint64_t n);
  // What a power cut leaves of a file that cloneOrLink gave a second name: Hard, what is durable under one name is durable
  // under the other; Clone (the default, and the worse), it is not.
  enum class Links { Hard, Clone };
  void links(Links links) { links_ = links; }
  // The n-th mutating call fails so; half of a write happens all the same.
  void failAt(std::uint64_t n, ErrorCode code);

  std::uint64_t calls() const;  // mutating ones that were made, a failed one included
  bool stopped() const;
  std::vector<std::string> log() const;  // "replace a.tmp a", paths below the root

  // Makes in the empty folder `into` what the disk may hold after a power cut now: DiskModel::rebuild says which variants.
  void powerCut(const Path& into, std::uint64_t variant) const;

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
  struct Writing {
    DiskModel::NodeId node;
    std::string text;
    bool append;
  };
  struct Folder {
    DiskModel::NodeId node;
    Path path;
  };

  Result<void> alive() const;
  Result<void> count(const std::string& operation);
  Path pathOf(Handle in, std::string_view nameOrPath) const;
  DiskModel::Place placeOf(Handle in, std::string_view nameOrPath) const;
  std::string shown(const Path& path) const;
  void noteFolders(const Path& path);

  Files& real_;
  const Path root_;
  mutable std::mutex mutex_;
  DiskModel disk_;
  std::map<Handle, Writing> writing_;
  std::map<Handle, Folder> folders_;
  std::map<Handle, DiskModel::NodeId> barriers_;
  std::vector<std::string> log_;
  std::uint64_t calls_ = 0, stopBefore_ = 0, failAt_ = 0;
  ErrorCode failWith_ = ErrorCode::IoError;
  bool stopped_ = false;
  Links links_ = Links::Clone;
};

}  // namespace tenon::host
