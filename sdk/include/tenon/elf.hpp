// What a dynamically linked ELF program asks of the machine that starts it. Header-only, C++17.
// Source: System V ABI, generic and AMD64 (program headers, dynamic section); the Linux Standard Base's chapter on symbol
// versioning (Elf64_Verneed, Elf64_Vernaux).
#ifndef TENON_ELF_HPP
#define TENON_ELF_HPP

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>
#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif

#include "tenon/fields.hpp"

namespace tenon {

struct ElfNeeds {
  std::string machine;                 // as platforms name it: "x64"
  std::string loader;                  // PT_INTERP, "/lib64/ld-linux-x86-64.so.2"; "" where it names none, as libraries do
  std::string name;                    // DT_SONAME: what a library calls itself
  std::vector<std::string> libraries;  // DT_NEEDED, as written
  std::string runpath, rpath;          // DT_RUNPATH, DT_RPATH, as written: "$ORIGIN/../lib"
  std::string glibc;                   // the newest version of glibc's symbols: "2.34"; "" where it asks for none

  // Nothing where the file is no 64-bit little-endian ELF file, is linked statically, or is damaged.
  static std::optional<ElfNeeds> read(const std::string& path);
};

// As platforms name it: "x64", "arm64", "x86", "arm", "riscv64"; else "machine number 8".
inline std::string elfMachine(unsigned machine) {
  switch (machine) {
    case 3:
      return "x86";
    case 40:
      return "arm";
    case 62:
      return "x64";
    case 183:
      return "arm64";
    case 243:
      return "riscv64";
    default:
      return "machine number " + std::to_string(machine);
  }
}

// Compares "2.9" and "2.34" part by part: below 0, 0, above 0.
inline int compareVersions(const std::string& a, const std::string& b) {
  const char *left = a.c_str(), *right = b.c_str();
  while (*left || *right) {
    char *afterLeft = nullptr, *afterRight = nullptr;
    const long x = std::strtol(left, &afterLeft, 10), y = std::strtol(right, &afterRight, 10);
    if (x != y) return x < y ? -1 : 1;
    left = *afterLeft ? afterLeft + 1 : afterLeft;
    right = *afterRight ? afterRight + 1 : afterRight;
  }
  return 0;
}

// The version of the glibc that this process runs on, and so the node's; "" on another libc.
inline std::string glibcVersion() {
#if defined(__GLIBC__)
  return ::gnu_get_libc_version();
#else
  return "";
#endif
}

namespace detail {

// Reads numbers and names at offsets of a file; what lies past its end is 0 and "". Keeps the part that it read last.
class ElfFile {
 public:
  explicit ElfFile(const std::string& path) : in_(nativePath(path), std::ios::binary) {}

  std::uint64_t number(std::uint64_t at, unsigned bytes) {
    std::uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;) value = value << 8 | byte(at + i);
    return value;
  }
  std::string text(std::uint64_t at, std::size_t most = 256) {
    std::string text;
    while (text.size() < most) {
      const unsigned char c = byte(at + text.size());
      if (c == 0) break;
      text += static_cast<char>(c);
    }
    return text;
  }

 private:
  static constexpr std::uint64_t kPart = 4096, kFarthest = std::uint64_t{1} << 62;

  unsigned char byte(std::uint64_t at) {
    if (at >= kFarthest) return 0;
    if (part_.empty() || at / kPart != which_) load(at / kPart);
    return at % kPart < part_.size() ? static_cast<unsigned char>(part_[static_cast<std::size_t>(at % kPart)]) : 0;
  }
  void load(std::uint64_t which) {
    which_ = which;
    part_.assign(static_cast<std::size_t>(kPart), '\0');
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(which * kPart));
    in_.read(&part_[0], static_cast<std::streamsize>(kPart));
    part_.resize(static_cast<std::size_t>(in_.gcount()));
    if (part_.empty()) part_.assign(1, '\0');  // known to be past the end
  }

  std::ifstream in_;
  std::string part_;
  std::uint64_t which_ = 0;
};

struct ElfSegment {
  std::uint64_t type, offset, address, size;
};

inline std::vector<ElfSegment> elfSegments(ElfFile& file) {
  constexpr std::uint64_t kMagic = 0x00010102464C457F, kMost = 128;  // 64-bit, little-endian, version 1, System V
  std::vector<ElfSegment> segments;
  if ((file.number(0, 8) & 0x00FFFFFFFFFFFFFF) != kMagic) return segments;
  const std::uint64_t table = file.number(0x20, 8), size = file.number(0x36, 2), count = file.number(0x38, 2);
  for (std::uint64_t i = 0; i < count && i < kMost; ++i) {
    const std::uint64_t at = table + i * size;
    segments.push_back({file.number(at, 4), file.number(at + 8, 8), file.number(at + 16, 8), file.number(at + 32, 8)});
  }
  return segments;
}

// The program's dynamic section, its addresses as offsets in the file; 0 where it has none.
struct ElfDynamic {
  std::uint64_t loader = 0;
  std::vector<std::uint64_t> needed;                  // offsets in the strings
  std::optional<std::uint64_t> name, rpath, runpath;  // the same
  std::uint64_t strings = 0, versions = 0, versionCount = 0;

  static std::optional<ElfDynamic> read(ElfFile& file) {
    constexpr std::uint64_t kLoad = 1, kDynamic = 2, kInterpreter = 3;
    const auto segments = elfSegments(file);
    const auto offsetOf = [&](std::uint64_t address) -> std::uint64_t {
      for (const auto& each : segments) {
        if (each.type == kLoad && address >= each.address && address - each.address < each.size)
          return each.offset + (address - each.address);
      }
      return 0;
    };
    std::optional<ElfDynamic> found;
    std::uint64_t loader = 0;
    for (const auto& each : segments) {
      if (each.type == kInterpreter) loader = each.offset;
      if (each.type == kDynamic && !found) found = readAt(file, each, offsetOf);
    }
    if (found) found->loader = loader;
    return found;
  }

 private:
  template <class OffsetOf>
  static ElfDynamic readAt(ElfFile& file, const ElfSegment& segment, const OffsetOf& offsetOf) {
    constexpr std::uint64_t kEnd = 0, kNeeded = 1, kStrings = 5, kName = 14, kRpath = 15, kRunpath = 29,
                            kVersions = 0x6FFFFFFE, kVersionCount = 0x6FFFFFFF;
    constexpr std::uint64_t kEntry = 16, kMost = 1024;
    ElfDynamic found;
    for (std::uint64_t i = 0; i < segment.size / kEntry && i < kMost; ++i) {
      const std::uint64_t tag = file.number(segment.offset + i * kEntry, 8),
                          value = file.number(segment.offset + i * kEntry + 8, 8);
      if (tag == kEnd) break;
      if (tag == kNeeded) found.needed.push_back(value);
      if (tag == kName) found.name = value;
      if (tag == kRpath) found.rpath = value;
      if (tag == kRunpath) found.runpath = value;
      if (tag == kStrings) found.strings = offsetOf(value);
      if (tag == kVersions) found.versions = offsetOf(value);
      if (tag == kVersionCount) found.versionCount = value;
    }
    return found;
  }
};

}  // namespace detail

inline std::optional<ElfNeeds> ElfNeeds::read(const std::string& path) {
  constexpr std::uint64_t kMost = 1024;
  detail::ElfFile file(path);
  const auto dynamic = detail::ElfDynamic::read(file);
  if (!dynamic || dynamic->strings == 0) return std::nullopt;
  ElfNeeds needs;
  needs.machine = elfMachine(static_cast<unsigned>(file.number(18, 2)));
  if (dynamic->loader != 0) needs.loader = file.text(dynamic->loader);
  const auto textAt = [&](const std::optional<std::uint64_t>& at, std::size_t most) {
    return at ? file.text(dynamic->strings + *at, most) : std::string();
  };
  constexpr std::size_t kPathBytes = 4096;
  needs.name = textAt(dynamic->name, 256);
  needs.rpath = textAt(dynamic->rpath, kPathBytes);
  needs.runpath = textAt(dynamic->runpath, kPathBytes);
  for (const auto name : dynamic->needed) needs.libraries.push_back(file.text(dynamic->strings + name));
  std::uint64_t library = dynamic->versions;
  for (std::uint64_t i = 0; library != 0 && i < dynamic->versionCount && i < kMost; ++i) {
    const std::uint64_t count = file.number(library + 2, 2);
    std::uint64_t version = library + file.number(library + 8, 4);
    for (std::uint64_t k = 0; k < count && k < kMost; ++k) {
      const std::string name = file.text(dynamic->strings + file.number(version + 8, 4));
      const std::string number = name.rfind("GLIBC_", 0) == 0 ? name.substr(6) : "";
      if (!number.empty() && number[0] >= '0' && number[0] <= '9' && compareVersions(needs.glibc, number) < 0)
        needs.glibc = number;  // GLIBC_PRIVATE and the like are no versions
      version += file.number(version + 12, 4);
    }
    const std::uint64_t next = file.number(library + 12, 4);
    library = next == 0 ? 0 : library + next;
  }
  return needs;
}

}  // namespace tenon

#endif
