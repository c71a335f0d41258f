#include "platform/windows/process/Processes.h"

#include <winternl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "platform/windows/Wide.h"

namespace tenon::platform {

namespace {

constexpr std::uint64_t kTicksAMicro = 10;

std::uint64_t ticksOf(const FILETIME& time) {
  return (static_cast<std::uint64_t>(time.dwHighDateTime) << 32) | time.dwLowDateTime;
}

struct Times {
  FILETIME start, end, kernel, user;
};

bool readTimes(HANDLE process, Times& times) {
  return ::GetProcessTimes(process, &times.start, &times.end, &times.kernel, &times.user) != 0;
}

// 64-bit Windows, PEB and RTL_USER_PROCESS_PARAMETERS as debuggers read them; the same since Windows Vista.
constexpr std::size_t kParametersInPeb = 0x20, kEnvironment = 0x80, kEnvironmentSize = 0x3F0;
constexpr std::size_t kEnvironmentBytes = 1u << 20;

template <class Value>
bool readAt(HANDLE process, std::uintptr_t address, Value& value) {
  SIZE_T got = 0;
  const auto* from = reinterpret_cast<const void*>(address);
  return ::ReadProcessMemory(process, from, &value, sizeof value, &got) && got == sizeof value;
}

std::wstring environmentBlock(HANDLE process) {
  PROCESS_BASIC_INFORMATION basic = {};
  std::uintptr_t parameters = 0, address = 0;
  std::size_t bytes = 0;
  if (::NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof basic, nullptr) < 0) return {};
  if (!readAt(process, reinterpret_cast<std::uintptr_t>(basic.PebBaseAddress) + kParametersInPeb, parameters)) return {};
  if (!readAt(process, parameters + kEnvironment, address) || !readAt(process, parameters + kEnvironmentSize, bytes))
    return {};
  std::wstring block(std::min(bytes, kEnvironmentBytes) / sizeof(wchar_t), L'\0');
  SIZE_T got = 0;
  const auto* from = reinterpret_cast<const void*>(address);
  if (!::ReadProcessMemory(process, from, block.data(), block.size() * sizeof(wchar_t), &got)) return {};
  return block;
}

std::wstring systemConsoleHost() {
  std::array<wchar_t, MAX_PATH> folder = {};
  const UINT length = ::GetSystemDirectoryW(folder.data(), static_cast<UINT>(folder.size()));
  return std::wstring(folder.data(), length < folder.size() ? length : 0) + L"\\conhost.exe";
}

}  // namespace

Handle openProcess(DWORD pid, DWORD access) { return Handle(::OpenProcess(access, FALSE, pid)); }

std::uint64_t startTimeOf(HANDLE process) {
  Times times = {};
  return readTimes(process, times) ? ticksOf(times.start) : 0;
}

std::uint64_t cpuMicrosOf(HANDLE process) {
  Times times = {};
  return readTimes(process, times) ? (ticksOf(times.kernel) + ticksOf(times.user)) / kTicksAMicro : 0;
}

bool hasEnded(HANDLE process) { return ::WaitForSingleObject(process, 0) == WAIT_OBJECT_0; }

bool isConsoleHost(HANDLE process) {
  // By its whole path: a service may call its own program the same.
  static const std::wstring host = systemConsoleHost();
  std::array<wchar_t, 1024> path = {};
  auto length = static_cast<DWORD>(path.size());
  if (!::QueryFullProcessImageNameW(process, 0, path.data(), &length)) return false;
  return compareNames(std::wstring_view(path.data(), length), host) == 0;
}

std::optional<std::wstring> environmentOf(DWORD pid, const std::wstring& name) {
  const Handle process = openProcess(pid, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ);
  if (!process) return std::nullopt;
  const std::wstring block = environmentBlock(process.get());
  const std::wstring beginning = name + L"=";
  for (std::size_t at = 0; at < block.size();) {
    const std::wstring_view entry(block.c_str() + at);
    if (entry.empty()) break;
    if (entry.size() >= beginning.size() && compareNames(entry.substr(0, beginning.size()), beginning) == 0) {
      return std::wstring(entry.substr(beginning.size()));
    }
    at += entry.size() + 1;
  }
  return std::nullopt;
}

std::string bootId() {
  // KUSER_SHARED_DATA, mapped at the same place into every process: BootId counts the boots (Windows 10).
  constexpr std::uintptr_t kBootId = 0x7FFE0000 + 0x2C4;
  std::uint32_t number = 0;
  if (!readAt(::GetCurrentProcess(), kBootId, number)) number = 0;
  return "boot-number-" + std::to_string(number);
}

}  // namespace tenon::platform
