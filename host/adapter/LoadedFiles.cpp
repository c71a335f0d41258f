#include "host/adapter/LoadedFiles.h"

#include <algorithm>

#include "host/adapter/PluginCall.h"

namespace tenon::host {

namespace {

FileKind kindOf(std::int32_t kind) {
  switch (kind) {
    case TENON_KIND_FILE:
      return FileKind::File;
    case TENON_KIND_FOLDER:
      return FileKind::Folder;
    case TENON_KIND_SYMLINK:
      return FileKind::Symlink;
    default:
      return FileKind::Other;
  }
}

std::uint32_t flagsOf(CreateOptions options) {
  return (options.executable ? std::uint32_t{TENON_CREATE_EXECUTABLE} : 0u) |
         (options.ownerOnly ? std::uint32_t{TENON_CREATE_PRIVATE} : 0u) |
         (options.append ? std::uint32_t{TENON_CREATE_APPEND} : 0u) |
         (options.readOnly ? std::uint32_t{TENON_CREATE_READ_ONLY} : 0u) |
         (options.uncached ? std::uint32_t{TENON_CREATE_UNCACHED} : 0u);
}

std::uint32_t flagsOf(FolderOptions options) {
  return (options.ownerOnly ? std::uint32_t{TENON_FOLDER_PRIVATE} : 0u) |
         (options.parents ? std::uint32_t{TENON_FOLDER_PARENTS} : 0u) |
         (options.shut ? std::uint32_t{TENON_FOLDER_SHUT} : 0u);
}

tenon_str textOf(const Path& path) { return toPlugin(path.text()); }

}  // namespace

template <class... Parameters, class... Arguments>
Result<void> LoadedFiles::call(std::int32_t (*function)(void*, Parameters...), Arguments... arguments) {
  PluginCall call(plugin_);
  return call.done(function(self_, arguments..., call.sink()));
}

template <class... Parameters, class... Arguments>
Result<Files::Handle> LoadedFiles::callForHandle(std::int32_t (*function)(void*, Parameters...), Arguments... arguments) {
  Handle handle = 0;
  TENON_CHECK(call(function, arguments..., &handle));
  return handle;
}

Result<Files::Handle> LoadedFiles::openFolder(Handle in, std::string_view nameOrPath) {
  return callForHandle(table_.open_folder, in, toPlugin(nameOrPath));
}

void LoadedFiles::closeFolder(Handle folder) { table_.close_folder(self_, folder); }

Result<void> LoadedFiles::makeFolder(Handle in, std::string_view nameOrPath, FolderOptions options) {
  return call(table_.make_folder, in, toPlugin(nameOrPath), flagsOf(options));
}

Result<Files::Handle> LoadedFiles::create(Handle in, std::string_view nameOrPath, CreateOptions options) {
  return callForHandle(table_.create, in, toPlugin(nameOrPath), flagsOf(options));
}

Result<void> LoadedFiles::makeSymlink(Handle in, std::string_view nameOrPath, std::string_view target) {
  return call(table_.make_symlink, in, toPlugin(nameOrPath), toPlugin(target));
}

Result<void> LoadedFiles::write(Handle file, std::uint64_t offset, std::string_view bytes) {
  return call(table_.write, file, offset, static_cast<const void*>(bytes.data()), std::uint64_t{bytes.size()});
}

void LoadedFiles::writeBehind(Handle file, std::uint64_t offset) { table_.write_behind(self_, file, offset); }

Result<void> LoadedFiles::syncFile(Handle file) { return call(table_.sync_file, file); }

Result<Files::Handle> LoadedFiles::open(const Path& path, std::uint64_t& size) {
  Handle handle = 0;
  TENON_CHECK(call(table_.open, textOf(path), &handle, &size));
  return handle;
}

Result<std::size_t> LoadedFiles::read(Handle file, std::uint64_t offset, std::span<char> into) {
  std::uint64_t got = 0;
  TENON_CHECK(call(table_.read, file, offset, static_cast<void*>(into.data()), std::uint64_t{into.size()}, &got));
  return static_cast<std::size_t>(std::min<std::uint64_t>(got, into.size()));
}

void LoadedFiles::closeFile(Handle file) { table_.close_file(self_, file); }

Result<Files::Handle> LoadedFiles::barrierOpen(const Path& under) {
  return callForHandle(table_.barrier_open, textOf(under));
}

Result<void> LoadedFiles::barrierSync(Handle barrier) { return call(table_.barrier_sync, barrier); }

void LoadedFiles::barrierClose(Handle barrier) { table_.barrier_close(self_, barrier); }

Result<Files::Handle> LoadedFiles::lock(const Path& path) { return callForHandle(table_.lock, textOf(path)); }

void LoadedFiles::unlock(Handle lock) { table_.unlock(self_, lock); }

Result<void> LoadedFiles::syncFolder(const Path& path) { return call(table_.sync_folder, textOf(path)); }

Result<void> LoadedFiles::replace(const Path& from, const Path& to) {
  return call(table_.replace, textOf(from), textOf(to));
}

Result<void> LoadedFiles::renameNew(const Path& from, const Path& to) {
  return call(table_.rename_new, textOf(from), textOf(to));
}

Result<void> LoadedFiles::cloneOrLink(const Path& from, const Path& to) {
  return call(table_.clone_or_link, textOf(from), textOf(to));
}

Result<void> LoadedFiles::removeFile(const Path& path) { return call(table_.remove_file, textOf(path)); }

Result<void> LoadedFiles::removeTree(const Path& path) { return call(table_.remove_tree, textOf(path)); }

Result<std::uint64_t> LoadedFiles::freeSpace(const Path& under) {
  std::uint64_t bytes = 0;
  TENON_CHECK(call(table_.free_space, textOf(under), &bytes));
  return bytes;
}

Result<FileInfo> LoadedFiles::inspect(const Path& path) {
  tenon_file_info info = {};
  info.struct_size = sizeof info;
  TENON_CHECK(call(table_.inspect, textOf(path), &info));
  return FileInfo{kindOf(info.kind), info.size, info.executable != 0, info.links};
}

Result<std::vector<FolderEntry>> LoadedFiles::list(const Path& path) {
  std::vector<FolderEntry> entries;
  const auto take = [](void* ctx, tenon_str name, std::int32_t kind) -> std::int32_t {
    static_cast<std::vector<FolderEntry>*>(ctx)->push_back({std::string(fromPlugin(name)), kindOf(kind)});
    return 0;
  };
  std::int32_t (*entry)(void*, tenon_str, std::int32_t) = take;
  TENON_CHECK(call(table_.list, textOf(path), static_cast<void*>(&entries), entry));
  std::sort(entries.begin(), entries.end(), [](const FolderEntry& a, const FolderEntry& b) { return a.name < b.name; });
  return entries;
}

Result<std::string> LoadedFiles::readSymlink(const Path& path) {
  PluginCall call(plugin_);
  return call.document(table_.read_symlink(self_, textOf(path), call.sink()));
}

Result<void> LoadedFiles::emptyFront(const Path& log, std::uint64_t bytes) {
  if (!table_.empty_front) return Files::emptyFront(log, bytes);
  return call(table_.empty_front, textOf(log), bytes);
}

Result<void> LoadedFiles::cutFront(const Path& log, std::uint64_t bytes) {
  if (!table_.cut_front) return Files::cutFront(log, bytes);
  return call(table_.cut_front, textOf(log), bytes);
}

Result<std::uint64_t> LoadedFiles::firstData(const Path& log) {
  if (!table_.first_data) return Files::firstData(log);
  std::uint64_t offset = 0;
  TENON_CHECK(call(table_.first_data, textOf(log), &offset));
  return offset;
}

Result<SealedFile> LoadedFiles::seal(const Path& library) {
  if (!table_.seal) return Files::seal(library);
  SealedFile sealed;
  PluginCall call(plugin_);
  TENON_TRY(sealed.loadedBy, call.document(table_.seal(self_, textOf(library), &sealed.handle, &sealed.size, call.sink())));
  return sealed;
}

}  // namespace tenon::host
