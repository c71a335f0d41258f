// Which shared libraries a program of the package will not find on the node, told before it is started. Header-only, C++17.
// Source: ld.so(8), dlopen(3), and glibc's sysdeps/generic/dl-cache.h for /etc/ld.so.cache.
//
// A refusal that is wrong is worse than none. So nothing is said of programs of another machine or another libc, and
// whatever cannot be looked at (a folder that may not be entered, a relative one, $LIB) counts as one that has the library.
#ifndef TENON_LIBRARIES_HPP
#define TENON_LIBRARIES_HPP

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "tenon/driver.hpp"
#include "tenon/elf.hpp"
#include "tenon/fields.hpp"
#include "tenon/plugin.hpp"

namespace tenon {

namespace detail {

// The folders of all libraries that the cache of glibc's loader knows, each once; none where there is no such cache.
inline std::set<std::string> cachedFolders(const std::string& cache) {
  constexpr char kMagic[] = "glibc-ld.so.cache1.1";
  constexpr std::uint64_t kHeader = 48, kEntry = 24, kMost = 100000;
  std::set<std::string> folders;
  ElfFile file(cache), strings(cache);  // each keeps its place
  if (file.text(0, sizeof kMagic - 1) != kMagic) return folders;
  const std::uint64_t count = file.number(20, 4);
  for (std::uint64_t i = 0; i < count && i < kMost; ++i) {
    const std::string path = strings.text(file.number(kHeader + i * kEntry + 8, 4), 1024);
    if (const auto slash = path.rfind('/'); slash != std::string::npos && slash > 0) folders.insert(path.substr(0, slash));
  }
  return folders;
}

inline std::vector<std::string> splitPath(const std::string& text, const char* separators) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

inline std::string canonicalPath(const std::string& path) {
  std::error_code error;
  const auto real = std::filesystem::canonical(nativePath(path), error);
  return error ? path : real.generic_string();
}

// Goes through what a program loads as glibc's loader will: breadth first, each name once.
class LibrarySearch {
 public:
  struct Missing {
    std::string library, by;  // by: the file that asks for it
  };

  // `libraryPath`: LD_LIBRARY_PATH, its names expanded but for those that nobody knows yet.
  LibrarySearch(std::string machine, std::vector<std::string> nodeFolders, const std::string& libraryPath)
      : machine_(std::move(machine)), nodeFolders_(std::move(nodeFolders)) {
    if (!libraryPath.empty()) environment_ = splitPath(libraryPath, ":;");
  }

  // What the files below `package` ask for in vain: what a library of the node may lack is the node's affair.
  std::vector<Missing> missing(const std::string& program, const ElfNeeds& needs, const std::string& package) {
    constexpr std::size_t kMostObjects = 512;
    std::vector<Missing> all;
    known_.insert(needs.loader.substr(needs.loader.rfind('/') + 1));
    const std::string mine = canonicalPath(package) + "/";
    objects_ = {{canonicalPath(program), needs, rpathOf(canonicalPath(program), needs)}};
    for (std::size_t at = 0; at < objects_.size(); ++at) {
      const Object object = objects_[at];
      for (const auto& library : object.needs.libraries) {
        if (!known_.insert(library).second || objects_.size() > kMostObjects) continue;
        if (load(library, object)) continue;
        const std::string asker = nativePath(object.path).lexically_normal().generic_string();
        if (asker.rfind(mine, 0) == 0) all.push_back({library, asker.substr(mine.size())});
      }
    }
    return all;
  }

 private:
  struct Object {
    std::string path;
    ElfNeeds needs;
    std::vector<std::string> inherited;  // DT_RPATH of it and of whoever loaded it
  };
  enum class Found { No, Perhaps, Yes };

  static std::vector<std::string> foldersOf(const std::string& path, const std::string& written) {
    std::vector<std::string> folders;
    if (written.empty()) return folders;
    for (std::string folder : splitPath(written, ":")) {
      for (const std::string origin : {"$ORIGIN", "${ORIGIN}"}) {
        if (const auto at = folder.find(origin); at != std::string::npos)
          folder.replace(at, origin.size(), path.substr(0, path.rfind('/')));
      }
      folders.push_back(std::move(folder));
    }
    return folders;
  }
  static std::vector<std::string> rpathOf(const std::string& path, const ElfNeeds& needs) {
    return needs.runpath.empty() ? foldersOf(path, needs.rpath) : std::vector<std::string>();
  }

  // False where it is nowhere.
  bool load(const std::string& library, const Object& object) {
    if (library.find('/') != std::string::npos) return look(library, object) != Found::No;
    const auto runpath = foldersOf(object.path, object.needs.runpath);
    const std::vector<std::string> none;
    const auto* inherited = object.needs.runpath.empty() ? &object.inherited : &none;
    const std::vector<std::string>* const all[] = {inherited, &environment_, &runpath, &nodeFolders_};
    for (const auto* folders : all) {
      for (const auto& folder : *folders) {
        const Found found = isPlain(folder) ? lookIn(folder, library, object) : Found::Perhaps;
        if (found != Found::No) return true;
      }
    }
    return false;
  }
  // Absolute, and with nothing left to be filled in.
  static bool isPlain(const std::string& folder) {
    return !folder.empty() && folder.front() == '/' && folder.find('$') == std::string::npos;
  }

  Found lookIn(const std::string& folder, const std::string& library, const Object& object) {
    if (const Found found = look(folder + "/" + library, object); found != Found::No) return found;
    // Variants of a library for newer processors; whether one fits is not asked.
    for (const char* below : {"/glibc-hwcaps", "/tls", "/haswell"}) {
      std::error_code ignored;
      if (std::filesystem::exists(nativePath(folder + below), ignored)) return Found::Perhaps;
    }
    return Found::No;
  }
  Found look(const std::string& path, const Object& object) {
    if (!isPlain(path)) return Found::Perhaps;
    std::error_code error;
    const auto kind = std::filesystem::status(nativePath(path), error).type();
    if (kind == std::filesystem::file_type::not_found) return Found::No;
    if (kind != std::filesystem::file_type::regular) return Found::Perhaps;
    auto needs = ElfNeeds::read(path);
    if (!needs) return Found::Perhaps;                 // not to be read, or without a dynamic section
    if (needs->machine != machine_) return Found::No;  // passed over by the loader
    if (!needs->name.empty()) known_.insert(needs->name);
    auto inherited = rpathOf(path, *needs);
    inherited.insert(inherited.end(), object.inherited.begin(), object.inherited.end());
    objects_.push_back({path, *std::move(needs), std::move(inherited)});
    return Found::Yes;
  }

  const std::string machine_;
  const std::vector<std::string> nodeFolders_;
  std::vector<std::string> environment_;
  std::set<std::string> known_;  // names that are loaded, or told
  std::vector<Object> objects_;
};

// LD_LIBRARY_PATH of a service, with the package's place in it; names that only a start knows stay, and so make it unknown.
inline std::string libraryPathOf(const PlanRequest& request) {
  std::string text = request.env.string("LD_LIBRARY_PATH").otherwise("");
  const std::string home = "${SERVICE_HOME}";
  for (std::size_t at = 0; (at = text.find(home, at)) != std::string::npos; at += request.packageDir.real().size()) {
    text.replace(at, home.size(), request.packageDir.real());
  }
  return text;
}

}  // namespace detail

// The facts about the node that requireLibraries looks at: the "machine" and "loader" of this very process and, where that
// loader is glibc's, the folders of the "libraries" that it finds by itself.
inline void describeLibraries(Fingerprint& fingerprint) {
  const auto own = ElfNeeds::read("/proc/self/exe");
  if (!own || own->loader.empty()) return;
  fingerprint.attribute("machine", own->machine).attribute("loader", own->loader);
  auto folders = detail::cachedFolders("/etc/ld.so.cache");
  if (folders.empty() || glibcVersion().empty()) return;
  for (const char* folder : {"/lib", "/lib64", "/usr/lib", "/usr/lib64"}) folders.insert(folder);
  std::string text;
  for (const auto& folder : folders) text += (text.empty() ? "" : ":") + folder;
  fingerprint.attribute("libraries", text);
}

// Throws a Problem that names the libraries which the program, or one of its own libraries, will not find; or its loader.
inline void requireLibraries(const PackagePath& program, const PlanRequest& request, const std::string& field) {
  const std::string machine = request.fingerprint.string("machine").otherwise("");
  if (machine.empty() || !request.env) return;
  const auto needs = ElfNeeds::read(program.real());
  if (!needs || needs->loader.empty() || needs->machine != machine) return;
  const std::string folders = request.fingerprint.string("libraries").otherwise("");
  if (needs->loader != request.fingerprint.string("loader").otherwise("")) {
    std::error_code error;
    const auto kind = std::filesystem::status(nativePath(needs->loader), error).type();
    if (kind != std::filesystem::file_type::not_found || needs->loader.front() != '/') return;
    throw unavailable(program.name() + " is started by " + needs->loader + ", which this node does not have")
        .field(field)
        .errorCode("resource-missing")
        .hint("build it for this node's libc, or link it statically");
  }
  if (folders.empty()) return;
  detail::LibrarySearch search(machine, detail::splitPath(folders, ":"), detail::libraryPathOf(request));
  std::string names;
  for (const auto& each : search.missing(program.real(), *needs, request.packageDir.real())) {
    names += (names.empty() ? "" : ", ") + each.library + (each.by == program.name() ? "" : " (for " + each.by + ")");
  }
  if (names.empty()) return;
  throw unavailable(program.name() + " needs " + names + ": neither the package nor this node has that")
      .field(field)
      .errorCode("resource-missing")
      .hint("install it on the node; or pack it, and link the program with -Wl,-rpath,'$ORIGIN/../lib'");
}

}  // namespace tenon

#endif
