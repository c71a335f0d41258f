// tenon.files/1 as a table of C functions: each takes its arguments apart and hands them on.
#include "platform/linux/Adapter.h"

namespace tenon::platform {

namespace {

FileAdapter& filesOf(void* self) { return static_cast<Adapter*>(self)->files(); }

std::int32_t makeFolder(void* self, tenon_folder in, tenon_str name, std::uint32_t flags, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).makeFolder(in, view(name), flags); });
}
std::int32_t openFolder(void* self, tenon_folder in, tenon_str name, tenon_folder* folder, const tenon_sink* out) {
  return guarded(out, [&] { return *folder = 0, filesOf(self).openFolder(in, view(name), *folder); });
}
void closeFolder(void* self, tenon_folder folder) { filesOf(self).closeFolder(folder); }

std::int32_t create(void* self, tenon_folder in, tenon_str name, std::uint32_t flags, tenon_file* file,
                    const tenon_sink* out) {
  return guarded(out, [&] { return *file = 0, filesOf(self).create(in, view(name), flags, *file); });
}
std::int32_t write(void* self, tenon_file file, std::uint64_t offset, const void* bytes, std::uint64_t count,
                   const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).write(file, offset, {static_cast<const char*>(bytes), count}); });
}
void writeBehind(void* self, tenon_file file, std::uint64_t offset) { filesOf(self).writeBehind(file, offset); }
std::int32_t syncFile(void* self, tenon_file file, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).syncFile(file); });
}
void closeFile(void* self, tenon_file file) { filesOf(self).closeFile(file); }

std::int32_t syncFolder(void* self, tenon_str path, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).syncFolder(view(path)); });
}
std::int32_t replace(void* self, tenon_str from, tenon_str to, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).replace(view(from), view(to)); });
}
std::int32_t renameNew(void* self, tenon_str from, tenon_str to, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).renameNew(view(from), view(to)); });
}

std::int32_t barrierOpen(void* self, tenon_str path, tenon_barrier* barrier, const tenon_sink* out) {
  return guarded(out, [&] { return *barrier = 0, filesOf(self).barrierOpen(view(path), *barrier); });
}
std::int32_t barrierSync(void* self, tenon_barrier barrier, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).barrierSync(barrier); });
}
void barrierClose(void* self, tenon_barrier barrier) { filesOf(self).barrierClose(barrier); }

std::int32_t lock(void* self, tenon_str path, tenon_lock* lock, const tenon_sink* out) {
  return guarded(out, [&] { return *lock = 0, filesOf(self).lock(view(path), *lock); });
}
void unlock(void* self, tenon_lock lock) { filesOf(self).unlock(lock); }

std::int32_t cloneOrLink(void* self, tenon_str from, tenon_str to, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).cloneOrLink(view(from), view(to)); });
}
std::int32_t makeSymlink(void* self, tenon_folder in, tenon_str name, tenon_str target, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).makeSymlink(in, view(name), view(target)); });
}
std::int32_t removeFile(void* self, tenon_str path, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).removeFile(view(path)); });
}
std::int32_t removeTree(void* self, tenon_str path, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).removeTree(view(path)); });
}
std::int32_t freeSpace(void* self, tenon_str path, std::uint64_t* bytes, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).freeSpace(view(path), *bytes); });
}

std::int32_t open(void* self, tenon_str path, tenon_file* file, std::uint64_t* size, const tenon_sink* out) {
  return guarded(out, [&] { return *file = 0, filesOf(self).open(view(path), *file, *size); });
}
std::int32_t read(void* self, tenon_file file, std::uint64_t offset, void* bytes, std::uint64_t count, std::uint64_t* got,
                  const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).read(file, offset, static_cast<char*>(bytes), count, *got); });
}
std::int32_t inspect(void* self, tenon_str path, tenon_file_info* info, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).inspect(view(path), *info); });
}
std::int32_t list(void* self, tenon_str path, void* ctx, std::int32_t (*entry)(void* ctx, tenon_str name, std::int32_t kind),
                  const tenon_sink* out) {
  return guarded(out, [&] {
    return filesOf(self).list(view(path),
                              [&](std::string_view name, std::int32_t kind) { return entry(ctx, str(name), kind) == 0; });
  });
}
std::int32_t readSymlink(void* self, tenon_str path, const tenon_sink* out) {
  return guarded(out, [&]() -> Outcome {
    std::string target;
    if (auto fault = filesOf(self).readSymlink(view(path), target)) return fault;
    if (out->document(out->ctx, str(target)) == 0) return kDone;
    return Fault{TENON_CANCELLED, "cancelled by the caller", "cancelled"};
  });
}

std::int32_t emptyFront(void* self, tenon_str path, std::uint64_t count, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).emptyFront(view(path), count); });
}
std::int32_t cutFront(void* self, tenon_str path, std::uint64_t count, const tenon_sink* out) {
  return guarded(out, [&] { return filesOf(self).cutFront(view(path), count); });
}
std::int32_t firstData(void* self, tenon_str path, std::uint64_t* offset, const tenon_sink* out) {
  return guarded(out, [&] { return *offset = 0, filesOf(self).firstData(view(path), *offset); });
}
std::int32_t seal(void* self, tenon_str path, tenon_file* file, std::uint64_t* size, const tenon_sink* out) {
  return guarded(out, [&]() -> Outcome {
    std::string loadedBy;
    *file = 0;
    if (auto fault = filesOf(self).seal(view(path), *file, *size, loadedBy)) return fault;
    if (out->document(out->ctx, str(loadedBy)) == 0) return kDone;
    filesOf(self).closeFile(*file);
    *file = 0;
    return cancelled();
  });
}

}  // namespace

const tenon_files& filesTable() {
  static const tenon_files table = {sizeof(tenon_files),
                                    0,
                                    &makeFolder,
                                    &openFolder,
                                    &closeFolder,
                                    &create,
                                    &write,
                                    &writeBehind,
                                    &syncFile,
                                    &closeFile,
                                    &syncFolder,
                                    &replace,
                                    &renameNew,
                                    &barrierOpen,
                                    &barrierSync,
                                    &barrierClose,
                                    &lock,
                                    &unlock,
                                    &cloneOrLink,
                                    &makeSymlink,
                                    &removeFile,
                                    &removeTree,
                                    &freeSpace,
                                    &open,
                                    &read,
                                    &inspect,
                                    &list,
                                    &readSymlink,
                                    &emptyFront,
                                    &cutFront,
                                    &firstData,
                                    &seal};
  return table;
}

}  // namespace tenon::platform
