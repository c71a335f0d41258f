#include "host/contract/release/Release.h"

#include <algorithm>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"

namespace tenon::host {
namespace {

bool isLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool isNameCharacter(char c) { return isLetterOrDigit(c) || c == '.' || c == '_' || c == '-'; }

// nullptr, or what keeps `text` from being an id, which is also the name of a folder on every system.
const char* faultOfName(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > limits::kServiceIdBytes) return "it is longer than 63 bytes";
  if (!std::all_of(text.begin(), text.end(), isNameCharacter)) return "only a-z, 0-9, '.', '_' and '-' may be in it";
  if (!isLetterOrDigit(text.front())) return "it must begin with a-z or 0-9";
  if (text.back() == '.') return "it ends in a dot, which Windows drops";
  if (isReservedOnWindows(text)) return "Windows reserves that name";
  return nullptr;
}

Error invalid(const char* what, std::string_view text, const char* why) {
  return Error(ErrorCode::FormatInvalid, "\"" + shownName(text) + "\" is no " + what + ": " + why);
}

}  // namespace

Result<ServiceId> ServiceId::parse(std::string_view text) {
  if (const char* why = faultOfName(text)) return invalid("service id", text, why).withHint("for example nmt-zh-en");
  return ServiceId(std::string(text));
}

Result<PlatformId> PlatformId::parse(std::string_view text) {
  const char* why = faultOfName(text);
  const auto dash = text.find('-');
  if (!why &&
      (dash == std::string_view::npos || dash + 1 == text.size() || text.find('-', dash + 1) != std::string_view::npos)) {
    why = "it needs one '-' between system and machine";
  }
  if (why) return invalid("platform", text, why).withHint("for example linux-x64 or windows-x64");
  return PlatformId(std::string(text));
}

Result<ReleaseSpec> ReleaseSpec::parse(std::string_view text) {
  const auto at = text.find('@');
  TENON_TRY(auto service, ServiceId::parse(text.substr(0, at)));
  if (at == std::string_view::npos) return ReleaseSpec{std::move(service), std::nullopt};
  TENON_TRY(auto version, SemVer::parse(text.substr(at + 1)));
  return ReleaseSpec{std::move(service), std::move(version)};
}

}  // namespace tenon::host
