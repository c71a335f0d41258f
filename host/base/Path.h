// An absolute or relative path as UTF-8 text with '/' between its parts, on every OS; the platform adapter translates.
// Purely lexical: nothing here touches a disk.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace tenon::host {

class Path {
 public:
  Path() = default;
  explicit Path(std::string text) : text_(std::move(text)) {
    while (text_.size() > 1 && text_.back() == '/') text_.pop_back();
  }

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

  Path operator/(std::string_view part) const {
    if (text_.empty()) return Path(std::string(part));
    return Path(text_ == "/" ? "/" + std::string(part) : text_ + "/" + std::string(part));
  }
  // "/a/b" → "/a"; "a" → "".
  Path parent() const {
    const auto slash = text_.rfind('/');
    if (slash == std::string::npos) return Path();
    return Path(slash == 0 ? std::string("/") : text_.substr(0, slash));
  }
  // "/a/b.zip" → "b.zip".
  std::string name() const { return text_.substr(text_.rfind('/') + 1); }

  auto operator<=>(const Path&) const = default;

 private:
  std::string text_;
};

}  // namespace tenon::host
