// Makes zip files, good ones and ones that are wrong in exactly one place.
#pragma once

#include <libdeflate.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::host {

inline std::string littleEndian(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 0xff);
  return text;
}

inline std::string deflated(std::string_view content) {
  auto* compressor = libdeflate_alloc_compressor(1);
  std::string packed(libdeflate_deflate_compress_bound(compressor, content.size()), '\0');
  packed.resize(libdeflate_deflate_compress(compressor, content.data(), content.size(), packed.data(), packed.size()));
  libdeflate_free_compressor(compressor);
  return packed;
}

// One entry. What is not set follows from the rest; what is set is written even where it lies.
struct MadeEntry {
  std::string name, content;
  bool deflate = false;
  std::uint32_t attributes = 0100644U << 16;
  std::uint8_t madeOn = 3;
  std::uint16_t flags = 0;
  std::string centralExtra, localExtra, comment;
  std::string before;               // bytes before the local header
  std::optional<std::string> data;  // as they lie in the file
  std::optional<std::string> localName;
  std::optional<std::uint16_t> method, localMethod, localFlags;
  std::optional<std::uint32_t> crc, localCrc;
  std::optional<std::uint32_t> size, packed, localSize, localPacked, offset;
  std::string descriptor;  // bytes after the data; sets no flag
  std::uint16_t disk = 0;
};

struct MadeZip {
  std::vector<MadeEntry> entries;
  std::string prefix, gap, comment, trailing;  // gap: between the last entry and the directory
  std::optional<std::uint16_t> count;
  std::optional<std::uint32_t> directoryOffset, directoryBytes;
  bool zip64End = false;            // a ZIP64 end record, and "see ZIP64" in the plain one
  std::uint64_t zip64CountOff = 0;  // what it lies by

  std::string bytes() const {
    std::string out = prefix, directory;
    for (const auto& entry : entries) add(entry, out, directory);
    out += gap;
    const auto start = out.size();
    out += directory;
    if (zip64End) {
      const auto end64 = out.size();
      const auto number = littleEndian(entries.size() + zip64CountOff, 8);
      out += littleEndian(0x06064b50, 4) + littleEndian(44, 8) + littleEndian(45, 2) + littleEndian(45, 2) +
             littleEndian(0, 8) + number + number + littleEndian(directory.size(), 8) + littleEndian(start, 8);
      out += littleEndian(0x07064b50, 4) + littleEndian(0, 4) + littleEndian(end64, 8) + littleEndian(1, 4);
    }
    const std::uint16_t number =
        count.value_or(zip64End && zip64CountOff == 0 ? std::uint16_t{0xffff} : static_cast<std::uint16_t>(entries.size()));
    out += littleEndian(0x06054b50, 4) + littleEndian(0, 4) + littleEndian(number, 2) + littleEndian(number, 2) +
           littleEndian(directoryBytes.value_or(static_cast<std::uint32_t>(directory.size())), 4) +
           littleEndian(directoryOffset.value_or(zip64End ? 0xffffffffU : static_cast<std::uint32_t>(start)), 4) +
           littleEndian(comment.size(), 2) + comment;
    return out + trailing;
  }

 private:
  static void add(const MadeEntry& entry, std::string& out, std::string& directory) {
    out += entry.before;
    const auto offset = entry.offset.value_or(static_cast<std::uint32_t>(out.size()));
    const auto data = entry.data.value_or(entry.deflate ? deflated(entry.content) : entry.content);
    const auto method = entry.method.value_or(entry.deflate ? std::uint16_t{8} : std::uint16_t{0});
    const auto crc = entry.crc.value_or(libdeflate_crc32(0, entry.content.data(), entry.content.size()));
    const auto packed = entry.packed.value_or(static_cast<std::uint32_t>(data.size()));
    const auto size = entry.size.value_or(static_cast<std::uint32_t>(entry.content.size()));
    const auto& localName = entry.localName ? *entry.localName : entry.name;
    out += littleEndian(0x04034b50, 4) + littleEndian(20, 2) + littleEndian(entry.localFlags.value_or(entry.flags), 2) +
           littleEndian(entry.localMethod.value_or(method), 2) + littleEndian(0x58210000, 4) +
           littleEndian(entry.localCrc.value_or(crc), 4) + littleEndian(entry.localPacked.value_or(packed), 4) +
           littleEndian(entry.localSize.value_or(size), 4) + littleEndian(localName.size(), 2) +
           littleEndian(entry.localExtra.size(), 2) + localName + entry.localExtra + data + entry.descriptor;
    directory += littleEndian(0x02014b50, 4) + littleEndian(20, 1) + littleEndian(entry.madeOn, 1) + littleEndian(20, 2) +
                 littleEndian(entry.flags, 2) + littleEndian(method, 2) + littleEndian(0x58210000, 4) +
                 littleEndian(crc, 4) + littleEndian(packed, 4) + littleEndian(size, 4) +
                 littleEndian(entry.name.size(), 2) + littleEndian(entry.centralExtra.size(), 2) +
                 littleEndian(entry.comment.size(), 2) + littleEndian(entry.disk, 2) + littleEndian(0, 2) +
                 littleEndian(entry.attributes, 4) + littleEndian(offset, 4) + entry.name + entry.centralExtra +
                 entry.comment;
  }
};

}  // namespace tenon::host
