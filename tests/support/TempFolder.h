// A folder of a test's own under the system's temp folder; gone, with all that is in it, when this goes out of scope.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "host/base/Path.h"

namespace tenon::host {

class TempFolder {
 public:
  TempFolder() {
    std::random_device random;
    for (int attempt = 0; attempt < 100 && path_.empty(); ++attempt) {
      const auto number = (std::uint64_t{random()} << 32) | random();
      const auto candidate = std::filesystem::temp_directory_path() / ("tenon-test-" + std::to_string(number));
      if (std::filesystem::create_directory(candidate)) path_ = Path(candidate.generic_string());
    }
    if (path_.empty()) throw std::runtime_error("no temp folder could be made");
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(text(), ignored);
    if (!ignored) return;
    makeWritable();
    std::filesystem::remove_all(text(), ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& text() const { return path_.text(); }
  const Path& path() const { return path_; }
  Path operator/(std::string_view part) const { return path_ / part; }

  // Writes a file below the folder, making the folders on the way; returns its path.
  Path write(std::string_view name, std::string_view bytes) const {
    const Path file = path_ / name;
    std::filesystem::create_directories(native(file.parent()));
    std::ofstream out(native(file), std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) throw std::runtime_error("cannot write " + file.text());
    return file;
  }
  // What a file below the folder holds; a missing file throws.
  std::string read(std::string_view name) const {
    std::ifstream in(native(path_ / name), std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + (path_ / name).text());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  bool exists(std::string_view name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(native(path_ / name)));
  }
  // As the standard library takes paths: a plain string is not UTF-8 to it on every system.
  static std::filesystem::path native(const Path& path) { return std::u8string(path.text().begin(), path.text().end()); }

 private:
  // A test may have left folders without write permission behind.
  void makeWritable() const {
    std::error_code ignored;
    const auto all = std::filesystem::perms::owner_all;
    for (auto at = std::filesystem::recursive_directory_iterator(text(), ignored); !ignored && at != end(at);
         at.increment(ignored)) {
      if (at->is_directory(ignored) && !at->is_symlink(ignored)) {
        std::filesystem::permissions(at->path(), all, std::filesystem::perm_options::add, ignored);
      }
    }
  }

  Path path_;
};

}  // namespace tenon::host
