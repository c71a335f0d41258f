#include "platform/windows/process/Environment.h"

#include <array>
#include <map>

#include "platform/windows/Wide.h"

namespace tenon::platform {

namespace {

struct ByName {
  bool operator()(const std::wstring& one, const std::wstring& other) const { return compareNames(one, other) < 0; }
};

}  // namespace

Outcome makeEnvironment(const EnvironmentPairs& pairs, std::wstring& block) {
  std::map<std::wstring, std::wstring, ByName> entries;
  for (std::size_t at = 0; at < pairs.size(); ++at) {
    auto name = toWide(pairs[at].first), value = toWide(pairs[at].second);
    const std::string field = "env[" + std::to_string(at) + "]";
    if (!name || !value) return invalid(field, field + ": no UTF-8");
    entries.erase(*name);  // so that the later one's spelling stands
    entries.emplace(*std::move(name), *std::move(value));
  }
  std::array<wchar_t, MAX_PATH> root = {};
  const UINT length = ::GetSystemWindowsDirectoryW(root.data(), static_cast<UINT>(root.size()));
  if (length > 0 && length < root.size()) entries.emplace(L"SystemRoot", std::wstring(root.data(), length));
  block.clear();
  for (const auto& [name, value] : entries) {
    block += name + L"=" + value;
    block += L'\0';
  }
  if (entries.empty()) block += L'\0';
  block += L'\0';
  return kDone;
}

}  // namespace tenon::platform
