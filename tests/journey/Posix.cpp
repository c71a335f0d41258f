#include "tests/journey/Posix.h"

#include <filesystem>

namespace fs = std::filesystem;

namespace tenon::host {

std::string fromDebian(const std::string& name) {
  const std::string folder = std::string(TENON_BINARY_DIR) + "/journey/debian/" + name;
  return fs::exists(folder) ? folder : "";
}

void place(const std::string& from, const std::string& to) {
  fs::create_directories(fs::path(to).parent_path());
  std::error_code otherDisk;
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::create_hard_links, otherDisk);
  if (otherDisk) fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

std::optional<std::string> nodeExporter(const std::string& folder, const std::string& version) {
  const std::string made = fromDebian("node-exporter");
  if (made.empty()) return std::nullopt;
  fs::copy(made, folder, fs::copy_options::recursive);
  shell("sed -i 's/\"version\": \"[^\"]*\"/\"version\": \"" + version + "\"/; /default_port/d' " + folder + "/service.json");
  return folder;
}

}  // namespace tenon::host
