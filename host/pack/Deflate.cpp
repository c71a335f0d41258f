#include "host/pack/Deflate.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>

namespace tenon::host {
namespace {

constexpr int kLevel = 6;
constexpr int kRawWindowBits = -15;  // no zlib header
constexpr int kMemoryLevel = 8;      // zlib's default

// zlib takes its input by a pointer to non-const, and does not write there.
Bytef* inputOf(std::string_view bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); }

// Out of memory, or our own bug.
void mustBe(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

bool isWorthDeflating(std::uint64_t size, std::uint64_t packed) {
  return packed < size && size - packed >= (size + 15) / 16;
}

Deflater::Deflater() : compressor_(libdeflate_alloc_compressor(kLevel)) { mustBe(compressor_ != nullptr); }

void Deflater::Free::operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }

std::optional<std::string> Deflater::deflate(std::string_view bytes) {
  // No more room than is worth it: libdeflate then says so, and early.
  std::string packed(bytes.size() - (bytes.size() + 15) / 16, '\0');
  const std::size_t got =
      libdeflate_deflate_compress(compressor_.get(), bytes.data(), bytes.size(), packed.data(), packed.size());
  if (got == 0 || !isWorthDeflating(bytes.size(), got)) return std::nullopt;
  packed.resize(got);
  return packed;
}

std::string deflatePiece(std::string_view before, std::string_view piece, bool last) {
  z_stream stream{};
  mustBe(deflateInit2(&stream, kLevel, Z_DEFLATED, kRawWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK);
  const std::string_view dictionary = before.substr(before.size() - std::min(before.size(), kDictionaryBytes));
  if (!dictionary.empty()) {
    mustBe(deflateSetDictionary(&stream, inputOf(dictionary), static_cast<uInt>(dictionary.size())) == Z_OK);
  }
  // The bound is for a stream that ends; a flush in its place adds an empty block.
  constexpr std::size_t kFlushBytes = 16;
  std::string packed(::deflateBound(&stream, static_cast<uLong>(piece.size())) + kFlushBytes, '\0');
  stream.next_in = inputOf(piece);
  stream.avail_in = static_cast<uInt>(piece.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int answer = ::deflate(&stream, last ? Z_FINISH : Z_SYNC_FLUSH);
  mustBe(answer == (last ? Z_STREAM_END : Z_OK) && stream.avail_in == 0 && (last || stream.avail_out > 0));
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

std::uint32_t crc32Of(std::string_view bytes, std::uint32_t before) {
  return libdeflate_crc32(before, bytes.data(), bytes.size());
}

std::uint32_t joinCrc32(std::uint32_t first, std::uint32_t second, std::uint64_t secondBytes) {
  return static_cast<std::uint32_t>(crc32_combine(first, second, static_cast<z_off_t>(secondBytes)));
}

}  // namespace tenon::host
