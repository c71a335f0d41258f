// Raw deflate with the same bytes for the same input, whatever the threads: libdeflate for what fits in memory whole, zlib
// for pieces of what does not. (Other releases of the two libraries may pack differently, and as well.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct libdeflate_compressor;

namespace tenon::host {

constexpr std::size_t kDictionaryBytes = 32 * 1024;  // deflate looks back no further

// Does packing save enough to be worth unpacking? What saves less than a sixteenth is stored.
bool isWorthDeflating(std::uint64_t size, std::uint64_t packed);

// One thread.
class Deflater {
 public:
  Deflater();
  // Nothing where it is not worth it.
  std::optional<std::string> deflate(std::string_view bytes);

 private:
  struct Free {
    void operator()(libdeflate_compressor* compressor) const;
  };
  std::unique_ptr<libdeflate_compressor, Free> compressor_;
};

// One piece of a longer stream, on its own, so that pieces can be packed at once: joined in order they are one deflate
// stream. `before`: what stands before the piece, at most 32 KiB of it are looked at. `last` ends the stream.
std::string deflatePiece(std::string_view before, std::string_view piece, bool last);

std::uint32_t crc32Of(std::string_view bytes, std::uint32_t before = 0);
// The CRC of two texts in a row, from the CRC of each.
std::uint32_t joinCrc32(std::uint32_t first, std::uint32_t second, std::uint64_t secondBytes);

}  // namespace tenon::host
