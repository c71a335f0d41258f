// The first bytes of programs for a given machine: enough for those who read headers, and nothing that could run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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

// What a dynamically linked one asks for.
struct ElfLinks {
  unsigned machine = 62;
  std::string loader;  // PT_INTERP; "": none, as libraries have it
  std::string name, runpath, rpath;
  std::vector<std::string> needed;
  std::string glibc;  // the symbols of that version of libc.so.6: "2.34"
};

inline std::string elfBytesLinking(const ElfLinks& links) {
  std::string bytes = elfBytes(links.machine);
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
    if (bytes.size() < at + size) bytes.resize(at + size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>((value >> (8 * i)) & 0xFF);
  };
  constexpr std::size_t kSegments = 64, kDynamic = 256, kVersions = 768, kStrings = 1024;
  std::string strings(1, '\0');
  const auto text = [&](const std::string& each) {
    const std::size_t at = strings.size();
    strings += each + '\0';
    return at;
  };
  std::vector<std::pair<std::uint64_t, std::uint64_t>> dynamic;
  for (const auto& each : links.needed) dynamic.emplace_back(1, text(each));
  if (!links.name.empty()) dynamic.emplace_back(14, text(links.name));
  if (!links.rpath.empty()) dynamic.emplace_back(15, text(links.rpath));
  if (!links.runpath.empty()) dynamic.emplace_back(29, text(links.runpath));
  dynamic.emplace_back(5, kStrings);
  if (!links.glibc.empty()) {
    dynamic.emplace_back(0x6FFFFFFE, kVersions);
    dynamic.emplace_back(0x6FFFFFFF, 1);
    put(kVersions, 1, 2);                                      // vn_version
    put(kVersions + 2, 1, 2);                                  // vn_cnt
    put(kVersions + 8, 16, 4);                                 // vn_aux
    put(kVersions + 16 + 8, text("GLIBC_" + links.glibc), 4);  // vna_name
  }
  dynamic.emplace_back(0, 0);
  const std::size_t loader = text(links.loader);
  for (std::size_t i = 0; i < dynamic.size(); ++i) {
    put(kDynamic + i * 16, dynamic[i].first, 8);
    put(kDynamic + i * 16 + 8, dynamic[i].second, 8);
  }
  const std::uint64_t segments[3][4] = {{1, 0, 0, kStrings + strings.size()},  // type, offset, address, size
                                        {2, kDynamic, kDynamic, dynamic.size() * 16},
                                        {3, kStrings + loader, kStrings + loader, links.loader.size() + 1}};
  put(0x20, kSegments, 8);
  put(0x36, 56, 2);
  put(0x38, links.loader.empty() ? 2 : 3, 2);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t at = kSegments + i * 56;
    put(at, segments[i][0], 4);
    put(at + 8, segments[i][1], 8);
    put(at + 16, segments[i][2], 8);
    put(at + 32, segments[i][3], 8);
  }
  put(kStrings - 1, 0, 1);
  return bytes + strings;
}

// One that asks for libc.so.6 and for the symbols of that glibc: "2.34".
inline std::string elfBytesNeeding(const std::string& glibc) {
  ElfLinks links;
  links.needed = {"libc.so.6"};
  links.glibc = glibc;
  return elfBytesLinking(links);
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
