// Paths of the ABI ("C:/a/b", "//server/share/a") as Windows takes them without its old limit of 260 characters
// ("\\?\C:\a\b",
// "\\?\UNC\server\share\a"). That form is handed to the file system as it is, so what Windows would otherwise do to a path
// is done here: "." and ".." are resolved by text, and names that mean something else to Windows are refused. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "platform/windows/Fault.h"
#include "platform/windows/Handle.h"

namespace tenon::platform {

struct NativePath {
  std::wstring wide;  // "\\?\..."
  std::string text;   // as it was given, for messages
};

// Refused with the part that is wrong: what is not absolute; '\' as separator; the characters < > : " | ? * and below space
// (':' names a stream of a file); a name that ends with a dot or a space, which Windows drops; names of devices (CON, NUL,
// COM1 …, with any extension).
Outcome checkPath(std::string_view path, NativePath& checked);

// One such part.
Outcome checkName(std::string_view name, std::wstring& wide);

// "C:\a\b": for programs, which may not understand the long form.
std::wstring withoutPrefix(const std::wstring& wide);
// "C:/a/b", from either form.
std::string asAbiPath(std::wstring_view native);

// Where a call is to act: a name in an open folder, or an absolute path. Kept by the call alone.
struct OpenFolder {
  Handle handle;
  std::string text;
};
struct Where {
  std::shared_ptr<OpenFolder> keep = {};  // null: `name` is an absolute path
  std::wstring name;
  std::string text;  // for messages
};

// How a file or folder is opened, in the words of NtCreateFile, the only call that takes a name relative to an open folder.
struct OpenHow {
  ACCESS_MASK access = 0;
  ULONG disposition = 0;     // FILE_OPEN, FILE_CREATE, FILE_OPEN_IF
  ULONG options = 0;         // beside those that every open here has
  void* security = nullptr;  // SECURITY_DESCRIPTOR of what is made; null: as the folder says
};
// Never follows a link at the end, is not inherited by children, lets others read, write, rename and remove meanwhile.
// 0, or what GetLastError would say.
DWORD openAt(const Where& where, const OpenHow& how, Handle& opened);
DWORD openAt(const NativePath& path, const OpenHow& how, Handle& opened);

// FILE_ATTRIBUTE_… of an open name; a Windows error, or 0. Not by GetFileInformationByHandle, which asks the volume for its
// serial number as well: that takes longer than all the rest.
DWORD attributesOf(HANDLE file, DWORD& attributes);

// A symbolic link, a junction or a mounted volume: what stands for something elsewhere. Files that a file system filter
// keeps in its own form (compressed, deduplicated, in a cloud) are none.
bool isLink(HANDLE file, DWORD attributes);

}  // namespace tenon::platform
