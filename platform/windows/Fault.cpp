#include "platform/windows/Fault.h"

#include <algorithm>

#include "platform/windows/Wide.h"
#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

struct ErrorKind {
  std::int32_t code;
  const char* name;
  const char* hint;
};

constexpr DWORD kDiskQuotaExceeded = 1295;  // ERROR_DISK_QUOTA_EXCEEDED, newer than the headers that we build with
constexpr const char* kScanner = "another program holds it, perhaps a virus scanner, an editor or a shell in that folder";

ErrorKind kindOfError(DWORD error) {
  switch (error) {
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      return {TENON_UNAVAILABLE, "disk-full", "free space on that disk, or remove old releases"};
    case kDiskQuotaExceeded:
      return {TENON_UNAVAILABLE, "disk-full", "the user's disk quota is used up: raise it, or remove old releases"};
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
      return {TENON_UNAVAILABLE, "already-exists", ""};
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
      return {TENON_UNAVAILABLE, "not-found", ""};
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
      return {TENON_DENIED, "denied", ""};
    case ERROR_WRITE_PROTECT:
      return {TENON_DENIED, "denied", "the disk is write-protected"};
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_USER_MAPPED_FILE:
    case ERROR_DELETE_PENDING:
    case ERROR_BUSY:
      return {TENON_UNAVAILABLE, "busy", kScanner};
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_INVALID_NAME:
      return {TENON_INVALID, "path-unsafe", "a path may have 32760 characters, and each part of it 255"};
    default:
      return {TENON_UNAVAILABLE, "io-error", ""};
  }
}

std::wstring messageIn(DWORD error, DWORD language) {
  wchar_t* text = nullptr;
  constexpr DWORD kHow = FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
  const DWORD length = ::FormatMessageW(kHow, nullptr, error, language, reinterpret_cast<wchar_t*>(&text), 0, nullptr);
  std::wstring message(text ? text : L"", length);
  ::LocalFree(text);
  return message;
}

}  // namespace

std::string textOfError(DWORD error) {
  std::wstring message = messageIn(error, MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US));
  if (message.empty()) message = messageIn(error, 0);
  std::replace_if(
      message.begin(), message.end(), [](wchar_t c) { return c == L'\r' || c == L'\n'; }, L' ');
  while (!message.empty() && (message.back() == L' ' || message.back() == L'.')) message.pop_back();
  return message.empty() ? "error " + std::to_string(error) : toUtf8(message);
}

Fault osFault(const std::string& doing, DWORD error) {
  const ErrorKind kind = kindOfError(error);
  return {kind.code, doing + ": " + textOfError(error), kind.name, kind.hint};
}

Fault invalid(const std::string& field, const std::string& message) { return {TENON_INVALID, message, {}, {}, field}; }

Fault cancelled() { return {TENON_CANCELLED, "cancelled by the caller", "cancelled"}; }

Fault notFound(const std::string& message) { return {TENON_UNAVAILABLE, message, "not-found"}; }

std::int32_t tell(const tenon_sink* out, const Outcome& outcome) {
  if (!outcome) return TENON_OK;
  if (!out) return outcome->code;
  // A request may have held what is no UTF-8; a problem may not.
  const auto printable = [](const std::string& text) { return toWide(text) ? text : "(text that is no UTF-8)"; };
  json::Value document;
  document.set("message", printable(outcome->message));
  if (!outcome->name.empty()) document.set("code", outcome->name);
  if (!outcome->hint.empty()) document.set("hint", printable(outcome->hint));
  if (!outcome->field.empty()) document.set("field", outcome->field);
  out->problem(out->ctx, outcome->code, str(document.text()));
  return outcome->code;
}

}  // namespace tenon::platform
