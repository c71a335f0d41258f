// Durable names and barriers. Windows flushes a whole volume for administrators only, so a barrier works by file: while one
// is open, a file that was written is written out when it is closed, without waiting for the disk; the barrier's own sync
// then makes and flushes one small file under its folder. That flush makes the disk keep what it was sent, and the journal
// of NTFS and ReFS keeps changes of names in their order, so whatever came before is kept as well.
#include <winternl.h>

#include "platform/windows/file/FileAdapter.h"

namespace tenon::platform {

namespace {

// NtFlushBuffersFileEx, Windows 8: data and metadata to the disk, without the command that empties the disk's own cache.
constexpr ULONG kFlushWithoutSync = 0x2;
using FlushEx = NTSTATUS(NTAPI*)(HANDLE, ULONG, void*, ULONG, IO_STATUS_BLOCK*);

FlushEx findFlushEx() {
  const HMODULE ntdll = ::GetModuleHandleW(L"ntdll.dll");
  return reinterpret_cast<FlushEx>(reinterpret_cast<void (*)()>(::GetProcAddress(ntdll, "NtFlushBuffersFileEx")));
}

DWORD writeOut(HANDLE file) {
  static const FlushEx flushEx = findFlushEx();
  IO_STATUS_BLOCK status = {};
  if (flushEx && flushEx(file, kFlushWithoutSync, nullptr, 0, &status) >= 0) return ERROR_SUCCESS;
  return ::FlushFileBuffers(file) ? ERROR_SUCCESS : ::GetLastError();
}

// A file of no name that anybody knows, which is gone when this returns.
DWORD flushSmallFile(const NativePath& folder) {
  const std::wstring name = folder.wide + L"\\.tenon-sync-" + std::to_wstring(::GetCurrentProcessId()) + L"-" +
                            std::to_wstring(::GetCurrentThreadId());
  Handle file;
  const OpenHow how{FILE_WRITE_DATA | DELETE, FILE_OPEN_IF, FILE_NON_DIRECTORY_FILE | FILE_DELETE_ON_CLOSE};
  if (const DWORD error = openAt(NativePath{name, folder.text}, how, file)) return error;
  DWORD put = 0;
  if (!::WriteFile(file.get(), "x", 1, &put, nullptr) || !::FlushFileBuffers(file.get())) return ::GetLastError();
  return ERROR_SUCCESS;
}

}  // namespace

void FileAdapter::writeOutForBarriers(const OpenFile& file) {
  const auto barriers = barriers_.all();
  if (barriers.empty()) return;
  const DWORD error = writeOut(file.handle.get());
  if (error == ERROR_SUCCESS) return;
  for (const auto& barrier : barriers) {
    const std::lock_guard lock(barrier->mutex);
    if (!barrier->failed) barrier->failed = osFault("sync " + file.text, error);
  }
}

Outcome FileAdapter::syncFolder(std::string_view path) {
  NativePath native;
  if (auto fault = checkPath(path, native)) return fault;
  Handle folder;
  if (const DWORD error = openAt(native, {FILE_ADD_FILE, FILE_OPEN, FILE_DIRECTORY_FILE}, folder)) {
    return osFault("sync folder " + native.text, error);
  }
  if (::FlushFileBuffers(folder.get())) return kDone;
  // Not every file system flushes a folder; each flushes a file.
  if (const DWORD error = flushSmallFile(native)) return osFault("sync folder " + native.text, error);
  return kDone;
}

Outcome FileAdapter::barrierOpen(std::string_view path, tenon_barrier& barrier) {
  auto open = std::make_shared<OpenBarrier>();
  if (auto fault = checkPath(path, open->under)) return fault;
  Handle folder;
  if (const DWORD error = openAt(open->under, {FILE_ADD_FILE, FILE_OPEN, FILE_DIRECTORY_FILE}, folder)) {
    return osFault("open folder " + open->under.text, error);
  }
  barrier = barriers_.add(std::move(open));
  return kDone;
}

Outcome FileAdapter::barrierSync(tenon_barrier barrier) {
  const auto open = barriers_.find(barrier);
  if (!open) return invalid("barrier", "no barrier is open under handle " + std::to_string(barrier));
  {
    const std::lock_guard lock(open->mutex);
    if (open->failed) return open->failed;
  }
  for (const auto& file : files_.all()) {
    if (!file->writes) continue;
    if (const DWORD error = writeOut(file->handle.get())) return osFault("sync " + file->text, error);
  }
  if (const DWORD error = flushSmallFile(open->under)) return osFault("sync all under " + open->under.text, error);
  return kDone;
}

void FileAdapter::barrierClose(tenon_barrier barrier) { barriers_.take(barrier); }

}  // namespace tenon::platform
