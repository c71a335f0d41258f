// Reads a zip as its format says (APPNOTE 6.3.10), and holds it to the strict form on the way. A second reader, that shares
// nothing with the writer under test.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::host {

struct StrictEntry {
  std::string name, content;
  unsigned method = 0, mode = 0, flags = 0;
  std::uint64_t packedBytes = 0, size = 0, offset = 0;
};

class StrictZip {
 public:
  // Fails the test where something is not strict.
  explicit StrictZip(const std::string& bytes, bool unpacks = true) : bytes_(bytes), unpacks_(unpacks) { read(); }
  const std::vector<StrictEntry>& entries() const { return entries_; }
  const StrictEntry* find(const std::string& name) const {
    for (const StrictEntry& entry : entries_) {
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }

 private:
  std::uint64_t number(std::uint64_t at, unsigned bytes) const {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes_.at(at + i))} << (8 * i);
    return value;
  }

  void read() {
    ASSERT_GE(bytes_.size(), 22u);
    const std::uint64_t end = bytes_.size() - 22;
    ASSERT_EQ(number(end, 4), 0x06054b50u) << "the end record is not last, or has a comment";
    ASSERT_EQ(number(end + 20, 2), 0u);
    std::uint64_t count = number(end + 10, 2), directoryBytes = number(end + 12, 4), directory = number(end + 16, 4);
    std::uint64_t directoryEnd = end;
    if (count == 0xffff || directory == 0xffffffff) {
      const std::uint64_t end64 = end - 20 - 56;
      ASSERT_EQ(number(end - 20, 4), 0x07064b50u);
      ASSERT_EQ(number(end - 20 + 8, 8), end64);
      ASSERT_EQ(number(end64, 4), 0x06064b50u);
      ASSERT_EQ(number(end64 + 4, 8), 44u);
      ASSERT_EQ(number(end64 + 24, 8), number(end64 + 32, 8));
      count = number(end64 + 32, 8), directoryBytes = number(end64 + 40, 8), directory = number(end64 + 48, 8);
      directoryEnd = end64;
    }
    ASSERT_EQ(directory + directoryBytes, directoryEnd);
    std::uint64_t at = directory, next = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      ASSERT_NO_FATAL_FAILURE(readEntry(at, next));
    }
    EXPECT_EQ(at, directoryEnd);
    EXPECT_EQ(next, directory) << "bytes between the entries and the directory";
  }

  void readEntry(std::uint64_t& at, std::uint64_t& next) {
    ASSERT_EQ(number(at, 4), 0x02014b50u);
    const std::uint64_t nameBytes = number(at + 28, 2), extraBytes = number(at + 30, 2);
    ASSERT_EQ(number(at + 32, 2), 0u) << "a comment";
    ASSERT_EQ(extraBytes, 0u) << "ZIP64 fields are looked at elsewhere";
    StrictEntry entry;
    entry.name = bytes_.substr(at + 46, nameBytes);
    entry.flags = static_cast<unsigned>(number(at + 8, 2));
    entry.method = static_cast<unsigned>(number(at + 10, 2));
    entry.packedBytes = number(at + 20, 4), entry.size = number(at + 24, 4), entry.offset = number(at + 42, 4);
    EXPECT_EQ(number(at + 5, 1), 3u) << "made on Unix";
    entry.mode = static_cast<unsigned>(number(at + 38, 4) >> 16);
    EXPECT_EQ(entry.offset, next) << entry.name << " does not begin where the one before it ends";
    // Version needed to extra length: the same 26 bytes in both records.
    EXPECT_EQ(bytes_.substr(at + 6, 26).substr(0, 24), bytes_.substr(entry.offset + 4, 24)) << entry.name;
    EXPECT_EQ(number(entry.offset, 4), 0x04034b50u);
    EXPECT_EQ(number(entry.offset + 28, 2), 0u);
    EXPECT_EQ(bytes_.substr(entry.offset + 30, nameBytes), entry.name);
    EXPECT_EQ(number(at + 12, 4), 0x00210000u) << "the date is always 1980-01-01";
    const std::uint64_t data = entry.offset + 30 + nameBytes;
    if (unpacks_) unpack(entry, bytes_.substr(data, entry.packedBytes), number(at + 16, 4));
    next = data + entry.packedBytes;
    at += 46 + nameBytes;
    entries_.push_back(std::move(entry));
  }

  static void unpack(StrictEntry& entry, std::string packed, std::uint64_t crc) {
    if (entry.method == 8) {
      entry.content.resize(entry.size);
      z_stream stream{};
      ASSERT_EQ(inflateInit2(&stream, -15), Z_OK);
      stream.next_in = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_in = static_cast<uInt>(packed.size());
      stream.next_out = reinterpret_cast<Bytef*>(entry.content.data());
      stream.avail_out = static_cast<uInt>(entry.content.size());
      EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END) << entry.name;
      EXPECT_EQ(stream.avail_in, 0u) << entry.name;
      EXPECT_EQ(stream.avail_out, 0u) << entry.name;
      inflateEnd(&stream);
    } else {
      ASSERT_EQ(entry.method, 0u);
      entry.content = std::move(packed);
    }
    EXPECT_EQ(entry.content.size(), entry.size);
    EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()), static_cast<uInt>(entry.content.size())), crc);
  }

  const std::string& bytes_;
  const bool unpacks_;
  std::vector<StrictEntry> entries_;
};

}  // namespace tenon::host
