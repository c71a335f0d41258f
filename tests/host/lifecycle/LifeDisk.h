// What lies on a node's disk, looked at from outside of the agent.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "host/contract/release/PackageManifest.h"
#include "host/lifecycle/Life.h"
#include "host/trust/Sha256.h"
#include "tests/host/lifecycle/Machine.h"
#include "tests/host/lifecycle/ReleaseShop.h"

namespace tenon::host {

// Every file below a folder, by its path from there.
inline std::map<std::string, std::string> filesUnder(Files& files, const Path& folder, const std::string& before = "") {
  std::map<std::string, std::string> all;
  const auto entries = files.list(folder);
  if (!entries) return all;
  for (const auto& entry : *entries) {
    const auto name = before + entry.name;
    if (entry.kind == FileKind::Folder) {
      all.merge(filesUnder(files, folder / entry.name, name + "/"));
    } else {
      all[name] = files.readAll(folder / entry.name, limits::MiB).value();
    }
  }
  return all;
}

// Likewise, without what a service writes itself.
inline std::map<std::string, std::string> releasesUnder(Files& files, const Path& folder) {
  auto all = filesUnder(files, folder);
  std::erase_if(all, [](const auto& file) {
    return file.first.find("/logs/") != std::string::npos || file.first.find("/data/") != std::string::npos;
  });
  return all;
}

// "" where the tree is exactly what its MANIFEST says and the record names that MANIFEST; else what is wrong.
inline std::string faultOf(Files& files, const Path& root, const InstalledRelease& release) {
  const auto tree = filesUnder(files, PackageLayout(root).service(asr()).release(release));
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

// "" where every file of the content store is what its name says.
inline std::string storeFaultOf(Files& files, const Path& root) {
  for (const auto& [path, content] : filesUnder(files, PackageLayout(root).store())) {
    const auto name = path.substr(path.rfind('/') + 1);
    if (name.substr(0, name.rfind(".x")) != sha256(content).hex()) return "store/" + path + " has other content";
  }
  return "";
}

class LifeDisk {
 public:
  LifeDisk(Files& files, const Path& root)
      : files_(files),
        root_(root),
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
      if (const auto fault = faultOf(files_, root_, release); !fault.empty()) return key + ": " + fault;
    }
    return "";
  }
  // "" where nothing lies about that a change in flight would need: staging, journal, temporaries.
  std::string leftover() const { return leftoverIn(layout_.folder()); }
  bool isThere() const { return files_.exists(layout_.folder()); }
  const ServiceLayout& layout() const { return layout_; }

 private:
  std::string leftoverIn(const Path& folder) const {
    const auto entries = files_.list(folder);
    if (!entries) return "";
    for (const auto& [name, kind] : *entries) {
      if (name == "_staging" || name == "journal.json" || name.ends_with(".tmp")) return (folder / name).text();
      if (kind != FileKind::Folder) continue;
      if (auto below = leftoverIn(folder / name); !below.empty()) return below;
    }
    return "";
  }

  Files& files_;
  const Path root_;
  const ServiceLayout layout_;

 public:
  InstalledStore store;
  CurrentStore current;
};

}  // namespace tenon::host
