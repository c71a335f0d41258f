#include "host/package/zip/ZipEntryReader.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"
#include "host/package/Pieces.h"
#include "host/package/zip/ZipRecords.h"

namespace tenon::host {
namespace {

// Up to here an entry is inflated in one go: libdeflate is twice as fast as zlib and wants all of it in memory. Two buffers
// of this size a worker at most.
constexpr std::uint64_t kAtOnceBytes = 8 * limits::MiB;
constexpr std::uint64_t kPackedPieceBytes = 256 * limits::KiB;

}  // namespace

// Grows to what was asked for, without ever clearing it. Aligned, so that what is stored can be written past the cache.
class ZipEntryReader::Buffer {
  static constexpr std::align_val_t kAlignment{kUncachedAlignment};
  struct Free {
    void operator()(char* bytes) const { ::operator delete[](bytes, kAlignment); }
  };

 public:
  std::span<char> of(std::uint64_t bytes) {
    const auto wanted = static_cast<std::size_t>(bytes);
    if (wanted > capacity_) {
      capacity_ = std::max(wanted, std::min(capacity_ * 2, static_cast<std::size_t>(kAtOnceBytes)));
      bytes_.reset(new (kAlignment) char[capacity_]);
    }
    return {bytes_.get(), wanted};
  }

 private:
  std::unique_ptr<char[], Free> bytes_;
  std::size_t capacity_ = 0;
};

struct ZipEntryReader::Inflate {
  libdeflate_decompressor* atOnce = libdeflate_alloc_decompressor();
  z_stream stream{};
  bool streamReady = false;

  Inflate() {
    if (!atOnce) std::abort();  // out of memory
  }
  ~Inflate() {
    libdeflate_free_decompressor(atOnce);
    if (streamReady) inflateEnd(&stream);
  }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  z_stream& freshStream() {
    // Negative: raw deflate, as zip has it.
    const int done = streamReady ? inflateReset(&stream) : inflateInit2(&stream, -MAX_WBITS);
    if (done != Z_OK) std::abort();  // out of memory, or another zlib than the one compiled against
    streamReady = true;
    return stream;
  }
};

ZipEntryReader::ZipEntryReader(const ByteSource& zip)
    : zip_(zip),
      packed_(std::make_unique<Buffer>()),
      unpacked_(std::make_unique<Buffer>()),
      inflate_(std::make_unique<Inflate>()) {}
ZipEntryReader::~ZipEntryReader() = default;

Result<void> ZipEntryReader::read(const ZipEntry& entry, Check check, const Sink& sink) {
  std::uint32_t crc = 0;
  const Sink checked = [&](std::string_view piece) -> Result<void> {
    crc = libdeflate_crc32(crc, piece.data(), piece.size());
    return sink(piece);
  };
  const Sink& used = check == Check::Crc ? checked : sink;
  const bool small = entry.packedBytes <= kAtOnceBytes && entry.size <= kAtOnceBytes;
  TENON_CHECK(entry.method == ZipEntry::Method::Stored ? readStored(entry, used)
              : small                                  ? inflateAtOnce(entry, used)
                                                       : inflateAsStream(entry, used));
  if (check == Check::Crc && crc != entry.crc32) return invalidEntry(entry.name, "its CRC is not that of its content");
  return {};
}

Result<void> ZipEntryReader::readStored(const ZipEntry& entry, const Sink& sink) {
  std::uint64_t done = 0;
  do {
    const auto piece = packed_->of(std::min<std::uint64_t>(kPieceBytes, entry.size - done));
    TENON_CHECK(zip_.readExactly(entry.dataOffset + done, piece));
    TENON_CHECK(sink({piece.data(), piece.size()}));
    done += piece.size();
  } while (done < entry.size);
  return {};
}

Result<void> ZipEntryReader::inflateAtOnce(const ZipEntry& entry, const Sink& sink) {
  const auto packed = packed_->of(entry.packedBytes);
  const auto unpacked = unpacked_->of(std::max<std::uint64_t>(entry.size, 1));
  TENON_CHECK(zip_.readExactly(entry.dataOffset, packed));
  std::size_t used = 0, made = 0;
  const auto done = libdeflate_deflate_decompress_ex(inflate_->atOnce, packed.data(), packed.size(), unpacked.data(),
                                                     static_cast<std::size_t>(entry.size), &used, &made);
  if (done == LIBDEFLATE_INSUFFICIENT_SPACE) return invalidEntry(entry.name, "it unpacks to more than it says");
  if (done != LIBDEFLATE_SUCCESS) return invalidEntry(entry.name, "its deflate data are broken");
  if (made != entry.size) return invalidEntry(entry.name, "it unpacks to less than it says");
  if (used != packed.size()) return invalidEntry(entry.name, "bytes after the end of its deflate data");
  return sink({unpacked.data(), made});
}

Result<void> ZipEntryReader::inflateAsStream(const ZipEntry& entry, const Sink& sink) {
  auto& stream = inflate_->freshStream();
  const auto out = unpacked_->of(kPieceBytes);
  std::uint64_t taken = 0, made = 0;
  stream.avail_in = 0;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    if (stream.avail_in == 0 && taken < entry.packedBytes) {
      const auto in = packed_->of(std::min(kPackedPieceBytes, entry.packedBytes - taken));
      TENON_CHECK(zip_.readExactly(entry.dataOffset + taken, in));
      taken += in.size();
      stream.next_in = reinterpret_cast<Bytef*>(in.data());
      stream.avail_in = static_cast<uInt>(in.size());
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) return invalidEntry(entry.name, "its deflate data are broken");
    const std::size_t fresh = out.size() - stream.avail_out;
    if (fresh > entry.size - made) return invalidEntry(entry.name, "it unpacks to more than it says");
    made += fresh;
    if (fresh > 0) TENON_CHECK(sink({out.data(), fresh}));
  }
  if (made != entry.size) return invalidEntry(entry.name, "it unpacks to less than it says");
  if (taken != entry.packedBytes || stream.avail_in != 0)
    return invalidEntry(entry.name, "bytes after the end of its deflate data");
  return made > 0 ? Result<void>() : sink({});
}

Result<std::string> readSmallEntry(const ByteSource& zip, const ZipEntry& entry, std::uint64_t most) {
  if (entry.size > most) {
    return Error(ErrorCode::ArchiveLimit,
                 "\"" + shownName(entry.name) + "\": larger than " + std::to_string(most) + " bytes");
  }
  std::string content;
  content.reserve(static_cast<std::size_t>(entry.size));
  TENON_CHECK(ZipEntryReader(zip).read(entry, ZipEntryReader::Check::Crc, [&](std::string_view piece) -> Result<void> {
    content += piece;
    return {};
  }));
  return content;
}

}  // namespace tenon::host
