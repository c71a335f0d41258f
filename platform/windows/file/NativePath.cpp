#include "platform/windows/file/NativePath.h"

#include <winternl.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <vector>

#include "platform/windows/Wide.h"

namespace tenon::platform {

namespace {

constexpr std::wstring_view kLocalPrefix = L"\\\\?\\";
constexpr std::wstring_view kSharePrefix = L"\\\\?\\UNC\\";
constexpr std::size_t kPathUnits = 32760;  // of UNICODE_STRING, less the prefix that the kernel adds

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

Fault unsafePath(std::string_view name, const std::string& why) {
  return {TENON_INVALID, quoted(name) + " is no name that Windows keeps: " + why, "path-unsafe", "give it another name"};
}

// Devices keep their names in every folder and before every extension: learn.microsoft.com, "Naming Files, Paths, and
// Namespaces".
bool isDevice(std::wstring_view name) {
  std::wstring_view stem = name.substr(0, name.find(L'.'));
  while (!stem.empty() && stem.back() == L' ') stem.remove_suffix(1);
  constexpr std::wstring_view kPlain[] = {L"CON", L"PRN", L"AUX", L"NUL", L"CONIN$", L"CONOUT$"};
  if (std::any_of(std::begin(kPlain), std::end(kPlain),
                  [&](std::wstring_view device) { return compareNames(stem, device) == 0; })) {
    return true;
  }
  if (stem.size() != 4) return false;
  constexpr std::wstring_view kDigits = L"123456789\u00B9\u00B2\u00B3";
  const bool port = compareNames(stem.substr(0, 3), L"COM") == 0 || compareNames(stem.substr(0, 3), L"LPT") == 0;
  return port && kDigits.find(stem.back()) != std::wstring_view::npos;
}

bool isDriveLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

Outcome collectParts(std::string_view path, std::vector<std::wstring>& parts, std::size_t fixed) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (parts.size() > fixed) parts.pop_back();
      continue;
    }
    parts.emplace_back();
    if (auto fault = checkName(part, parts.back())) return fault;
  }
  return kDone;
}

std::wstring joined(std::wstring_view prefix, const std::vector<std::wstring>& parts) {
  std::wstring text(prefix);
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (at > 0) text += L'\\';
    text += parts[at];
  }
  return text;
}

}  // namespace

Outcome checkName(std::string_view name, std::wstring& wide) {
  auto converted = toWide(name);
  if (!converted) return invalid("path", "a name is no UTF-8");
  if (name.find('\0') != std::string_view::npos) return invalid("path", "a path holds a NUL byte");
  if (name.find('\\') != std::string_view::npos) {
    return Fault{TENON_INVALID, quoted(name) + " holds a backslash", "path-unsafe", "write / between the parts of a path"};
  }
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < ' ') return unsafePath(name, "it holds a control character");
    if (c == ':') return unsafePath(name, "a colon names a stream inside a file");
    if (std::string_view("<>\"|?*").find(c) != std::string_view::npos) return unsafePath(name, std::string("it holds ") + c);
  }
  if (name.back() == '.' || name.back() == ' ') return unsafePath(name, "it would drop the dot or space at the end");
  if (isDevice(*converted)) return unsafePath(name, "it is a device's");
  wide = *std::move(converted);
  return kDone;
}

Outcome checkPath(std::string_view path, NativePath& checked) {
  const Fault notAbsolute = invalid("path", quoted(path) + " is no absolute path");
  checked.text = path;
  std::vector<std::wstring> parts;
  std::wstring_view prefix = kLocalPrefix;
  if (path.size() >= 2 && isDriveLetter(path[0]) && path[1] == ':' && (path.size() == 2 || path[2] == '/')) {
    parts.push_back({static_cast<wchar_t>(path[0]), L':'});
    if (auto fault = collectParts(path.substr(2), parts, 1)) return fault;
    if (parts.size() == 1) parts.emplace_back();  // "C:\"
  } else if (path.size() > 2 && path.substr(0, 2) == "//" && path[2] != '/') {
    prefix = kSharePrefix;
    constexpr std::size_t kServerAndShare = 2;
    if (auto fault = collectParts(path.substr(2), parts, kServerAndShare)) return fault;
    if (parts.size() < kServerAndShare) return notAbsolute;
  } else {
    Fault fault = notAbsolute;
    if (path.find('\\') != std::string_view::npos) fault.hint = "write / between the parts of a path";
    return fault;
  }
  checked.wide = joined(prefix, parts);
  if (checked.wide.size() > kPathUnits) return Fault{TENON_INVALID, "a path is longer than 32760 characters", "path-unsafe"};
  return kDone;
}

std::wstring withoutPrefix(const std::wstring& wide) {
  if (wide.compare(0, kSharePrefix.size(), kSharePrefix) == 0) return L"\\\\" + wide.substr(kSharePrefix.size());
  return wide.compare(0, kLocalPrefix.size(), kLocalPrefix) == 0 ? wide.substr(kLocalPrefix.size()) : wide;
}

std::string asAbiPath(std::wstring_view native) {
  std::string text = toUtf8(withoutPrefix(std::wstring(native)));
  std::replace(text.begin(), text.end(), '\\', '/');
  return text;
}

DWORD openAt(const Where& where, const OpenHow& how, Handle& opened) {
  std::wstring name = where.keep ? where.name : L"\\??\\" + where.name.substr(kLocalPrefix.size());
  // Checked paths fit; a name that a caller has put behind one may not, and a length that wraps would name another file.
  constexpr std::size_t kMostUnits = std::numeric_limits<USHORT>::max() / sizeof(wchar_t);
  if (name.size() > kMostUnits) return ERROR_FILENAME_EXCED_RANGE;
  UNICODE_STRING text = {};
  text.Buffer = name.data();
  text.Length = text.MaximumLength = static_cast<USHORT>(name.size() * sizeof(wchar_t));
  OBJECT_ATTRIBUTES attributes = {};
  attributes.Length = sizeof attributes;
  attributes.RootDirectory = where.keep ? where.keep->handle.get() : nullptr;
  attributes.ObjectName = &text;
  attributes.Attributes = OBJ_CASE_INSENSITIVE;
  attributes.SecurityDescriptor = how.security;
  IO_STATUS_BLOCK status = {};
  HANDLE file = nullptr;
  constexpr ULONG kShare = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  constexpr ULONG kAlways = FILE_OPEN_REPARSE_POINT | FILE_SYNCHRONOUS_IO_NONALERT;
  const NTSTATUS result =
      ::NtCreateFile(&file, how.access | SYNCHRONIZE | FILE_READ_ATTRIBUTES, &attributes, &status, nullptr,
                     FILE_ATTRIBUTE_NORMAL, kShare, how.disposition, how.options | kAlways, nullptr, 0);
  if (result < 0) return ::RtlNtStatusToDosError(result);
  opened = Handle(file);
  return ERROR_SUCCESS;
}

DWORD openAt(const NativePath& path, const OpenHow& how, Handle& opened) {
  return openAt(Where{nullptr, path.wide, path.text}, how, opened);
}

DWORD attributesOf(HANDLE file, DWORD& attributes) {
  FILE_BASIC_INFO basic = {};
  if (!::GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof basic)) return ::GetLastError();
  attributes = basic.FileAttributes;
  return ERROR_SUCCESS;
}

bool isLink(HANDLE file, DWORD attributes) {
  if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0) return false;
  FILE_ATTRIBUTE_TAG_INFO tag = {};
  if (!::GetFileInformationByHandleEx(file, FileAttributeTagInfo, &tag, sizeof tag)) return true;
  return IsReparseTagNameSurrogate(tag.ReparseTag);
}

}  // namespace tenon::platform
