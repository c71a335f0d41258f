#include "platform/windows/file/OwnerOnly.h"

#include <sddl.h>

#include <array>
#include <string>

#include "platform/windows/Handle.h"

namespace tenon::platform {

namespace {

// The user's SID as text; empty, with the last error set, where Windows does not tell.
std::wstring ownSid() {
  HANDLE opened = nullptr;
  if (!::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened)) return {};
  const Handle token(opened);
  alignas(TOKEN_USER) std::array<unsigned char, sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE> buffer = {};
  DWORD length = 0;
  if (!::GetTokenInformation(token.get(), TokenUser, buffer.data(), static_cast<DWORD>(buffer.size()), &length)) return {};
  wchar_t* text = nullptr;
  if (!::ConvertSidToStringSidW(reinterpret_cast<const TOKEN_USER*>(buffer.data())->User.Sid, &text)) return {};
  std::wstring sid = text;
  ::LocalFree(text);
  return sid;
}

}  // namespace

OwnerOnly::OwnerOnly() {
  const std::wstring sid = ownSid();
  if (sid.empty()) {
    error_ = ::GetLastError();
    return;
  }
  // Security Descriptor Definition Language: protected; full access, also for what is made below a folder.
  const std::wstring text = L"D:P(A;OICI;FA;;;" + sid + L")(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
  if (!::ConvertStringSecurityDescriptorToSecurityDescriptorW(text.c_str(), SDDL_REVISION_1, &descriptor_, nullptr)) {
    error_ = ::GetLastError();
    descriptor_ = nullptr;
  }
}

OwnerOnly::~OwnerOnly() { ::LocalFree(descriptor_); }

}  // namespace tenon::platform
