#include "host/pack/EntryWriter.h"

#include <algorithm>
#include <optional>

#include "host/base/Limits.h"
#include "host/pack/Deflate.h"
#include "host/pack/ParallelFor.h"

namespace tenon::host {
namespace {

// Files up to here are packed whole; of larger ones a sample decides whether packing is worth it.
constexpr std::uint64_t kWholeBytes = 4 * limits::MiB;
// In flight at once; what they pack to is about as much again.
constexpr std::uint64_t kWindowBytes = 24 * limits::MiB;
constexpr std::size_t kWindowFiles = 4096;
// A worker takes as many small files as make this, and one compressor for all of them.
constexpr std::uint64_t kBatchBytes = limits::MiB;
// Part of the format of our packages in so far as another size gives other bytes.
constexpr std::uint64_t kPieceBytes = limits::MiB;
constexpr std::size_t kPiecesAtOnce = 16;
constexpr std::uint64_t kSampleBytes = 256 * limits::KiB;
constexpr std::size_t kSamples = 4;

ZipHeader headerOf(const PackageFile& file, bool deflated) {
  return {
      .name = file.entry.path, .kind = file.entry.kind, .deflated = deflated, .crc32 = file.crc32, .size = file.entry.size};
}

Result<std::string> readPart(const ReadFile& in, std::uint64_t from, std::uint64_t to) {
  std::string bytes(static_cast<std::size_t>(to - from), '\0');
  TENON_CHECK(in.readExactly(from, bytes));
  return bytes;
}

Result<ReadFile> openUnchanged(Files& files, const PackageFile& file) {
  auto in = ReadFile::open(files, file.source);
  if (in && in->size() != file.entry.size) return changedWhilePacking(file.entry.path);
  return in;
}

struct Packed {
  std::string bytes;
  bool deflated = false;
};

Result<Packed> packWhole(Files& files, const PackageFile& file, Deflater& deflater) {
  // A link is stored, so that whoever reads the zip finds its target as it is.
  if (file.entry.kind == ManifestFile::Kind::Symlink) return Packed{file.target};
  TENON_TRY(const ReadFile in, openUnchanged(files, file));
  TENON_TRY(std::string content, readPart(in, 0, file.entry.size));
  if (crc32Of(content) != file.crc32) return changedWhilePacking(file.entry.path);
  if (auto packed = deflater.deflate(content)) return Packed{*std::move(packed), true};
  return Packed{std::move(content)};
}

// Samples from the beginning to the end: weights are often the same all through, and archives are not.
Result<bool> isWorthPacking(const ReadFile& in, std::uint64_t size) {
  // Deflate adds a little to what it cannot pack. Where that could carry the packed size alone over the border of ZIP64, the
  // header, which is written before it is known, would have no room for it.
  const std::uint64_t most = size + size / 256 + limits::MiB;
  if (size < kZip64From && most >= kZip64From) return false;
  Deflater deflater;
  std::uint64_t packed = 0;
  for (std::size_t i = 0; i < kSamples; ++i) {
    const std::uint64_t from = (size - kSampleBytes) / (kSamples - 1) * i;
    TENON_TRY(const std::string sample, readPart(in, from, from + kSampleBytes));
    const auto deflated = deflater.deflate(sample);
    packed += deflated ? deflated->size() : kSampleBytes;
  }
  return isWorthDeflating(kSampleBytes * kSamples, packed);
}

Result<void> add(ZipWriter& zip, const ZipHeader& header, std::string_view packed) {
  TENON_CHECK(zip.begin(header));
  TENON_CHECK(zip.append(packed));
  return zip.end();
}

}  // namespace

Result<void> addText(ZipWriter& zip, std::string_view name, std::string_view content) {
  ZipHeader header{.name = std::string(name), .crc32 = crc32Of(content), .size = content.size()};
  const auto packed = Deflater().deflate(content);
  header.deflated = packed.has_value();
  return add(zip, header, packed ? std::string_view(*packed) : content);
}

Result<void> EntryWriter::addFiles(const std::vector<PackageFile>& files) {
  for (auto at = files.begin(); at != files.end();) {
    if (at->entry.size > kWholeBytes) {
      TENON_CHECK(withContext("pack " + at->entry.path, addInPieces(*at)));
      ++at;
      continue;
    }
    const auto first = at;
    for (std::uint64_t bytes = 0; at != files.end() && at->entry.size <= kWholeBytes; ++at) {
      bytes += at->entry.size;
      if (bytes > kWindowBytes || static_cast<std::size_t>(at - first) >= kWindowFiles) break;
    }
    TENON_CHECK(addTogether(first, at));
  }
  return {};
}

Result<void> EntryWriter::addTogether(At first, At last) {
  std::vector<At> batches;
  std::uint64_t bytes = kBatchBytes;
  for (auto at = first; at != last; ++at) {
    if (bytes >= kBatchBytes) {
      batches.push_back(at);
      bytes = 0;
    }
    bytes += at->entry.size;
  }
  batches.push_back(last);

  std::vector<Packed> packed(static_cast<std::size_t>(last - first));
  TENON_CHECK(parallelFor(pool_, batches.size() - 1, [&](std::size_t batch) -> Result<void> {
    Deflater deflater;
    for (auto at = batches[batch]; at != batches[batch + 1]; ++at) {
      TENON_TRY(packed[static_cast<std::size_t>(at - first)],
                withContext("pack " + at->entry.path, packWhole(files_, *at, deflater)));
      done_(at->entry.size);
    }
    return {};
  }));
  for (auto at = first; at != last; ++at) {
    const Packed& content = packed[static_cast<std::size_t>(at - first)];
    TENON_CHECK(add(zip_, headerOf(*at, content.deflated), content.bytes));
  }
  return {};
}

Result<void> EntryWriter::addInPieces(const PackageFile& file) {
  TENON_TRY(const ReadFile in, openUnchanged(files_, file));
  TENON_TRY(const bool worth, isWorthPacking(in, file.entry.size));
  return worth ? addDeflated(file, in) : addStored(file, in);
}

Result<void> EntryWriter::addStored(const PackageFile& file, const ReadFile& in) {
  TENON_CHECK(zip_.begin(headerOf(file, false)));
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < file.entry.size; at += kPieceBytes) {
    TENON_TRY(const std::string piece, readPart(in, at, std::min(at + kPieceBytes, file.entry.size)));
    crc = crc32Of(piece, crc);
    TENON_CHECK(zip_.append(piece));
    done_(piece.size());
  }
  if (crc != file.crc32) return changedWhilePacking(file.entry.path);
  return zip_.end();
}

Result<void> EntryWriter::addDeflated(const PackageFile& file, const ReadFile& in) {
  TENON_CHECK(zip_.begin(headerOf(file, true)));
  const std::uint64_t size = file.entry.size;
  std::uint32_t crc = 0;
  for (std::uint64_t window = 0; window < size; window += kPieceBytes * kPiecesAtOnce) {
    const auto pieces =
        static_cast<std::size_t>(std::min<std::uint64_t>(kPiecesAtOnce, (size - window + kPieceBytes - 1) / kPieceBytes));
    std::vector<std::string> packed(pieces);
    std::vector<std::uint32_t> crcs(pieces);
    const auto end = [&](std::size_t i) { return std::min(window + kPieceBytes * (i + 1), size); };
    TENON_CHECK(parallelFor(pool_, pieces, [&](std::size_t i) -> Result<void> {
      const std::uint64_t from = window + kPieceBytes * i;
      const std::uint64_t before = std::min<std::uint64_t>(from, kDictionaryBytes);
      TENON_TRY(const std::string bytes, readPart(in, from - before, end(i)));
      const auto piece = std::string_view(bytes).substr(static_cast<std::size_t>(before));
      packed[i] = deflatePiece(std::string_view(bytes).substr(0, static_cast<std::size_t>(before)), piece, end(i) == size);
      crcs[i] = crc32Of(piece);
      done_(piece.size());
      return {};
    }));
    for (std::size_t i = 0; i < pieces; ++i) {
      crc = joinCrc32(crc, crcs[i], end(i) - (window + kPieceBytes * i));
      TENON_CHECK(zip_.append(packed[i]));
    }
  }
  if (crc != file.crc32) return changedWhilePacking(file.entry.path);
  return zip_.end();
}

}  // namespace tenon::host
