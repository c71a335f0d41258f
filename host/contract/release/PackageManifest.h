// MANIFEST: the plain-text list of a package's files that a release key signs. Canonical by construction: one text for one
// content, so parse() refuses whatever text() would not have written.
//
//   tenon-manifest 1
//   service nmt-zh-en
//   version 1.3.0
//   platform linux-x64
//   sequence 37
//   files 431 1543219876
//
//   <sha256> f <size> app/main.py
//   <sha256> x <size> runtime/python/bin/python3
//   <sha256> l <size> runtime/python/bin/python      (a symlink: size and hash of the target's text)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/contract/Digest.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

struct ManifestFile {
  enum class Kind : char { Plain = 'f', Executable = 'x', Symlink = 'l' };
  Digest sha256;
  Kind kind = Kind::Plain;
  std::uint64_t size = 0;
  std::string path;
};

struct PackageManifest {
  Release release;
  std::uint64_t sequence = 0;
  std::vector<ManifestFile> files;  // sorted by the bytes of their paths; MANIFEST itself is not among them

  // format-invalid with the line, path-unsafe, archive-limit.
  static Result<PackageManifest> parse(std::string_view text);
  std::string text() const;
  std::uint64_t totalBytes() const;
  const ManifestFile* find(std::string_view path) const;
};

inline constexpr std::string_view kManifestName = "MANIFEST";
inline constexpr std::string_view kManifestSignatureName = "MANIFEST.sig";
inline constexpr std::string_view kServiceJsonName = "service.json";

}  // namespace tenon::host
