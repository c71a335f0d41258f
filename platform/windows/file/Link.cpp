// The same content under a second name: hard link, else copy. (Block clones exist on ReFS alone, where CopyFileExW makes
// them by itself since Windows 11 24H2.)
#include <winternl.h>

#include "platform/windows/file/FileAdapter.h"

namespace tenon::platform {

namespace {

bool meansNoHardLink(DWORD error) {
  return error == ERROR_NOT_SAME_DEVICE || error == ERROR_TOO_MANY_LINKS || error == ERROR_INVALID_FUNCTION ||
         error == ERROR_NOT_SUPPORTED || error == ERROR_ACCESS_DENIED || error == ERROR_CALL_NOT_IMPLEMENTED;
}

// A program that runs gives up none of its names, so one that were shared could not be removed from a release that is long
// gone.
bool isProgram(HANDLE file) {
  char magic[2] = {};
  DWORD got = 0;
  return ::ReadFile(file, magic, sizeof magic, &got, nullptr) && got == sizeof magic && magic[0] == 'M' && magic[1] == 'Z';
}

}  // namespace

Outcome FileAdapter::cloneOrLink(std::string_view from, std::string_view to) {
  NativePath source, target;
  if (auto fault = checkPath(from, source)) return fault;
  if (auto fault = checkPath(to, target)) return fault;
  const std::string doing = "link " + source.text + " to " + target.text;
  Handle file;
  if (const DWORD error = openAt(source, {FILE_READ_DATA, FILE_OPEN, FILE_NON_DIRECTORY_FILE}, file)) {
    return osFault(doing, error);
  }
  DWORD attributes = 0;
  if (const DWORD error = attributesOf(file.get(), attributes)) return osFault(doing, error);
  if (isLink(file.get(), attributes)) return Fault{TENON_DENIED, doing + ": the source is no regular file", "denied"};
  if (!isProgram(file.get())) {
    if (::CreateHardLinkW(target.wide.c_str(), source.wide.c_str(), nullptr)) return kDone;
    if (const DWORD error = ::GetLastError(); !meansNoHardLink(error)) return osFault(doing, error);
  }
  BOOL cancel = FALSE;
  if (!::CopyFileExW(source.wide.c_str(), target.wide.c_str(), nullptr, nullptr, &cancel, COPY_FILE_FAIL_IF_EXISTS)) {
    return osFault(doing, ::GetLastError());
  }
  // New bytes, as any that were written: a barrier that is open makes them durable.
  OpenFile copy;
  copy.text = target.text;
  if (const DWORD error = openAt(target, {FILE_WRITE_DATA, FILE_OPEN, FILE_NON_DIRECTORY_FILE}, copy.handle)) {
    return osFault(doing, error);
  }
  writeOutForBarriers(copy);
  return kDone;
}

}  // namespace tenon::platform
