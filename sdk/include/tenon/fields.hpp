// Typed reading of a request's members, and text for plans. A member that is missing or of the wrong type becomes a Problem
// that names it ("exec.args[1]: expected a string"). Header-only, C++17.
#ifndef TENON_FIELDS_HPP
#define TENON_FIELDS_HPP

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tenon/json.hpp"
#include "tenon/plugin.hpp"

namespace tenon {

// Text as it is, made safe for a plan, in which ${NAME} stands for what the host puts there at every start.
inline std::string escape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{')
      out += "$$";
    else
      out += text[i];
  }
  return out;
}

// A member of a request that may be absent.
template <class T>
class Field {
 public:
  Field(std::string path, std::optional<T> value) : path_(std::move(path)), value_(std::move(value)) {}

  explicit operator bool() const { return value_.has_value(); }
  const T& operator*() const { return *value_; }
  const T* operator->() const { return &*value_; }
  const std::string& path() const { return path_; }

  // The value; its absence is an invalid request, and `message` says what to write.
  T orInvalid(const std::string& message) const {
    if (!value_) throw invalid(path_, message);
    return *value_;
  }
  T otherwise(T value) const { return value_ ? *value_ : std::move(value); }

 private:
  std::string path_;
  std::optional<T> value_;
};

// The members of one object. Refers to the request: valid as long as that is.
class Fields {
 public:
  // A null object has no member.
  Fields(const json::Value* object, std::string path) : object_(object), path_(std::move(path)) {
    if (object_ && !object_->members()) throw invalid(path_, "expected an object");
  }

  explicit operator bool() const { return object_ != nullptr; }
  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::string path(std::string_view key) const {
    std::string whole = path_;
    if (!whole.empty()) whole += '.';
    return whole += key;
  }

  Field<std::string> string(std::string_view key) const {
    const json::Value* value = find(key);
    if (!value) return {path(key), std::nullopt};
    return {path(key), text(*value, path(key))};
  }
  Field<std::vector<std::string>> list(std::string_view key) const {
    const json::Value* value = find(key);
    if (!value) return {path(key), std::nullopt};
    if (!value->items()) throw invalid(path(key), "expected a list of strings");
    std::vector<std::string> all;
    all.reserve(value->items()->size());
    for (const json::Value& item : *value->items()) {
      all.push_back(text(item, path(key) + "[" + std::to_string(all.size()) + "]"));
    }
    return {path(key), std::move(all)};
  }
  Field<std::int64_t> integer(std::string_view key) const {
    const json::Value* value = find(key);
    if (value && !value->integer()) throw invalid(path(key), "expected a whole number");
    return {path(key), value ? value->integer() : std::nullopt};
  }
  Field<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most) const {
    const auto found = integer(key);
    if (found && (*found < least || *found > most)) {
      throw invalid(path(key), "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return found;
  }
  Field<bool> boolean(std::string_view key) const {
    const json::Value* value = find(key);
    if (value && !value->boolean()) throw invalid(path(key), "expected true or false");
    return {path(key), value ? value->boolean() : std::nullopt};
  }

 private:
  const json::Value* find(std::string_view key) const { return object_ ? object_->find(key) : nullptr; }
  // No program, argument or path can hold a NUL.
  static std::string text(const json::Value& value, const std::string& path) {
    const std::string* found = value.string();
    if (!found) throw invalid(path, "expected a string");
    if (found->find('\0') != std::string::npos) throw invalid(path, "holds a NUL character");
    return *found;
  }

  const json::Value* object_;
  std::string path_;
};

// A path as the ABI writes it, UTF-8 with '/', for the standard library on any OS.
inline std::filesystem::path nativePath(const std::string& utf8) {
#if defined(__cpp_char8_t)
  return std::filesystem::path(std::u8string(utf8.begin(), utf8.end()));
#else
  return std::filesystem::u8path(utf8);
#endif
}

// A file or folder of the package, known by its name there.
class PackagePath {
 public:
  PackagePath(std::string folder, std::string name) : folder_(std::move(folder)), name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  // Where it is on this machine, for reading now.
  std::string real() const { return folder_ + "/" + name_; }
  // For plans: "${SERVICE_HOME}/app/main.py".
  std::string text() const { return "${SERVICE_HOME}/" + escape(name_); }

  // Relative, and without a ".." that would lead out of the package.
  bool inside() const {
    if (name_.empty() || name_.front() == '/' || name_.find('\\') != std::string::npos || name_.find(':') == 1) return false;
    int depth = 0;
    for (std::size_t at = 0; at <= name_.size();) {
      const std::size_t end = std::min(name_.find('/', at), name_.size());
      const std::string_view part = std::string_view(name_).substr(at, end - at);
      if (part == "..")
        --depth;
      else if (!part.empty() && part != ".")
        ++depth;
      if (depth < 0) return false;
      at = end + 1;
    }
    return true;
  }
  // A file that is there, inside the package.
  bool isFile() const {
    std::error_code ignored;
    return inside() && std::filesystem::is_regular_file(nativePath(real()), ignored);
  }
  bool exists() const {
    std::error_code ignored;
    return inside() && std::filesystem::exists(nativePath(real()), ignored);
  }
  PackagePath operator/(std::string_view more) const { return {folder_, name_ + "/" + std::string(more)}; }

 private:
  std::string folder_, name_;
};

// The unpacked release.
class PackageDir {
 public:
  explicit PackageDir(std::string folder) : folder_(std::move(folder)) {}
  PackagePath operator/(std::string_view name) const { return {folder_, std::string(name)}; }
  const std::string& real() const { return folder_; }

 private:
  std::string folder_;
};

}  // namespace tenon

#endif
