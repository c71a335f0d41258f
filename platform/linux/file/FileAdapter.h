// tenon.files/1 on Linux: what each call promises stands in sdk/include/tenon/plugin.h. Any thread.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "platform/linux/Descriptor.h"
#include "platform/linux/Fault.h"
#include "platform/linux/file/HandleTable.h"

namespace tenon::platform {

struct OpenFile {
  Descriptor descriptor;
  std::string text;  // its path, for messages
  bool append = false;
  bool sealed = false;
  bool direct = false;                   // past the page cache, as long as what is written is aligned
  std::atomic<std::uint64_t> behind{0};  // up to where writing out has been asked for
};

struct OpenFolder {
  Descriptor descriptor;
  std::string text;
};

struct Where;

class FileAdapter {
 public:
  FileAdapter();

  // FileAdapter.cpp: content
  Outcome create(tenon_folder in, std::string_view name, std::uint32_t flags, tenon_file& file);
  Outcome open(std::string_view path, tenon_file& file, std::uint64_t& size);
  Outcome write(tenon_file file, std::uint64_t offset, std::string_view bytes);
  void writeBehind(tenon_file file, std::uint64_t offset);
  Outcome read(tenon_file file, std::uint64_t offset, char* into, std::uint64_t count, std::uint64_t& got);
  Outcome syncFile(tenon_file file);
  void closeFile(tenon_file file);

  // Folders.cpp
  using EntryTold = std::function<bool(std::string_view name, std::int32_t kind)>;  // false: stop
  Outcome makeFolder(tenon_folder in, std::string_view name, std::uint32_t flags);
  Outcome openFolder(tenon_folder in, std::string_view name, tenon_folder& folder);
  void closeFolder(tenon_folder folder);
  Outcome syncFolder(std::string_view path);
  Outcome list(std::string_view path, const EntryTold& told);

  // Names.cpp
  Outcome replace(std::string_view from, std::string_view to);
  Outcome renameNew(std::string_view from, std::string_view to);
  Outcome makeSymlink(tenon_folder in, std::string_view name, std::string_view target);
  Outcome removeFile(std::string_view path);
  Outcome inspect(std::string_view path, tenon_file_info& info);
  Outcome readSymlink(std::string_view path, std::string& target);
  Outcome freeSpace(std::string_view path, std::uint64_t& bytes);

  // Barrier.cpp, Locks.cpp, Link.cpp, Tree.cpp
  Outcome barrierOpen(std::string_view path, tenon_barrier& barrier);
  Outcome barrierSync(tenon_barrier barrier);
  void barrierClose(tenon_barrier barrier);
  Outcome lock(std::string_view path, tenon_lock& lock);
  void unlock(tenon_lock lock);
  Outcome cloneOrLink(std::string_view from, std::string_view to);
  Outcome removeTree(std::string_view path);

  // Seal.cpp
  Outcome seal(std::string_view path, tenon_file& file, std::uint64_t& size, std::string& loadedBy);
  // What seal() opened, for as long as it is kept; null where there is none.
  std::shared_ptr<const OpenFile> sealed(tenon_file file) const;

  // Front.cpp: logs that somebody appends to
  Outcome emptyFront(std::string_view path, std::uint64_t count);
  Outcome cutFront(std::string_view path, std::uint64_t count);
  Outcome firstData(std::string_view path, std::uint64_t& offset);

 private:
  Outcome locate(tenon_folder in, std::string_view name, Where& where) const;
  Outcome makeOneFolder(const Where& where, mode_t mode) const;
  Outcome cloneLinkOrCopy(const std::string& source, const std::string& target);
  bool clones(dev_t device) const;
  void clonesNot(dev_t device);

  mode_t umask_;  // of this process: what it takes away is given back, so that modes do not depend on who started it
  HandleTable<OpenFile> files_;
  HandleTable<OpenFolder> folders_;
  HandleTable<OpenFolder> barriers_;
  HandleTable<Descriptor> locks_;
  mutable std::mutex mutex_;
  std::set<dev_t> withoutClones_;  // file systems that have refused a reflink
};

}  // namespace tenon::platform
