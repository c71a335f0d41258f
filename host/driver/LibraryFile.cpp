#include "host/driver/LibraryFile.h"

#include <Poco/Environment.h>
#include <Poco/SharedLibrary.h>

#include <cstdint>
#include <string_view>

#include "host/base/Limits.h"
#include "tenon/executable.hpp"

namespace tenon::host {

namespace {

// As platforms name machines.
std::string ownMachine() {
  const std::string machine = Poco::Environment::osArchitecture();
  if (machine == "x86_64" || machine == "AMD64") return "x64";
  if (machine == "aarch64" || machine == "ARM64") return "arm64";
  return machine;
}

// A little-endian number of `bytes` bytes; 0 past the end.
std::uint64_t number(std::string_view from, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) {
    value = value << 8 | (at + i < from.size() ? static_cast<unsigned char>(from[at + i]) : 0u);
  }
  return value;
}

// Do all segments of a 64-bit ELF file lie within it? Offsets: System V ABI, Elf64_Ehdr and Elf64_Phdr.
bool isCompleteElf(std::string_view start, std::uint64_t fileSize) {
  const std::uint64_t table = number(start, 0x20, 8), entry = number(start, 0x36, 2), count = number(start, 0x38, 2);
  constexpr std::uint64_t kSegmentBytes = 56;
  if (entry < kSegmentBytes || count == 0 || table > start.size() || table + entry * count > start.size()) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(table + i * entry);
    const std::uint64_t offset = number(start, at + 8, 8), size = number(start, at + 32, 8);
    if (offset > fileSize || size > fileSize - offset) return false;
  }
  return true;
}

// Do all sections of a PE file lie within it? Offsets: Microsoft's PE format, COFF header and section table.
bool isCompletePe(std::string_view start, std::uint64_t fileSize) {
  const std::uint64_t header = number(start, 0x3C, 4) + 4;
  if (header > start.size()) return false;
  const auto at = static_cast<std::size_t>(header);
  constexpr std::uint64_t kHeaderBytes = 20, kSectionBytes = 40;
  const std::uint64_t count = number(start, at + 2, 2), table = header + kHeaderBytes + number(start, at + 16, 2);
  if (count == 0 || table + count * kSectionBytes > start.size()) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto section = static_cast<std::size_t>(table + i * kSectionBytes);
    if (number(start, section + 16, 4) + number(start, section + 20, 4) > fileSize) return false;
  }
  return true;
}

}  // namespace

Result<std::optional<std::string>> whyUnloadable(Files& files, const Path& library) {
  TENON_TRY(const auto file, ReadFile::open(files, library));
  std::string start(limits::kPluginHeaderBytes, '\0');
  TENON_TRY(const auto got, file.read(0, start));
  start.resize(got);
  const auto found = Executable::of(start);
  const bool windows = Poco::SharedLibrary::suffix() == ".dll";
  if (found.format != (windows ? Executable::Format::Pe : Executable::Format::Elf)) {
    return std::optional(library.name() + " is no shared library of this operating system");
  }
  const std::string own = ownMachine();
  const bool known = own == "x64" || own == "arm64";
  if (known && found.machine != own) {
    return std::optional(library.name() + " was built for " + found.machine + ", this machine is " + own +
                         ": install the plugin that was built for it");
  }
  if (known && !(windows ? isCompletePe(start, file.size()) : isCompleteElf(start, file.size()))) {
    return std::optional(library.name() + " is cut short: install the plugin again");
  }
  return std::optional<std::string>();
}

}  // namespace tenon::host
