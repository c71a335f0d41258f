// Removing a tree: by handles of folders and names in them, so that no link is followed and no swapped name leads out of it.
// No recursion, so a hostile depth costs no stack; of handles Windows has millions.
#include <winternl.h>

#include <array>
#include <cstddef>
#include <vector>

#include "platform/windows/Wide.h"
#include "platform/windows/file/FileAdapter.h"
#include "platform/windows/file/Patience.h"

namespace tenon::platform {

namespace {

constexpr int kTreeRounds = 1000;  // over one folder into which somebody keeps writing

bool isMissing(DWORD error) { return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND; }

// FILE_DISPOSITION_INFORMATION_EX, Windows 10 1809: the name is free at once, though others may still have the file open,
// and the read-only attribute is no reason.
constexpr auto kDispositionEx = static_cast<FILE_INFO_BY_HANDLE_CLASS>(21);
constexpr DWORD kDelete = 0x1, kDeleteLikePosix = 0x2, kIgnoreReadOnly = 0x10;

DWORD markDeleted(HANDLE file) {
  DWORD flags = kDelete | kDeleteLikePosix | kIgnoreReadOnly;
  if (::SetFileInformationByHandle(file, kDispositionEx, &flags, sizeof flags)) return ERROR_SUCCESS;
  const DWORD error = ::GetLastError();
  if (!isUnknownToThisSystem(error)) return error;
  FILE_DISPOSITION_INFO old = {TRUE};
  return ::SetFileInformationByHandle(file, FileDispositionInfo, &old, sizeof old) ? ERROR_SUCCESS : ::GetLastError();
}

void clearReadOnly(const Where& where) {
  Handle file;
  FILE_BASIC_INFO basic = {};
  if (openAt(where, {FILE_WRITE_ATTRIBUTES, FILE_OPEN, 0}, file)) return;
  if (!::GetFileInformationByHandleEx(file.get(), FileBasicInfo, &basic, sizeof basic)) return;
  if ((basic.FileAttributes & FILE_ATTRIBUTE_READONLY) == 0) return;
  basic.FileAttributes &= ~static_cast<DWORD>(FILE_ATTRIBUTE_READONLY);
  if (basic.FileAttributes == 0) basic.FileAttributes = FILE_ATTRIBUTE_NORMAL;
  ::SetFileInformationByHandle(file.get(), FileBasicInfo, &basic, sizeof basic);
}

struct FolderOnTheWay {
  Where where;
  std::shared_ptr<OpenFolder> open = {};
  int rounds = 0;
};

class TreeRemover {
 public:
  explicit TreeRemover(const NativePath& top) { below_.push_back({Where{nullptr, top.wide, top.text}}); }

  // 0, or the error of text().
  DWORD run() {
    while (!below_.empty()) {
      if (const DWORD error = step()) return error;
    }
    return ERROR_SUCCESS;
  }
  const std::string& text() const { return text_; }

 private:
  // Empties the lowest folder down to its first folder and goes into that, or removes it where it has none.
  DWORD step() {
    FolderOnTheWay& lowest = below_.back();
    text_ = lowest.where.text;
    if (!lowest.open) {
      const DWORD error = withPatience([&] { return open(lowest); });
      if (isMissing(error)) return below_.pop_back(), ERROR_SUCCESS;
      if (error) return error;
    }
    Where next;
    if (const DWORD error = removeFiles(lowest.open, next)) return error;
    if (next.keep) return below_.push_back({std::move(next)}), ERROR_SUCCESS;
    text_ = lowest.where.text;
    lowest.open.reset();
    const DWORD error = removeOne(lowest.where);
    if (error == ERROR_DIR_NOT_EMPTY && ++lowest.rounds < kTreeRounds) {
      ::Sleep(lowest.rounds > 1 ? 2 : 0);  // a file that others hold open may keep its name until they let go
      return ERROR_SUCCESS;
    }
    if (error == ERROR_SUCCESS) below_.pop_back();
    return error;
  }

  static DWORD open(FolderOnTheWay& folder) {
    auto opened = std::make_shared<OpenFolder>();
    constexpr ACCESS_MASK kAccess = FILE_LIST_DIRECTORY | FILE_TRAVERSE;
    if (const DWORD error = openAt(folder.where, {kAccess, FILE_OPEN, FILE_DIRECTORY_FILE}, opened->handle)) return error;
    DWORD attributes = 0;
    if (const DWORD error = attributesOf(opened->handle.get(), attributes)) return error;
    if (isLink(opened->handle.get(), attributes)) return ERROR_DIRECTORY;
    opened->text = folder.where.text;
    folder.open = std::move(opened);
    return ERROR_SUCCESS;
  }

  DWORD removeFiles(const std::shared_ptr<OpenFolder>& folder, Where& firstFolder) {
    auto what = FileFullDirectoryRestartInfo;
    for (;;) {
      if (!::GetFileInformationByHandleEx(folder->handle.get(), what, buffer_.data(), static_cast<DWORD>(buffer_.size()))) {
        const DWORD error = ::GetLastError();
        return error == ERROR_NO_MORE_FILES ? ERROR_SUCCESS : error;
      }
      what = FileFullDirectoryInfo;
      for (const std::byte* at = buffer_.data();;) {
        const auto& entry = *reinterpret_cast<const FILE_FULL_DIR_INFO*>(at);
        if (const DWORD error = removeEntry(folder, entry, firstFolder)) return error;
        if (firstFolder.keep) return ERROR_SUCCESS;
        if (entry.NextEntryOffset == 0) break;
        at += entry.NextEntryOffset;
      }
    }
  }

  DWORD removeEntry(const std::shared_ptr<OpenFolder>& folder, const FILE_FULL_DIR_INFO& entry, Where& firstFolder) {
    const std::wstring name(static_cast<const wchar_t*>(entry.FileName), entry.FileNameLength / sizeof(wchar_t));
    if (name == L"." || name == L"..") return ERROR_SUCCESS;
    Where where{folder, name, folder->text + "/" + toUtf8(name)};
    constexpr DWORD kMask = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
    if ((entry.FileAttributes & kMask) == FILE_ATTRIBUTE_DIRECTORY) {
      firstFolder = std::move(where);
      return ERROR_SUCCESS;
    }
    text_ = where.text;
    return removeOne(where);
  }

  std::vector<FolderOnTheWay> below_;  // from the top down
  std::string text_;
  alignas(FILE_FULL_DIR_INFO) std::array<std::byte, 65536> buffer_ = {};
};

}  // namespace

DWORD removeOne(const Where& where) {
  bool writable = false;
  const DWORD error = withPatience([&]() -> DWORD {
    Handle file;
    if (const DWORD refused = openAt(where, {DELETE, FILE_OPEN, 0}, file)) return refused;
    DWORD failed = markDeleted(file.get());
    if (failed == ERROR_ACCESS_DENIED && !writable) {
      writable = true;
      clearReadOnly(where);
      failed = markDeleted(file.get());
    }
    return failed;
  });
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
    const DWORD error = removeOne(Where{nullptr, native.wide, native.text});
    return error == ERROR_SUCCESS ? kDone : Outcome(osFault("remove " + native.text, error));
  }
  const auto remover = std::make_unique<TreeRemover>(native);  // its buffer is no guest for a stack
  if (const DWORD error = remover->run()) return osFault("remove " + remover->text(), error);
  return kDone;
}

}  // namespace tenon::platform
