// tenon.files/1 on Windows: what each call promises stands in sdk/include/tenon/plugin.h, and what Windows can't in
// README.md. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "platform/windows/Fault.h"
#include "platform/windows/Handle.h"
#include "platform/windows/file/HandleTable.h"
#include "platform/windows/file/NativePath.h"
#include "platform/windows/file/OwnerOnly.h"

namespace tenon::platform {

struct OpenFile {
  Handle handle;
  std::string text;  // its path, for messages
  bool append = false, writes = false, sealed = false;
};

struct OpenBarrier {
  NativePath under;
  std::mutex mutex;
  Outcome failed;  // the first failure to write out a file that was closed meanwhile
};

class FileAdapter {
 public:
  // FileAdapter.cpp: content
  Outcome create(tenon_folder in, std::string_view name, std::uint32_t flags, tenon_file& file);
  Outcome open(std::string_view path, tenon_file& file, std::uint64_t& size);
  Outcome write(tenon_file file, std::uint64_t offset, std::string_view bytes);
  void writeBehind(tenon_file, std::uint64_t) {}  // Windows begins to write by itself
  Outcome read(tenon_file file, std::uint64_t offset, char* into, std::uint64_t count, std::uint64_t& got);
  Outcome syncFile(tenon_file file);
  void closeFile(tenon_file file);

  // Folders.cpp
  using EntryTold = std::function<bool(std::string_view name, std::int32_t kind)>;  // false: stop
  Outcome makeFolder(tenon_folder in, std::string_view name, std::uint32_t flags);
  Outcome openFolder(tenon_folder in, std::string_view name, tenon_folder& folder);
  void closeFolder(tenon_folder folder);
  Outcome list(std::string_view path, const EntryTold& told);

  // Names.cpp
  Outcome replace(std::string_view from, std::string_view to);
  Outcome renameNew(std::string_view from, std::string_view to);
  Outcome makeSymlink(tenon_folder in, std::string_view name, std::string_view target);
  Outcome removeFile(std::string_view path);
  Outcome inspect(std::string_view path, tenon_file_info& info);
  Outcome readSymlink(std::string_view path, std::string& target);
  Outcome freeSpace(std::string_view path, std::uint64_t& bytes);

  // Durable.cpp, Locks.cpp, Link.cpp, Tree.cpp
  Outcome syncFolder(std::string_view path);
  Outcome barrierOpen(std::string_view path, tenon_barrier& barrier);
  Outcome barrierSync(tenon_barrier barrier);
  void barrierClose(tenon_barrier barrier);
  Outcome lock(std::string_view path, tenon_lock& lock);
  void unlock(tenon_lock lock);
  Outcome cloneOrLink(std::string_view from, std::string_view to);
  Outcome removeTree(std::string_view path);

  // Seal.cpp
  Outcome seal(std::string_view path, tenon_file& file, std::uint64_t& size, std::string& loadedBy);
  bool isSealed(tenon_file file) const;

  // Names.cpp: no file here can lose its front while another process writes it.
  Outcome emptyFront(std::string_view path, std::uint64_t count);
  Outcome cutFront(std::string_view path, std::uint64_t count);
  Outcome firstData(std::string_view path, std::uint64_t& offset);

 private:
  Outcome locate(tenon_folder in, std::string_view name, Where& where) const;
  Outcome makeOneFolder(const Where& where, bool ownerOnly) const;
  Outcome shutFolder(const Where& where) const;
  Outcome shutOpenFolder(HANDLE folder, const std::string& text) const;
  Outcome ownerOnly(bool wanted, const std::string& doing, void*& descriptor) const;
  void writeOutForBarriers(const OpenFile& file);

  OwnerOnly ownerOnly_;
  HandleTable<OpenFile> files_;
  HandleTable<OpenFolder> folders_;
  HandleTable<OpenBarrier> barriers_;
  HandleTable<Handle> locks_;
};

// Tree.cpp: removes one file, one empty folder, or a link as itself. 0, also where nothing is there, or the error.
DWORD removeOne(const Where& where);

}  // namespace tenon::platform
