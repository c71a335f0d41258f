#include "host/pack/FolderScan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "host/base/Limits.h"
#include "host/contract/release/PackageManifest.h"
#include "host/contract/release/PackagePath.h"

namespace tenon::host {
namespace {

constexpr std::string_view kReadme = "README.md";

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

class Scan {
 public:
  Scan(Files& files, const Path& folder, const std::vector<ModelReference>& models,
       const std::function<bool(std::string_view)>& skipsAtTop)
      : files_(files), folder_(folder), skipsAtTop_(skipsAtTop) {
    for (const auto& model : models) {
      for (const auto& file : model.files) referenced_.push_back(file.place());
    }
  }

  Result<void> takeEverything() { return walk(""); }

  // One of files.requires or files.optional: a file, or a folder with '/' at its end.
  Result<void> takeNamed(const std::string& name, bool required, const std::string& field) {
    const bool wantsFolder = name.ends_with('/');
    const std::string path = wantsFolder ? name.substr(0, name.size() - 1) : name;
    TENON_CHECK(checkPackagePath(path));
    if (required && isReferenced(name)) required = false;
    TENON_TRY(const bool there, isReachable(path));
    if (!there) return required ? missing(name, field, "is not there") : Result<void>();
    TENON_TRY(const FileInfo info, files_.inspect(folder_ / path));
    if (info.kind == FileKind::Folder && !wantsFolder) {
      return missing(name, field, "is a folder").withHint("a folder is written with a '/' at its end: " + name + "/");
    }
    if (info.kind == FileKind::File && wantsFolder) {
      return missing(name, field, "is a file").withHint("a file is written without the '/': " + path);
    }
    TENON_CHECK(take(path, info.kind));
    if (required && info.kind == FileKind::Folder && !holdsAny(path)) {
      return missing(name, field, "is an empty folder").withHint("a package has no empty folders; put a file into it");
    }
    return {};
  }

  Result<void> takeAll(const std::vector<std::string>& names, bool required, const std::string& field) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      auto taken = takeNamed(names[i], required, field);
      if (!taken) return std::move(taken).error().withField(field + "[" + std::to_string(i) + "]");
    }
    return {};
  }

  Result<std::vector<SourceFile>> finish() {
    PackagePathSet names;
    std::vector<SourceFile> files;
    for (auto& [path, file] : found_) {
      TENON_CHECK(names.add(path, PackagePathSet::Kind::File));
      files.push_back(std::move(file));
    }
    for (const auto& place : referenced_) {
      TENON_CHECK(withContext("models in service.json", names.add(place, PackagePathSet::Kind::File)));
    }
    return files;
  }

 private:
  Error missing(const std::string& name, const std::string& field, const std::string& what) const {
    return Error(ErrorCode::ContentMissing, field + ": " + name + " " + what);
  }

  // The node puts it there.
  bool isReferenced(const std::string& name) const {
    return std::any_of(referenced_.begin(), referenced_.end(), [&](const std::string& place) {
      return name.ends_with('/') ? place.starts_with(name) : place == name;
    });
  }

  bool isSkipped(const std::string& parent, const std::string& name) const {
    return isNeverPacked(name) || (parent.empty() && skipsAtTop_(name));
  }

  // Is something to pack at this path, with real folders on the way to it?
  Result<bool> isReachable(const std::string& path) {
    std::string parent;
    for (std::size_t at = 0; at < path.size();) {
      const auto end = std::min(path.find('/', at), path.size());
      if (isSkipped(parent, path.substr(at, end - at))) return false;
      const std::string here = path.substr(0, end);
      const auto info = files_.inspect(folder_ / here);
      if (!info && info.error().code() == ErrorCode::NotFound) return false;
      if (!info) return Error(info.error());
      if (end != path.size() && info->kind == FileKind::Symlink) {
        return Error(ErrorCode::PathUnsafe, here + " is a link; " + path + " cannot be packed through it");
      }
      if (end != path.size() && info->kind != FileKind::Folder) return false;
      parent = here;
      at = end + 1;
    }
    return true;
  }

  bool holdsAny(const std::string& folder) const {
    const auto next = found_.lower_bound(folder + "/");
    return next != found_.end() && next->first.starts_with(folder + "/");
  }

  Result<void> walk(const std::string& path) {
    TENON_TRY(const auto entries, files_.list(path.empty() ? folder_ : folder_ / path));
    for (const FolderEntry& entry : entries) {
      if (isSkipped(path, entry.name)) continue;
      const std::string inner = joined(path, entry.name);
      TENON_CHECK(checkPackagePath(inner));
      TENON_CHECK(take(inner, entry.kind));
    }
    return {};
  }

  Result<void> take(const std::string& path, FileKind kind) {
    switch (kind) {
      case FileKind::Folder:
        return walk(path);
      case FileKind::Symlink:
        return takeSymlink(path);
      case FileKind::File:
        return takeFile(path);
      case FileKind::Other:
        break;
    }
    return Error(ErrorCode::PathUnsafe, path + " is no file, folder or link").withHint("remove it from the folder");
  }

  Result<void> takeFile(const std::string& path) {
    TENON_TRY(const FileInfo info, files_.inspect(folder_ / path));
    return keep({.path = path, .size = info.size, .isSymlink = false, .target = {}});
  }

  Result<void> takeSymlink(const std::string& path) {
    TENON_TRY(std::string target, files_.readSymlink(folder_ / path));
    if (auto stays = checkSymlinkTarget(path, target); !stays) {
      return std::move(stays).error().withHint(
          "put the file itself there, or link to one inside the package by a relative path");
    }
    const std::uint64_t size = target.size();
    return keep({.path = path, .size = size, .isSymlink = true, .target = std::move(target)});
  }

  Result<void> keep(SourceFile file) {
    total_ += found_.contains(file.path) ? 0 : file.size;
    std::string path = file.path;
    found_.insert_or_assign(std::move(path), std::move(file));
    if (found_.size() > limits::kPackageEntries) {
      return Error(ErrorCode::ArchiveLimit, "more than " + std::to_string(limits::kPackageEntries) + " files")
          .withHint("name what the service needs in files.requires");
    }
    if (total_ > limits::kPackageBytes) {
      return Error(ErrorCode::ArchiveLimit, "more than " + std::to_string(limits::kPackageBytes / limits::GiB) + " GiB");
    }
    return {};
  }

  Files& files_;
  const Path& folder_;
  const std::function<bool(std::string_view)>& skipsAtTop_;
  std::vector<std::string> referenced_;      // where models lie that are not packed
  std::map<std::string, SourceFile> found_;  // by path, so in MANIFEST's order
  std::uint64_t total_ = 0;
};

}  // namespace

bool isNeverPacked(std::string_view name) {
  return name == ".git" || name == "__pycache__" || name == ".DS_Store" || name.ends_with(".pyc");
}

Result<std::vector<SourceFile>> scanFolder(Files& files, const Path& folder, const PlatformVariant& variant,
                                           const std::vector<ModelReference>& models,
                                           const std::function<bool(std::string_view)>& skipsAtTop) {
  // MANIFEST is made by packing, and never among the packed.
  const std::function<bool(std::string_view)> skips = [&](std::string_view name) {
    return name == kManifestName || name == kManifestSignatureName || skipsAtTop(name);
  };
  Scan scan(files, folder, models, skips);
  if (variant.filesRequired.empty() && variant.filesOptional.empty()) {
    TENON_CHECK(scan.takeEverything());
    return scan.finish();
  }
  TENON_CHECK(scan.takeNamed(std::string(kServiceJsonName), true, "service.json"));
  TENON_CHECK(scan.takeNamed(std::string(kReadme), false, "README.md"));
  TENON_CHECK(scan.takeAll(variant.filesRequired, true, "files.requires"));
  TENON_CHECK(scan.takeAll(variant.filesOptional, false, "files.optional"));
  return scan.finish();
}

}  // namespace tenon::host
