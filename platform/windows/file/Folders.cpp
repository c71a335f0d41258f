#include <winternl.h>

#include "platform/windows/Wide.h"
#include "platform/windows/file/FileAdapter.h"

namespace tenon::platform {

namespace {

std::int32_t kindOfEntry(const WIN32_FIND_DATAW& entry) {
  const bool reparsed = (entry.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
  if (reparsed && IsReparseTagNameSurrogate(entry.dwReserved0)) return TENON_KIND_SYMLINK;  // dwReserved0: its tag
  if (entry.dwFileAttributes & FILE_ATTRIBUTE_DEVICE) return TENON_KIND_OTHER;
  return entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? TENON_KIND_FOLDER : TENON_KIND_FILE;
}

struct CloseFind {
  void operator()(void* search) const { ::FindClose(search); }
};

// What stands in a folder's place; a link is none where a name in an open folder is meant.
bool isFolderThere(const Where& where) {
  Handle found;
  if (openAt(where, {0, FILE_OPEN, 0}, found)) return false;
  DWORD attributes = 0;
  if (attributesOf(found.get(), attributes) != ERROR_SUCCESS) return false;
  if (where.keep && isLink(found.get(), attributes)) return false;
  return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

// The folder that an absolute path leads to by a link: the node's owner may have put a junction in its way.
Handle openBehindLink(const Where& where, DWORD access) {
  constexpr DWORD kShare = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  return Handle(
      ::CreateFileW(where.name.c_str(), access, kShare, nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
}

}  // namespace

Outcome FileAdapter::makeOneFolder(const Where& where, bool isOwnerOnly) const {
  const std::string doing = "make folder " + where.text;
  OpenHow how{0, FILE_CREATE, FILE_DIRECTORY_FILE};
  if (auto fault = ownerOnly(isOwnerOnly, doing, how.security)) return fault;
  Handle made;
  if (const DWORD error = openAt(where, how, made)) return osFault(doing, error);
  return kDone;
}

Outcome FileAdapter::shutOpenFolder(HANDLE folder, const std::string& text) const {
  const std::string doing = "keep folder " + text + " for its owner";
  const DWORD error = ownerOnly_.shut(folder);
  if (error != ERROR_INVALID_OWNER) return error ? Outcome(osFault(doing, error)) : kDone;
  return Fault{TENON_DENIED, doing + ": it belongs to somebody who is neither this user, nor the system, nor administrators",
               "denied",
               "somebody made it beforehand, and could change what is kept in it: look at what it holds and remove it, or "
               "give it to administrators (icacls FOLDER /setowner *S-1-5-32-544 /T), then try again"};
}

// A link first as itself, so that nobody else turns it to another folder afterwards.
Outcome FileAdapter::shutFolder(const Where& where) const {
  const std::string doing = "keep folder " + where.text + " for its owner";
  constexpr DWORD kAccess = READ_CONTROL | WRITE_DAC;
  void* descriptor = nullptr;
  if (auto fault = ownerOnly(true, doing, descriptor)) return fault;
  Handle folder;
  if (const DWORD error = openAt(where, {kAccess, FILE_OPEN, FILE_DIRECTORY_FILE}, folder)) return osFault(doing, error);
  if (auto fault = shutOpenFolder(folder.get(), where.text)) return fault;
  DWORD attributes = 0;
  if (const DWORD error = attributesOf(folder.get(), attributes)) return osFault(doing, error);
  if (!isLink(folder.get(), attributes)) return kDone;
  const Handle behind = openBehindLink(where, kAccess);
  return behind ? shutOpenFolder(behind.get(), where.text) : Outcome(osFault(doing, ::GetLastError()));
}

Outcome FileAdapter::makeFolder(tenon_folder in, std::string_view name, std::uint32_t flags) {
  Where where;
  if (auto fault = locate(in, name, where)) return fault;
  const bool isOwnerOnly = (flags & TENON_FOLDER_PRIVATE) != 0;
  Outcome fault = makeOneFolder(where, isOwnerOnly);
  if (!fault || !(flags & TENON_FOLDER_PARENTS)) return fault;
  const bool isShut = isOwnerOnly && (flags & TENON_FOLDER_SHUT) != 0;
  const auto take = [&] { return isShut ? shutFolder(where) : kDone; };
  if (isFolderThere(where)) return take();  // a drive's root says "denied", not "already exists"
  if (fault->name == "already-exists") {
    fault->message += ", and it is no folder";
    return fault;
  }
  const auto end = where.text.find_last_not_of('/');
  const auto slash = end == std::string::npos ? std::string::npos : where.text.rfind('/', end);
  if (fault->name != "not-found" || in != 0 || slash == std::string::npos || slash == 0) return fault;
  const std::uint32_t flagsAbove = flags & ~std::uint32_t{TENON_FOLDER_SHUT};
  if (auto above = makeFolder(0, std::string_view(where.text).substr(0, slash), flagsAbove)) return above;
  fault = makeOneFolder(where, isOwnerOnly);
  return fault && fault->name == "already-exists" ? take() : fault;  // somebody else was as quick
}

Outcome FileAdapter::openFolder(tenon_folder in, std::string_view name, tenon_folder& folder) {
  Where where;
  if (auto fault = locate(in, name, where)) return fault;
  const std::string doing = "open folder " + where.text;
  auto open = std::make_shared<OpenFolder>();
  constexpr ACCESS_MASK kAccess = FILE_LIST_DIRECTORY | FILE_TRAVERSE;
  if (const DWORD error = openAt(where, {kAccess, FILE_OPEN, FILE_DIRECTORY_FILE}, open->handle))
    return osFault(doing, error);
  DWORD attributes = 0;
  if (const DWORD error = attributesOf(open->handle.get(), attributes)) return osFault(doing, error);
  if (isLink(open->handle.get(), attributes)) {
    if (in != 0) return Fault{TENON_DENIED, doing + ": it is a link", "denied"};
    open->handle = openBehindLink(where, kAccess);
    if (!open->handle) return osFault(doing, ::GetLastError());
  }
  open->text = std::move(where.text);
  while (!open->text.empty() && open->text.back() == '/') open->text.pop_back();
  folder = folders_.add(std::move(open));
  return kDone;
}

void FileAdapter::closeFolder(tenon_folder folder) { folders_.take(folder); }

Outcome FileAdapter::list(std::string_view path, const EntryTold& told) {
  NativePath native;
  if (auto fault = checkPath(path, native)) return fault;
  const std::string doing = "list " + native.text;
  WIN32_FIND_DATAW entry = {};
  const std::wstring pattern = native.wide + (native.wide.back() == L'\\' ? L"*" : L"\\*");
  const HANDLE found = ::FindFirstFileExW(pattern.c_str(), FindExInfoBasic, &entry, FindExSearchNameMatch, nullptr,
                                          FIND_FIRST_EX_LARGE_FETCH);
  if (found == INVALID_HANDLE_VALUE) {
    const DWORD error = ::GetLastError();
    const bool empty = error == ERROR_FILE_NOT_FOUND && isFolderThere(Where{nullptr, native.wide, native.text});
    return empty ? kDone : Outcome(osFault(doing, error));  // the root of an empty disk has not even "."
  }
  const std::unique_ptr<void, CloseFind> search(found);
  do {
    const std::wstring_view name = static_cast<const wchar_t*>(entry.cFileName);
    if (name == L"." || name == L"..") continue;
    if (!told(toUtf8(name), kindOfEntry(entry))) return Fault{TENON_CANCELLED, doing + ": cancelled", "cancelled"};
  } while (::FindNextFileW(search.get(), &entry));
  const DWORD error = ::GetLastError();
  return error == ERROR_NO_MORE_FILES ? kDone : Outcome(osFault(doing, error));
}

}  // namespace tenon::platform
