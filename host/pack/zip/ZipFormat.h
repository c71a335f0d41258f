// The records of a zip file in the strict form (design: "Which zip files are accepted"), as bytes. Layout: PKWARE
// APPNOTE 6.3.10.
#pragma once

#include <cstdint>
#include <string>

#include "host/contract/release/PackageManifest.h"

namespace tenon::host {

struct ZipHeader {
  std::string name;
  ManifestFile::Kind kind = ManifestFile::Kind::Plain;
  bool deflated = false;
  std::uint32_t crc32 = 0;
  std::uint64_t size = 0, packedBytes = 0;
  std::uint64_t offset = 0;  // of the local header
};

// Both say the same; ZIP64 fields only where a number needs them.
std::string localHeader(const ZipHeader& header);
std::string centralHeader(const ZipHeader& header);
// ZIP64 end record and locator where a number needs them, then the end record, without comment.
std::string endOfZip(std::uint64_t entries, std::uint64_t directoryOffset, std::uint64_t directoryBytes);

// A size or offset from here on stands in a ZIP64 field.
inline constexpr std::uint64_t kZip64From = 0xffffffff;

}  // namespace tenon::host
