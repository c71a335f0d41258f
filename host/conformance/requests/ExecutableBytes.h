// The first bytes of programs for a given machine: enough for those who read headers, and nothing that could run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tenon::host {

// A 64-bit little-endian ELF header with this e_machine: 62 x64, 183 arm64.
inline std::string elfBytes(unsigned machine) {
  std::string bytes(
      "\x7F"
      "ELF\x02\x01\x01",
      7);
  bytes.resize(64, '\0');
  bytes[16] = 2;
  bytes[18] = static_cast<char>(machine & 0xFF);
  bytes[19] = static_cast<char>((machine >> 8) & 0xFF);
  return bytes;
}

// The same with a dynamic section, by which it asks for libc.so.6 and for the symbols of that glibc: "2.34".
inline std::string elfBytesNeeding(const std::string& glibc) {
  std::string bytes = elfBytes(62);
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
    if (bytes.size() < at + size) bytes.resize(at + size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>((value >> (8 * i)) & 0xFF);
  };
  constexpr std::size_t kSegments = 64, kDynamic = 256, kStrings = 512, kVersions = 768, kEnd = 1024;
  put(0x20, kSegments, 8);
  put(0x36, 56, 2);
  put(0x38, 2, 2);
  const std::uint64_t segments[2][4] = {{1, 0, 0, kEnd}, {2, kDynamic, kDynamic, 96}};  // type, offset, address, size
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t at = kSegments + i * 56;
    put(at, segments[i][0], 4);
    put(at + 8, segments[i][1], 8);
    put(at + 16, segments[i][2], 8);
    put(at + 32, segments[i][3], 8);
  }
  const std::string library = "libc.so.6", version = "GLIBC_" + glibc;
  const std::uint64_t dynamic[5][2] = {{1, 1}, {5, kStrings}, {0x6FFFFFFE, kVersions}, {0x6FFFFFFF, 1}, {0, 0}};
  for (std::size_t i = 0; i < 5; ++i) {
    put(kDynamic + i * 16, dynamic[i][0], 8);
    put(kDynamic + i * 16 + 8, dynamic[i][1], 8);
  }
  put(kVersions, 1, 2);                                // vn_version
  put(kVersions + 2, 1, 2);                            // vn_cnt
  put(kVersions + 8, 16, 4);                           // vn_aux
  put(kVersions + 16 + 8, 1 + library.size() + 1, 4);  // vna_name
  put(kEnd - 1, 0, 1);
  bytes.replace(kStrings + 1, library.size(), library);
  bytes.replace(kStrings + 1 + library.size() + 1, version.size(), version);
  return bytes;
}

// A PE program with this Machine: 0x8664 x64.
inline std::string peBytes(unsigned machine) {
  std::string bytes(128, '\0');
  bytes[0] = 'M';
  bytes[1] = 'Z';
  bytes[0x3C] = 64;
  bytes[64] = 'P';
  bytes[65] = 'E';
  bytes[68] = static_cast<char>(machine & 0xFF);
  bytes[69] = static_cast<char>((machine >> 8) & 0xFF);
  return bytes;
}

}  // namespace tenon::host
