#include "host/logs/LogArchive.h"

#include <libdeflate.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace tenon::host {

namespace {

// RFC 1952, with one subfield: the bytes of the member, and of what it holds.
constexpr std::string_view kHead{"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x0c\0TN\x08\0", 16};
constexpr std::size_t kHeadBytes = 24, kTailBytes = 8;
constexpr int kLevel = 3;  // of a fast writer's log as much as one core must pack as it writes

struct FreeCompressor {
  void operator()(libdeflate_compressor* each) const { libdeflate_free_compressor(each); }
};
struct FreeDecompressor {
  void operator()(libdeflate_decompressor* each) const { libdeflate_free_decompressor(each); }
};

void putNumber(std::string& out, std::size_t number) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>((number >> shift) & 0xff);
}

std::uint32_t numberAt(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (unsigned i = 0; i < 4; ++i) number |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return number;
}

}  // namespace

std::string packLogBlock(std::string_view block) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(libdeflate_alloc_compressor(kLevel));
  if (!compressor) std::abort();  // out of memory
  std::string packed(libdeflate_deflate_compress_bound(compressor.get(), block.size()), '\0');
  packed.resize(libdeflate_deflate_compress(compressor.get(), block.data(), block.size(), packed.data(), packed.size()));
  if (packed.empty()) std::abort();  // the bound is too small: a bug of the library
  std::string member(kHead);
  member.reserve(kHeadBytes + packed.size() + kTailBytes);
  putNumber(member, kHeadBytes + packed.size() + kTailBytes);
  putNumber(member, block.size());
  member += packed;
  putNumber(member, libdeflate_crc32(0, block.data(), block.size()));
  putNumber(member, block.size());
  return member;
}

Result<LogArchive> LogArchive::open(Files& files, const Path& path, std::uint64_t begin, std::uint64_t end) {
  TENON_TRY(auto file, ReadFile::open(files, path));
  return LogArchive(std::move(file), path.text(), begin, end);
}

Error LogArchive::corrupt(const std::string& what) const {
  return Error(ErrorCode::StateCorrupt, "the archived log " + name_ + " is damaged: " + what)
      .withHint("move it away to read what is before and after it");
}

Result<LogArchive::Member> LogArchive::memberAt(std::uint64_t at) const {
  std::array<char, kHeadBytes> head = {};
  TENON_TRY(const std::size_t got, file_.read(at, head));
  const std::string_view bytes(head.data(), got);
  if (got < kHeadBytes || !bytes.starts_with(kHead)) return corrupt("no block begins at byte " + std::to_string(at));
  const Member member{at, numberAt(bytes, kHead.size()), numberAt(bytes, kHead.size() + 4)};
  const bool possible = member.packed > kHeadBytes + kTailBytes && member.packed <= 2 * kLogBlockBytes && member.raw > 0 &&
                        member.raw <= kLogBlockBytes;
  if (!possible) return corrupt("the block at byte " + std::to_string(at) + " has an impossible length");
  return member;
}

Result<std::string> LogArchive::unpack(const Member& member) const {
  std::string packed(static_cast<std::size_t>(member.packed), '\0');
  TENON_TRY(const std::size_t got, file_.read(member.at, packed));
  const std::string place = "the block at byte " + std::to_string(member.at);
  if (got < packed.size()) return corrupt(place + " is cut off");
  std::string raw(static_cast<std::size_t>(member.raw), '\0');
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(libdeflate_alloc_decompressor());
  if (!decompressor) std::abort();  // out of memory
  const auto result =
      libdeflate_deflate_decompress(decompressor.get(), packed.data() + kHeadBytes, packed.size() - kHeadBytes - kTailBytes,
                                    raw.data(), raw.size(), nullptr);
  if (result != LIBDEFLATE_SUCCESS) return corrupt(place + " cannot be unpacked");
  if (libdeflate_crc32(0, raw.data(), raw.size()) != numberAt(packed, packed.size() - kTailBytes)) {
    return corrupt(place + " has another checksum");
  }
  return raw;
}

Result<std::string> LogArchive::readFrom(std::uint64_t offset) const {
  std::uint64_t at = 0;
  for (std::uint64_t begin = begin_; begin < end_;) {
    TENON_TRY(const auto member, memberAt(at));
    if (offset < begin + member.raw) {
      TENON_TRY(auto bytes, unpack(member));
      bytes.erase(0, static_cast<std::size_t>(offset - begin));
      if (begin + member.raw > end_) return corrupt("it holds more than its name says");
      return bytes;
    }
    begin += member.raw;
    at += member.packed;
  }
  return corrupt("it holds less than its name says");
}

Result<void> LogArchive::check() const {
  for (std::uint64_t offset = begin_, at = 0; offset < end_;) {
    TENON_TRY(const auto member, memberAt(at));
    TENON_CHECK(unpack(member));
    offset += member.raw;
    at += member.packed;
    if (offset > end_) return corrupt("it holds more than its name says");
  }
  return {};
}

}  // namespace tenon::host
