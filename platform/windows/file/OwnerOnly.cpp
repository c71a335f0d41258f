#include "platform/windows/file/OwnerOnly.h"

#include <aclapi.h>
#include <sddl.h>

#include <array>
#include <memory>
#include <string_view>

#include "platform/windows/Handle.h"

namespace tenon::platform {

namespace {

constexpr std::wstring_view kSystemSid = L"S-1-5-18", kAdministratorsSid = L"S-1-5-32-544";

struct FreeLocal {
  void operator()(void* memory) const { ::LocalFree(memory); }
};
template <class Value>
using Local = std::unique_ptr<Value, FreeLocal>;

std::wstring textOfSid(PSID sid) {
  wchar_t* text = nullptr;
  if (!::ConvertSidToStringSidW(sid, &text)) return {};
  return Local<wchar_t>(text).get();
}

// The user's SID as text; empty, with the last error set, where Windows does not tell.
std::wstring ownSid() {
  HANDLE opened = nullptr;
  if (!::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened)) return {};
  const Handle token(opened);
  alignas(TOKEN_USER) std::array<unsigned char, sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE> buffer = {};
  DWORD length = 0;
  if (!::GetTokenInformation(token.get(), TokenUser, buffer.data(), static_cast<DWORD>(buffer.size()), &length)) return {};
  return textOfSid(reinterpret_cast<const TOKEN_USER*>(buffer.data())->User.Sid);
}

// Its access list; empty where it has none, or Windows cannot say.
std::wstring listOf(PSECURITY_DESCRIPTOR descriptor) {
  wchar_t* text = nullptr;
  constexpr SECURITY_INFORMATION kList = DACL_SECURITY_INFORMATION;
  if (!::ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1, kList, &text, nullptr)) return {};
  return Local<wchar_t>(text).get();
}

}  // namespace

OwnerOnly::OwnerOnly() {
  sid_ = ownSid();
  if (sid_.empty()) {
    error_ = ::GetLastError();
    return;
  }
  // Security Descriptor Definition Language: protected; full access, also for what is made below a folder.
  // The system once: what Windows makes of a list that names it twice would not compare.
  const std::wstring own = sid_ == kSystemSid ? std::wstring() : L"(A;OICI;FA;;;" + sid_ + L")";
  const std::wstring text = L"D:P" + own + L"(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
  if (!::ConvertStringSecurityDescriptorToSecurityDescriptorW(text.c_str(), SDDL_REVISION_1, &descriptor_, nullptr)) {
    error_ = ::GetLastError();
    descriptor_ = nullptr;
  }
}

OwnerOnly::~OwnerOnly() { ::LocalFree(descriptor_); }

bool OwnerOnly::trusts(PSID owner) const {
  const std::wstring sid = textOfSid(owner);
  return !sid.empty() && (sid == sid_ || sid == kSystemSid || sid == kAdministratorsSid);
}

// Entry by entry: of the flags before them, Windows sets some of its own.
bool OwnerOnly::isShut(PSECURITY_DESCRIPTOR found) const {
  SECURITY_DESCRIPTOR_CONTROL control = 0;
  DWORD revision = 0;
  if (!::GetSecurityDescriptorControl(found, &control, &revision) || (control & SE_DACL_PROTECTED) == 0) return false;
  const std::wstring has = listOf(found), wants = listOf(descriptor_);
  const auto at = has.find(L'('), from = wants.find(L'(');
  return at != std::wstring::npos && from != std::wstring::npos && has.substr(at) == wants.substr(from);
}

DWORD OwnerOnly::shut(HANDLE folder) const {
  PSID owner = nullptr;
  PSECURITY_DESCRIPTOR raw = nullptr;
  constexpr SECURITY_INFORMATION kRead = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  if (const DWORD error = ::GetSecurityInfo(folder, SE_FILE_OBJECT, kRead, &owner, nullptr, nullptr, nullptr, &raw))
    return error;
  const Local<void> found(raw);
  if (!owner || !trusts(owner)) return ERROR_INVALID_OWNER;
  if (isShut(raw)) return ERROR_SUCCESS;
  BOOL isThere = FALSE, byDefault = FALSE;
  PACL list = nullptr;
  if (!::GetSecurityDescriptorDacl(descriptor_, &isThere, &list, &byDefault)) return ::GetLastError();
  // This changes what inherits below as well, which anybody may open past a shut folder; the kernel's own call does not.
  constexpr SECURITY_INFORMATION kWrite = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
  if (const DWORD error = ::SetSecurityInfo(folder, SE_FILE_OBJECT, kWrite, nullptr, nullptr, list, nullptr)) return error;
  // Wine's adds what the folder above says, protected or not: the kernel's takes the list as it is.
  return ::SetKernelObjectSecurity(folder, kWrite, descriptor_) ? ERROR_SUCCESS : ::GetLastError();
}

}  // namespace tenon::platform
