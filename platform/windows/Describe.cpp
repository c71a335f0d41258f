#include "platform/windows/Describe.h"

#include <winternl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "platform/windows/Os.h"
#include "platform/windows/Wide.h"
#include "platform/windows/file/NativePath.h"
#include "platform/windows/process/SpawnRequest.h"
#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

constexpr std::size_t kLongestText = 32768;  // of a path, and of a variable

// Empty where Windows does not tell.
std::string ownProgram() {
  std::wstring path(kLongestText, L'\0');
  path.resize(::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return asAbiPath(path);
}

// Also of a value with %NAMES% in it: they are put in place, after which it counts as plain text.
constexpr DWORD kText = RRF_RT_REG_SZ;

bool isAbsoluteFolder(std::wstring_view folder) {
  return folder.size() >= 3 && (folder.substr(1, 2) == L":\\" || folder.substr(0, 2) == L"\\\\");
}

// The machine's own PATH, whoever started the agent with whatever other, without entries that depend on a working folder.
std::string machineSearchPath() {
  std::wstring text(kLongestText, L'\0');
  auto bytes = static_cast<DWORD>(text.size() * sizeof(wchar_t));
  constexpr const wchar_t* kKey = L"SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment";
  if (::RegGetValueW(HKEY_LOCAL_MACHINE, kKey, L"Path", kText, nullptr, text.data(), &bytes) == ERROR_SUCCESS) {
    text.resize(text.find(L'\0'));
  } else {
    text.resize(::GetSystemDirectoryW(text.data(), MAX_PATH));
  }
  std::wstring path;
  for (std::wstring_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find(L';'), rest.size());
    const std::wstring_view folder = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!isAbsoluteFolder(folder)) continue;
    if (!path.empty()) path += L';';
    path += folder;
  }
  return toUtf8(path);
}

// "C:/ProgramData/tenon". From where Windows itself takes %ProgramData%: the environment could be anybody's.
std::string stateFolder() {
  constexpr const wchar_t* kKey = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList";
  std::wstring path(kLongestText, L'\0');
  auto bytes = static_cast<DWORD>(path.size() * sizeof(wchar_t));
  if (::RegGetValueW(HKEY_LOCAL_MACHINE, kKey, L"ProgramData", kText, nullptr, path.data(), &bytes) != ERROR_SUCCESS)
    return {};
  path.resize(path.find(L'\0'));
  return isAbsoluteFolder(path) ? asAbiPath(path) + "/tenon" : std::string();
}

// GetVersionEx answers with an older number where the program has no manifest for this one.
std::string kernelRelease() {
  using GetVersion = LONG(WINAPI*)(OSVERSIONINFOW*);
  const auto found = ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion");
  OSVERSIONINFOW version = {};
  version.dwOSVersionInfoSize = sizeof version;
  if (!found || reinterpret_cast<GetVersion>(reinterpret_cast<void (*)()>(found))(&version) != 0) return {};
  return std::to_string(version.dwMajorVersion) + "." + std::to_string(version.dwMinorVersion) + "." +
         std::to_string(version.dwBuildNumber);
}

std::int64_t machineMemory() {
  MEMORYSTATUSEX memory = {};
  memory.dwLength = sizeof memory;
  return ::GlobalMemoryStatusEx(&memory) ? static_cast<std::int64_t>(memory.ullTotalPhys) : 0;
}

}  // namespace

std::string describeMachine() {
  json::Value platforms;
  platforms.push(TENON_WINDOWS_PLATFORM);
  json::Value facts;
  facts.set("schema", "tenon.platform-facts/1").set("name", "windows").set("version", TENON_WINDOWS_VERSION);
  facts.set("platforms", platforms);
  facts.set("cpus", std::max<DWORD>(::GetActiveProcessorCount(ALL_PROCESSOR_GROUPS), 1));
  facts.set("memory_bytes", machineMemory());
  facts.set("containment", "job-object").set("containment_why", "");
  json::Value isolation;
  isolation.set("user", false)
      .set("user_ever", false)
      .set("user_why", kNoUser)
      .set("files", false)
      .set("files_why", kNoFiles);
  facts.set("isolation", isolation);
  facts.set("socket_folder", "").set("search_path", machineSearchPath());
  facts.set("state_folder", stateFolder());
  facts.set("executable", ownProgram());
  facts.set("libc", "msvcrt, MinGW-w64 " __MINGW64_VERSION_STR);
  facts.set("kernel", kernelRelease());
  return facts.text();
}

}  // namespace tenon::platform
