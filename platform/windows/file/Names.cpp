#include <winternl.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "platform/windows/file/FileAdapter.h"
#include "platform/windows/file/Patience.h"

namespace tenon::platform {

namespace {

// FILE_RENAME_INFORMATION_EX, Windows 10 1607: also in the place of a file that somebody reads, who keeps the old content,
// as long as he lets others remove it, as this adapter's own handles do.
constexpr auto kRenameEx = static_cast<FILE_INFO_BY_HANDLE_CLASS>(22);
constexpr DWORD kReplaceIfExists = 0x1, kPosixSemantics = 0x2;

DWORD renameLikePosix(const NativePath& from, const NativePath& to) {
  Handle source;
  if (const DWORD error = openAt(from, {DELETE, FILE_OPEN, 0}, source)) return error;
  const std::size_t nameBytes = to.wide.size() * sizeof(wchar_t);
  std::vector<std::byte> buffer(sizeof(FILE_RENAME_INFO) + nameBytes);
  auto* info = reinterpret_cast<FILE_RENAME_INFO*>(buffer.data());
  constexpr DWORD kFlags = kReplaceIfExists | kPosixSemantics;
  std::memcpy(info, &kFlags, sizeof kFlags);  // in the place of ReplaceIfExists, by the newer definition
  info->FileNameLength = static_cast<DWORD>(nameBytes);
  std::memcpy(static_cast<void*>(info->FileName), to.wide.data(), nameBytes);
  const auto bytes = static_cast<DWORD>(buffer.size());
  return ::SetFileInformationByHandle(source.get(), kRenameEx, info, bytes) ? ERROR_SUCCESS : ::GetLastError();
}

DWORD renameByMove(const NativePath& from, const NativePath& to, DWORD flags) {
  return ::MoveFileExW(from.wide.c_str(), to.wide.c_str(), flags) ? ERROR_SUCCESS : ::GetLastError();
}

// Windows says "access denied" of a target that is merely open. Asking for the right to remove it tells the two apart.
bool isHeldOpen(const NativePath& path) {
  Handle target;
  const DWORD error = openAt(path, {DELETE, FILE_OPEN, 0}, target);
  return error != ERROR_ACCESS_DENIED;
}

Outcome checkBoth(std::string_view from, std::string_view to, NativePath& source, NativePath& target) {
  if (auto fault = checkPath(from, source)) return fault;
  return checkPath(to, target);
}

std::string renaming(const NativePath& from, const NativePath& to) { return "rename " + from.text + " to " + to.text; }

}  // namespace

Outcome FileAdapter::replace(std::string_view from, std::string_view to) {
  NativePath source, target;
  if (auto fault = checkBoth(from, to, source, target)) return fault;
  const DWORD found = ::GetFileAttributesW(target.wide.c_str());
  const bool isFolder = found != INVALID_FILE_ATTRIBUTES && (found & FILE_ATTRIBUTE_DIRECTORY) != 0;
  if (isFolder) return Fault{TENON_DENIED, renaming(source, target) + ": a folder is in its place", "denied"};
  const DWORD error = withPatience([&] {
    const DWORD posix = renameLikePosix(source, target);
    return isUnknownToThisSystem(posix) ? renameByMove(source, target, MOVEFILE_REPLACE_EXISTING) : posix;
  });
  if (error == ERROR_SUCCESS) return kDone;
  Fault fault = osFault(renaming(source, target), error);
  const bool readOnly = found != INVALID_FILE_ATTRIBUTES && (found & FILE_ATTRIBUTE_READONLY) != 0;
  if (error == ERROR_ACCESS_DENIED && readOnly) {
    fault.hint = "take the read-only attribute from " + target.text;
  } else if (error == ERROR_ACCESS_DENIED && found != INVALID_FILE_ATTRIBUTES && isHeldOpen(target)) {
    fault = osFault(renaming(source, target), ERROR_SHARING_VIOLATION);
  }
  return fault;
}

Outcome FileAdapter::renameNew(std::string_view from, std::string_view to) {
  NativePath source, target;
  if (auto fault = checkBoth(from, to, source, target)) return fault;
  const DWORD error = withPatience([&] { return renameByMove(source, target, 0); });
  if (error == ERROR_SUCCESS) return kDone;
  Fault fault = osFault(renaming(source, target), error);
  if (error == ERROR_ACCESS_DENIED) fault.hint = "on Windows a folder cannot be renamed while a file in it is open";
  return fault;
}

// Needs a privilege that services do not have, and its targets differ in kind: what is never made is never in the way.
Outcome FileAdapter::makeSymlink(tenon_folder in, std::string_view name, std::string_view) {
  Where where;
  if (auto fault = locate(in, name, where)) return fault;
  return Fault{TENON_UNSUPPORTED, "make link " + where.text + ": Tenon makes no symbolic links on Windows",
               "platform-unsupported", "pack a copy of the file in the link's place"};
}

Outcome FileAdapter::readSymlink(std::string_view path, std::string&) {
  NativePath native;
  if (auto fault = checkPath(path, native)) return fault;
  Handle found;
  if (const DWORD error = openAt(native, {0, FILE_OPEN, 0}, found)) return osFault("read link " + native.text, error);
  return Fault{TENON_UNSUPPORTED, "read link " + native.text + ": Tenon reads no links on Windows", "platform-unsupported",
               "put a copy of the file in the link's place"};
}

Outcome FileAdapter::removeFile(std::string_view path) {
  NativePath native;
  if (auto fault = checkPath(path, native)) return fault;
  const DWORD found = ::GetFileAttributesW(native.wide.c_str());
  constexpr DWORD kMask = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
  if (found != INVALID_FILE_ATTRIBUTES && (found & kMask) == FILE_ATTRIBUTE_DIRECTORY) {
    return Fault{TENON_UNAVAILABLE, "remove " + native.text + ": it is a folder", "io-error"};
  }
  const DWORD error = removeOne(Where{nullptr, native.wide, native.text});
  return error == ERROR_SUCCESS ? kDone : Outcome(osFault("remove " + native.text, error));
}

Outcome FileAdapter::inspect(std::string_view path, tenon_file_info& info) {
  NativePath native;
  if (auto fault = checkPath(path, native)) return fault;
  const std::string doing = "look at " + native.text;
  Handle file;
  if (const DWORD error = openAt(native, {0, FILE_OPEN, 0}, file)) return osFault(doing, error);
  DWORD attributes = 0;
  if (const DWORD error = attributesOf(file.get(), attributes)) return osFault(doing, error);
  FILE_STANDARD_INFO found = {};
  if (!::GetFileInformationByHandleEx(file.get(), FileStandardInfo, &found, sizeof found)) {
    return osFault(doing, ::GetLastError());
  }
  tenon_file_info told = {};
  told.struct_size = info.struct_size;
  told.kind = isLink(file.get(), attributes)                ? TENON_KIND_SYMLINK
              : (attributes & FILE_ATTRIBUTE_DIRECTORY)     ? TENON_KIND_FOLDER
              : ::GetFileType(file.get()) == FILE_TYPE_DISK ? TENON_KIND_FILE
                                                            : TENON_KIND_OTHER;
  told.size = static_cast<std::uint64_t>(found.EndOfFile.QuadPart);
  told.executable = told.kind == TENON_KIND_FILE ? 1 : 0;  // there is no bit for it: any file may be tried
  told.links = found.NumberOfLinks;
  std::memcpy(&info, &told, std::min<std::size_t>(info.struct_size, sizeof told));
  return kDone;
}

Outcome FileAdapter::freeSpace(std::string_view path, std::uint64_t& bytes) {
  NativePath native;
  if (auto fault = checkPath(path, native)) return fault;
  ULARGE_INTEGER available = {};
  if (!::GetDiskFreeSpaceExW(native.wide.c_str(), &available, nullptr, nullptr)) {
    return osFault("look for space under " + native.text, ::GetLastError());
  }
  bytes = available.QuadPart;
  return kDone;
}

Outcome FileAdapter::emptyFront(std::string_view path, std::uint64_t) {
  return Fault{TENON_UNSUPPORTED, std::string(path) + ": its front cannot be emptied while it is written",
               "platform-unsupported"};
}

Outcome FileAdapter::cutFront(std::string_view path, std::uint64_t) {
  return Fault{TENON_UNSUPPORTED, std::string(path) + ": its front cannot be cut off while it is written",
               "platform-unsupported"};
}

Outcome FileAdapter::firstData(std::string_view path, std::uint64_t& offset) {
  tenon_file_info info = {};
  info.struct_size = sizeof info;
  if (auto fault = inspect(path, info)) return fault;
  offset = 0;
  return kDone;
}

}  // namespace tenon::platform
