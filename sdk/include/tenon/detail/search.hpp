// Looking for a program as a shell does. Include tenon/driver.hpp, not this.
#ifndef TENON_DETAIL_SEARCH_HPP
#define TENON_DETAIL_SEARCH_HPP

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "tenon/fields.hpp"

namespace tenon::detail {

inline constexpr bool kWindowsPaths = std::filesystem::path::preferred_separator == '\\';

// The search path of the call that runs on this thread.
inline std::string& callSearchPath() {
  thread_local std::string path;
  return path;
}

class SearchPathScope {
 public:
  explicit SearchPathScope(std::string path) : before_(std::exchange(callSearchPath(), std::move(path))) {}
  ~SearchPathScope() { callSearchPath() = std::move(before_); }
  SearchPathScope(const SearchPathScope&) = delete;
  SearchPathScope& operator=(const SearchPathScope&) = delete;

 private:
  std::string before_;
};

inline std::string currentSearchPath() {
  if (!callSearchPath().empty()) return callSearchPath();
  const char* path = std::getenv("PATH");
  return path ? path : "";
}

inline bool isProgram(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(nativePath(path), error);
  if (error || !std::filesystem::is_regular_file(status)) return false;
  using std::filesystem::perms;
  const perms any = perms::owner_exec | perms::group_exec | perms::others_exec;
  return kWindowsPaths || (status.permissions() & any) != perms::none;
}

inline std::optional<std::string> which(std::string_view program, std::string_view searchPath) {
  const char separator = kWindowsPaths ? ';' : ':';
  while (!searchPath.empty()) {
    const std::size_t end = std::min(searchPath.find(separator), searchPath.size());
    const std::string_view folder = searchPath.substr(0, end);
    searchPath.remove_prefix(std::min(end + 1, searchPath.size()));
    if (folder.empty()) continue;  // a shell takes it for the working folder; a node's service does not
    std::string found = std::string(folder) + "/" + std::string(program);
    if (kWindowsPaths) std::replace(found.begin(), found.end(), '\\', '/');  // as paths of the ABI are written
    if (isProgram(found)) return found;
    if (kWindowsPaths && isProgram(found + ".exe")) return found + ".exe";
  }
  return std::nullopt;
}

}  // namespace tenon::detail

#endif
