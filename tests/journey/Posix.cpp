#include "tests/journey/Posix.h"

#include <filesystem>

namespace fs = std::filesystem;

namespace tenon::host {

namespace {

// Made once a build, since it takes packages from outside: "" where those cannot be had.
std::string madeOnce(const std::string& script, const std::string& name) {
  const std::string target = std::string(TENON_BINARY_DIR) + "/journey/" + name;
  if (fs::exists(target)) return target;
  fs::create_directories(fs::path(target).parent_path());
  const auto made = shell(std::string(TENON_SOURCE_DIR) + "/samples/packages/" + script + " " + target + ".part && mv " +
                          target + ".part " + target);
  if (made.status != 0) shell("rm -rf " + target + ".part");
  return made.status == 0 ? target : "";
}

}  // namespace

std::optional<std::string> nodeExporter(const std::string& folder, const std::string& version) {
  const std::string made = madeOnce("node-exporter", "node-exporter");
  if (made.empty()) return std::nullopt;
  fs::copy(made, folder, fs::copy_options::recursive);
  shell("sed -i 's/\"version\": \"[^\"]*\"/\"version\": \"" + version + "\"/; /default_port/d' " + folder + "/service.json");
  return folder;
}

}  // namespace tenon::host
