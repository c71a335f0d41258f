// Writes one zip file in the strict form, entry after entry from byte 0. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/pack/zip/ZipFormat.h"

namespace tenon::host {

class ZipWriter {
 public:
  // `file` must not exist. Whoever made it removes it where the writer failed.
  static Result<ZipWriter> create(Files& files, const Path& file);
  ZipWriter(ZipWriter&& other) noexcept;
  ZipWriter& operator=(ZipWriter&&) = delete;
  ~ZipWriter();

  // begin(), append() for all its packed bytes, end(). `header`: name, kind, deflated, crc32, size; of a stored entry the
  // packed size is the size, of a deflated one it is counted. Errors: archive-limit, disk-full, io-error.
  Result<void> begin(ZipHeader header);
  Result<void> append(std::string_view packed);
  Result<void> end();

  // Writes the directory, and makes the content durable. Answers the size of the file.
  Result<std::uint64_t> finish();

 private:
  ZipWriter(Files& files, Files::Handle handle) : files_(&files), handle_(handle) {}
  Result<void> put(std::string_view bytes);
  Result<void> flush();

  Files* files_;
  Files::Handle handle_;
  std::string buffer_;           // not written yet; what comes next goes behind it
  std::uint64_t flushed_ = 0;    // bytes in the file
  std::uint64_t dataBegin_ = 0;  // of the entry that is being written
  std::vector<ZipHeader> headers_;
};

}  // namespace tenon::host
