// What lies on a node's disk, looked at from outside of the agent.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "host/contract/PackageManifest.h"
#include "host/lifecycle/Life.h"
#include "host/trust/Sha256.h"
#include "tests/host/lifecycle/ReleaseShop.h"

namespace tenon::host {

inline std::map<std::string, std::string> filesUnder(const Path& folder) {
  namespace fs = std::filesystem;
  std::map<std::string, std::string> all;
  if (!fs::exists(folder.text())) return all;
  for (const auto& entry : fs::recursive_directory_iterator(folder.text())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    all[entry.path().lexically_relative(folder.text()).generic_string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  return all;
}

// As filesUnder(), without what a running service writes and what time changes: its log, its data, and the generation.
inline std::map<std::string, std::string> releasesUnder(const Path& folder) {
  auto all = filesUnder(folder);
  std::erase_if(all, [](const auto& file) {
    return file.first.find("/logs/") != std::string::npos || file.first.find("/data/") != std::string::npos;
  });
  return all;
}

// "" where the tree is exactly what its MANIFEST says and the record names that MANIFEST; else what is wrong.
inline std::string faultOf(const Path& root, const InstalledRelease& release) {
  const auto tree = filesUnder(PackageLayout(root).service(asr()).release(release));
  const auto text = tree.find("MANIFEST");
  if (text == tree.end()) return "no MANIFEST";
  if (sha256(text->second) != release.manifestSha256) return "another MANIFEST";
  const auto manifest = PackageManifest::parse(text->second);
  if (!manifest) return manifest.error().message();
  for (const auto& file : manifest->files) {
    const auto found = tree.find(file.path);
    if (found == tree.end()) return file.path + " is missing";
    if (found->second.size() != file.size || sha256(found->second) != file.sha256) return file.path + " has other content";
  }
  if (!tree.contains("MANIFEST.sig")) return "no MANIFEST.sig";
  return tree.size() == manifest->files.size() + 2 ? "" : "more files than MANIFEST names";
}

class LifeDisk {
 public:
  LifeDisk(Files& files, const Path& root)
      : root_(root),
        layout_(PackageLayout(root).service(asr())),
        store(files, layout_),
        current(files, layout_, asr(), &sha256) {}

  // "1.2.0 good", "" where nothing is current, else the error.
  std::string currentText() const {
    const auto read = current.read();
    if (!read) return read.error().message();
    if (!*read) return "";
    return (*read)->release.version.text() + ((*read)->state == CurrentRelease::State::Good ? " good" : " trial");
  }
  std::string previousText() const {
    const auto read = current.read();
    return read && *read && (*read)->previous ? (*read)->previous->version.text() : "";
  }
  // "1.1.0 1.2.0"
  std::string installedText() const {
    std::string text;
    const auto releases = store.releases(&sha256);
    if (!releases) return releases.error().message();
    for (const auto& [key, release] : releases->releases) text += (text.empty() ? "" : " ") + release.version.text();
    return text;
  }
  // "" where every release under versions/ is whole.
  std::string fault() const {
    const auto releases = store.releases(&sha256);
    if (!releases) return releases.error().message();
    for (const auto& [key, release] : releases->releases) {
      if (const auto fault = faultOf(root_, release); !fault.empty()) return key + ": " + fault;
    }
    return "";
  }
  // "" where nothing lies about that a change in flight would need: staging, journal, temporaries.
  std::string leftover() const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(layout_.folder().text())) {
      const auto name = entry.path().filename().string();
      if (name == "_staging" || name == "journal.json" || name.ends_with(".tmp"))
        return entry.path().lexically_relative(layout_.folder().text()).generic_string();
    }
    return "";
  }
  bool isThere() const { return std::filesystem::exists(layout_.folder().text()); }
  const ServiceLayout& layout() const { return layout_; }

 private:
  const Path root_;
  const ServiceLayout layout_;

 public:
  const InstalledStore store;
  const CurrentStore current;
};

}  // namespace tenon::host
