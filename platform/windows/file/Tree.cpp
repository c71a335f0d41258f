// Removing a tree. Each folder on the way down is held open without the right of others to rename or remove it, so that no
// link can be put in its place meanwhile; links are removed as themselves. No recursion, so a hostile depth costs no stack.
#include <winternl.h>

#include <vector>

#include "platform/windows/file/FileAdapter.h"
#include "platform/windows/file/Patience.h"

namespace tenon::platform {

namespace {

constexpr int kTreeRounds = 1000;  // over one folder into which somebody keeps writing

bool isMissing(DWORD error) { return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND; }

struct FolderOnTheWay {
  std::wstring path;
  Handle held;
  int rounds = 0;
};

// 0 where there is a folder and no link.
DWORD holdFolder(const std::wstring& path, Handle& held) {
  constexpr DWORD kHow = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
  held = Handle(::CreateFileW(path.c_str(), FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE,
                              nullptr, OPEN_EXISTING, kHow, nullptr));
  if (!held) return ::GetLastError();
  BY_HANDLE_FILE_INFORMATION info = {};
  if (!::GetFileInformationByHandle(held.get(), &info)) return ::GetLastError();
  const bool folder = (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  return folder && !isLink(held.get(), info) ? ERROR_SUCCESS : ERROR_DIRECTORY;
}

class TreeRemover {
 public:
  explicit TreeRemover(std::wstring top) { below_.push_back({std::move(top), Handle()}); }

  // 0, or the error of path().
  DWORD run() {
    while (!below_.empty()) {
      path_ = below_.back().path;
      if (!below_.back().held) {
        const DWORD error = withPatience([&] { return holdFolder(path_, below_.back().held); });
        if (isMissing(error)) {
          below_.pop_back();
          continue;
        }
        if (error) return error;
      }
      if (const DWORD error = step()) return error;
    }
    return ERROR_SUCCESS;
  }
  const std::wstring& path() const { return path_; }

 private:
  // Removes the files of the lowest folder, then goes into its first folder, or removes it where it has none.
  DWORD step() {
    std::wstring next;
    if (const DWORD error = removeFiles(below_.back().path, next)) return error;
    if (!next.empty()) {
      below_.push_back({std::move(next), Handle()});
      return ERROR_SUCCESS;
    }
    path_ = below_.back().path;
    below_.back().held.reset();
    const DWORD error = removeOne(path_, FILE_ATTRIBUTE_DIRECTORY);
    if (error == ERROR_DIR_NOT_EMPTY && ++below_.back().rounds < kTreeRounds) {
      ::Sleep(below_.back().rounds > 1 ? 2 : 0);  // a file that others hold open keeps its name until they let go
      return ERROR_SUCCESS;
    }
    if (error == ERROR_SUCCESS) below_.pop_back();
    return error;
  }

  DWORD removeFiles(const std::wstring& folder, std::wstring& firstFolder) {
    WIN32_FIND_DATAW entry = {};
    const HANDLE search = ::FindFirstFileExW((folder + L"\\*").c_str(), FindExInfoBasic, &entry, FindExSearchNameMatch,
                                             nullptr, FIND_FIRST_EX_LARGE_FETCH);
    if (search == INVALID_HANDLE_VALUE) return ::GetLastError();
    DWORD error = ERROR_SUCCESS;
    do {
      const std::wstring name = static_cast<const wchar_t*>(entry.cFileName);
      if (name == L"." || name == L"..") continue;
      const std::wstring path = folder + L"\\" + name;
      constexpr DWORD kMask = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
      if ((entry.dwFileAttributes & kMask) == FILE_ATTRIBUTE_DIRECTORY) {
        if (firstFolder.empty()) firstFolder = path;
        continue;
      }
      path_ = path;
      error = removeOne(path, entry.dwFileAttributes);
    } while (error == ERROR_SUCCESS && ::FindNextFileW(search, &entry));
    if (error == ERROR_SUCCESS && ::GetLastError() != ERROR_NO_MORE_FILES) error = ::GetLastError();
    ::FindClose(search);
    return error;
  }

  std::vector<FolderOnTheWay> below_;  // from the top down
  std::wstring path_;
};

}  // namespace

DWORD removeOne(const std::wstring& path, DWORD attributes) {
  const bool folder = (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  const auto attempt = [&]() -> DWORD {
    const BOOL removed = folder ? ::RemoveDirectoryW(path.c_str()) : ::DeleteFileW(path.c_str());
    return removed ? ERROR_SUCCESS : ::GetLastError();
  };
  DWORD error = attempt();
  if (isMissing(error) || error == ERROR_SUCCESS) return ERROR_SUCCESS;
  if (error == ERROR_ACCESS_DENIED) {
    const DWORD now = ::GetFileAttributesW(path.c_str());
    constexpr DWORD kReadOnly = FILE_ATTRIBUTE_READONLY;
    if (now != INVALID_FILE_ATTRIBUTES && (now & kReadOnly)) ::SetFileAttributesW(path.c_str(), now & ~kReadOnly);
  }
  error = withPatience(attempt);
  return isMissing(error) ? ERROR_SUCCESS : error;
}

Outcome FileAdapter::removeTree(std::string_view path) {
  NativePath native;
  if (auto fault = checkPath(path, native)) return fault;
  const DWORD found = ::GetFileAttributesW(native.wide.c_str());
  if (found == INVALID_FILE_ATTRIBUTES) {
    const DWORD error = ::GetLastError();
    return isMissing(error) ? kDone : Outcome(osFault("remove " + native.text, error));
  }
  constexpr DWORD kMask = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
  if ((found & kMask) != FILE_ATTRIBUTE_DIRECTORY) {
    const DWORD error = removeOne(native.wide, found);
    return error == ERROR_SUCCESS ? kDone : Outcome(osFault("remove " + native.text, error));
  }
  TreeRemover remover(native.wide);
  if (const DWORD error = remover.run()) return osFault("remove " + asAbiPath(remover.path()), error);
  return kDone;
}

}  // namespace tenon::platform
