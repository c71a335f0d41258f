// Where tenon-plugin-host begins on Windows, and what it needs of the OS (host/plugin_host/Door.h).
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include "platform/windows/Os.h"

extern "C" {
bool tenon_channel_read(void* bytes, std::uint64_t count);
bool tenon_channel_write(const void* bytes, std::uint64_t count);
const void* tenon_load_symbol(const char* library, const char* symbol, char* why, std::uint64_t whyBytes);
int tenon_plugin_host();
}

namespace {

HANDLE channel = nullptr;

constexpr std::uint64_t kMostAtOnce = 32u << 10;  // Channels.cpp says why

// With '\\' between the parts, which LoadLibrary wants.
std::wstring nativePath(const char* utf8) {
  std::wstring path(static_cast<std::size_t>(::MultiByteToWideChar(CP_UTF8, 0, utf8, -1, nullptr, 0)), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, utf8, -1, path.data(), static_cast<int>(path.size()));
  std::replace(path.begin(), path.end(), L'/', L'\\');
  return path;
}

}  // namespace

bool tenon_channel_read(void* bytes, std::uint64_t count) {
  auto* into = static_cast<char*>(bytes);
  for (DWORD got = 0; count > 0; into += got, count -= got) {
    const auto most = static_cast<DWORD>(std::min(count, kMostAtOnce));
    if (!::ReadFile(channel, into, most, &got, nullptr) || got == 0) return false;
  }
  return true;
}

bool tenon_channel_write(const void* bytes, std::uint64_t count) {
  const auto* from = static_cast<const char*>(bytes);
  for (DWORD put = 0; count > 0; from += put, count -= put) {
    const auto most = static_cast<DWORD>(std::min(count, kMostAtOnce));
    if (!::WriteFile(channel, from, most, &put, nullptr)) return false;
  }
  return true;
}

const void* tenon_load_symbol(const char* library, const char* symbol, char* why, std::uint64_t whyBytes) {
  const HMODULE loaded = ::LoadLibraryExW(nativePath(library).c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  const FARPROC found = loaded ? ::GetProcAddress(loaded, symbol) : nullptr;
  if (!found) {
    const char* what = loaded ? "it does not export" : "it does not load: without";
    std::snprintf(why, static_cast<std::size_t>(whyBytes), "%s %s (error %lu)", what, loaded ? symbol : "what it needs",
                  ::GetLastError());
  }
  return reinterpret_cast<const void*>(found);
}

int main() {
  constexpr int kMisused = 64;
  wchar_t number[32] = {};
  if (::GetEnvironmentVariableW(L"TENON_CHANNEL", number, 32) == 0) return kMisused;  // the agent starts it, nobody else
  channel = reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(std::wcstoull(number, nullptr, 10)));
  if (!::SetHandleInformation(channel, HANDLE_FLAG_INHERIT, 0)) return kMisused;
  ::SetEnvironmentVariableW(L"TENON_CHANNEL", nullptr);
  ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);  // no window that waits for somebody
  return tenon_plugin_host();
}
