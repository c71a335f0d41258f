// The content of zip entries, in pieces, at the speed of the disk: small entries inflated in one go (libdeflate), large ones
// as a stream (zlib), stored ones as they are. Memory is bounded whatever an entry says of itself. Owned by one thread;
// buffers are kept from entry to entry.
#pragma once

#include <functional>
#include <memory>

#include "host/package/zip/ZipDirectory.h"

namespace tenon::host {

class ZipEntryReader {
 public:
  // A piece is valid during the call only. An error from it ends the reading and is returned.
  using Sink = std::function<Result<void>(std::string_view piece)>;
  enum class Check { Crc, SizeOnly };  // SizeOnly: for who hashes the content

  // `zip` outlives the reader.
  explicit ZipEntryReader(const ByteSource& zip);
  ~ZipEntryReader();
  ZipEntryReader(const ZipEntryReader&) = delete;
  ZipEntryReader& operator=(const ZipEntryReader&) = delete;

  // Gives all of the entry, at least one piece (an empty one for an empty entry) and exactly entry.size bytes.
  // Error: archive-invalid (bad deflate data, other size, CRC), content-missing (the zip ends), the disk's.
  Result<void> read(const ZipEntry& entry, Check check, const Sink& sink);

 private:
  class Buffer;
  struct Inflate;
  Result<void> readStored(const ZipEntry& entry, const Sink& sink);
  Result<void> inflateAtOnce(const ZipEntry& entry, const Sink& sink);
  Result<void> inflateAsStream(const ZipEntry& entry, const Sink& sink);

  const ByteSource& zip_;
  std::unique_ptr<Buffer> packed_, unpacked_;
  std::unique_ptr<Inflate> inflate_;
};

}  // namespace tenon::host
