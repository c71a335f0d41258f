// The host's only way to a disk: durable files, folders, locks. The C++ face of tenon.files/1 (sdk/include/tenon/plugin.h,
// which says what each call promises). Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Path.h"
#include "host/base/Result.h"

namespace tenon::host {

enum class FileKind { File, Folder, Symlink, Other };

struct FileInfo {
  FileKind kind = FileKind::Other;
  std::uint64_t size = 0;
  bool executable = false;
  unsigned links = 1;
};

struct FolderEntry {
  std::string name;
  FileKind kind;
};

struct CreateOptions {
  bool executable = false;
  bool ownerOnly = false;
  bool append = false;    // may exist already; writes go to its end
  bool readOnly = false;  // nobody may write it once it is closed, where the system knows that
  bool uncached = false;  // large: not to push others out of the system's cache; kUncachedAlignment
};

inline constexpr std::size_t kUncachedAlignment = 4096;  // of memory, offset and size; other pieces go through the cache

inline constexpr std::uint64_t kFrontStep = 65536;  // of emptyFront and cutFront

// A library whose bytes nobody can change any more while it is open.
struct SealedFile {
  std::uint64_t handle = 0;  // read() gives the bytes; closeFile()
  std::uint64_t size = 0;
  std::string loadedBy;  // the path by which this process loads them
};

struct FolderOptions {
  bool parents = false;
  bool ownerOnly = false;
  bool shut = false;  // with both: also one that is there already
};

class Files {
 public:
  using Handle = std::uint64_t;  // 0 is none

  virtual ~Files() = default;

  // Handle-level calls; prefer the owners below.
  virtual Result<Handle> openFolder(Handle in, std::string_view nameOrPath) = 0;
  virtual void closeFolder(Handle folder) = 0;
  virtual Result<void> makeFolder(Handle in, std::string_view nameOrPath, FolderOptions options) = 0;
  virtual Result<Handle> create(Handle in, std::string_view nameOrPath, CreateOptions options) = 0;
  virtual Result<void> makeSymlink(Handle in, std::string_view nameOrPath, std::string_view target) = 0;
  virtual Result<void> write(Handle file, std::uint64_t offset, std::string_view bytes) = 0;
  virtual void writeBehind(Handle file, std::uint64_t offset) = 0;
  virtual Result<void> syncFile(Handle file) = 0;
  virtual Result<Handle> open(const Path& path, std::uint64_t& size) = 0;
  virtual Result<std::size_t> read(Handle file, std::uint64_t offset, std::span<char> into) = 0;
  virtual void closeFile(Handle file) = 0;
  virtual Result<Handle> barrierOpen(const Path& under) = 0;
  virtual Result<void> barrierSync(Handle barrier) = 0;
  virtual void barrierClose(Handle barrier) = 0;
  virtual Result<Handle> lock(const Path& path) = 0;
  virtual void unlock(Handle lock) = 0;

  // Whole paths.
  virtual Result<void> syncFolder(const Path& path) = 0;
  virtual Result<void> replace(const Path& from, const Path& to) = 0;
  virtual Result<void> renameNew(const Path& from, const Path& to) = 0;
  virtual Result<void> cloneOrLink(const Path& from, const Path& to) = 0;
  virtual Result<void> removeFile(const Path& path) = 0;
  virtual Result<void> removeTree(const Path& path) = 0;
  virtual Result<std::uint64_t> freeSpace(const Path& under) = 0;
  virtual Result<FileInfo> inspect(const Path& path) = 0;               // not-found where nothing is there
  virtual Result<std::vector<FolderEntry>> list(const Path& path) = 0;  // sorted by name
  virtual Result<std::string> readSymlink(const Path& path) = 0;

  // The front of a log that a service goes on appending to: `bytes` is less than its size and a multiple of kFrontStep.
  // platform-unsupported, and nothing has changed, where the file system can't; so say files that know nothing of it.
  virtual Result<void> emptyFront(const Path& log, std::uint64_t bytes);  // becomes a hole; durable
  virtual Result<void> cutFront(const Path& log, std::uint64_t bytes);    // what is behind moves to the beginning
  virtual Result<std::uint64_t> firstData(const Path& log);               // past the hole; the size where all of it is one

  // A library that is looked at before it is loaded; platform-unsupported as above.
  virtual Result<SealedFile> seal(const Path& library);

  // Made of the above.
  Result<void> makeFolders(const Path& path) { return makeFolder(0, path.text(), {.parents = true}); }
  // Only the agent's user may enter it, from now on.
  Result<void> makePrivateFolders(const Path& path) {
    return makeFolder(0, path.text(), {.parents = true, .ownerOnly = true, .shut = true});
  }
  bool exists(const Path& path) { return inspect(path).has_value(); }
  // limit-exceeded where the file is larger than `most`.
  Result<std::string> readAll(const Path& path, std::uint64_t most);
};

// Bytes that can be read anywhere: a file, or what is here of one.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  // Fills `into` or fails: content-missing where the source ends before.
  virtual Result<void> readExactly(std::uint64_t offset, std::span<char> into) const = 0;
};

// Owns a file opened for reading.
class ReadFile final : public ByteSource {
 public:
  static Result<ReadFile> open(Files& files, const Path& path);
  ReadFile(Files& files, const SealedFile& sealed) : ReadFile(files, sealed.handle, sealed.size) {}
  ReadFile(ReadFile&& other) noexcept;
  ReadFile& operator=(ReadFile&&) = delete;
  ~ReadFile() override;

  Files::Handle handle() const { return handle_; }
  std::uint64_t size() const override { return size_; }
  Result<void> readExactly(std::uint64_t offset, std::span<char> into) const override;
  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) const;

 private:
  ReadFile(Files& files, Files::Handle handle, std::uint64_t size) : files_(&files), handle_(handle), size_(size) {}
  Files* files_;
  Files::Handle handle_;
  std::uint64_t size_;
};

// Owns a file being written. Closing is not durable; sync() is.
class WriteFile {
 public:
  // `in` 0: the text is an absolute path; else a name in that folder.
  static Result<WriteFile> create(Files& files, Files::Handle in, std::string_view nameOrPath, CreateOptions options = {});
  WriteFile(WriteFile&& other) noexcept;
  WriteFile& operator=(WriteFile&&) = delete;
  ~WriteFile();

  std::uint64_t written() const { return written_; }
  Result<void> append(std::string_view bytes);
  Result<void> sync();
  void writeBehind();

 private:
  WriteFile(Files& files, Files::Handle handle) : files_(&files), handle_(handle) {}
  Files* files_;
  Files::Handle handle_;
  std::uint64_t written_ = 0;
};

// Owns an open folder, so that many names in it cost no path walk.
class OpenFolder {
 public:
  static Result<OpenFolder> open(Files& files, const Path& path);
  static Result<OpenFolder> openIn(Files& files, Files::Handle in, std::string_view name);
  OpenFolder(OpenFolder&& other) noexcept;
  OpenFolder& operator=(OpenFolder&&) = delete;
  ~OpenFolder();
  Files::Handle handle() const { return handle_; }

 private:
  OpenFolder(Files& files, Files::Handle handle) : files_(&files), handle_(handle) {}
  Files* files_;
  Files::Handle handle_;
};

// One durable point for many files: open before the first write, sync() after the last.
class Barrier {
 public:
  static Result<Barrier> open(Files& files, const Path& under);
  Barrier(Barrier&& other) noexcept;
  Barrier& operator=(Barrier&&) = delete;
  ~Barrier();
  Result<void> sync();

 private:
  Barrier(Files& files, Files::Handle handle) : files_(&files), handle_(handle) {}
  Files* files_;
  Files::Handle handle_;
};

// What comes to a file that somebody else writes, piece by piece. `files` outlives it. One thread.
class Follower {
 public:
  Follower(Files& files, Path file) : files_(files), file_(std::move(file)) {}
  // Gives what came since the last time, up to `most` bytes of the file in all; a file that is not there yet has nothing.
  void pump(const std::function<void(std::string_view)>& take, std::uint64_t most = UINT64_MAX);

 private:
  Files& files_;
  Path file_;
  std::uint64_t at_ = 0;
};

// The system's folder for temporary files.
Path temporaryFolder();

// Holds a lock file until destroyed. acquire() never waits: busy where another holds it.
class FileLock {
 public:
  static Result<FileLock> acquire(Files& files, const Path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  FileLock(Files& files, Files::Handle handle) : files_(&files), handle_(handle) {}
  Files* files_;
  Files::Handle handle_;
};

}  // namespace tenon::host
