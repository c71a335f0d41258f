#include "host/pack/zip/ZipWriter.h"

#include <utility>

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

constexpr std::size_t kBufferBytes = limits::MiB;

}  // namespace

Result<ZipWriter> ZipWriter::create(Files& files, const Path& file) {
  TENON_TRY(const Files::Handle handle, files.create(0, file.text(), {}));
  return ZipWriter(files, handle);
}

ZipWriter::ZipWriter(ZipWriter&& other) noexcept
    : files_(other.files_),
      handle_(std::exchange(other.handle_, 0)),
      buffer_(std::move(other.buffer_)),
      flushed_(other.flushed_),
      dataBegin_(other.dataBegin_),
      headers_(std::move(other.headers_)) {}

ZipWriter::~ZipWriter() {
  if (handle_ != 0) files_->closeFile(handle_);
}

Result<void> ZipWriter::begin(ZipHeader header) {
  header.offset = flushed_ + buffer_.size();
  header.packedBytes = header.deflated ? 0 : header.size;
  const std::string local = localHeader(header);
  headers_.push_back(std::move(header));
  TENON_CHECK(put(local));
  dataBegin_ = flushed_ + buffer_.size();
  return {};
}

Result<void> ZipWriter::append(std::string_view packed) { return put(packed); }

Result<void> ZipWriter::end() {
  ZipHeader& header = headers_.back();
  const std::uint64_t packed = flushed_ + buffer_.size() - dataBegin_;
  if (!header.deflated) {
    if (packed == header.size) return {};
    return Error(ErrorCode::Internal, header.name + ": stored with another size than announced");
  }
  header.packedBytes = packed;
  const std::string local = localHeader(header);
  if (header.offset + local.size() != dataBegin_) {
    return Error(ErrorCode::Internal, header.name + ": packed to more than its header has room for");
  }
  if (header.offset >= flushed_) {
    buffer_.replace(static_cast<std::size_t>(header.offset - flushed_), local.size(), local);
    return {};
  }
  TENON_CHECK(flush());
  return files_->write(handle_, header.offset, local);
}

Result<std::uint64_t> ZipWriter::finish() {
  const std::uint64_t directory = flushed_ + buffer_.size();
  for (const ZipHeader& header : headers_) TENON_CHECK(put(centralHeader(header)));
  TENON_CHECK(put(endOfZip(headers_.size(), directory, flushed_ + buffer_.size() - directory)));
  TENON_CHECK(flush());
  TENON_CHECK(files_->syncFile(handle_));
  return flushed_;
}

Result<void> ZipWriter::put(std::string_view bytes) {
  if (flushed_ + buffer_.size() + bytes.size() > limits::kZipBytes) {
    return Error(ErrorCode::ArchiveLimit, "a zip of more than " + std::to_string(limits::kZipBytes / limits::GiB) + " GiB");
  }
  buffer_ += bytes;
  return buffer_.size() < kBufferBytes ? Result<void>() : flush();
}

Result<void> ZipWriter::flush() {
  if (buffer_.empty()) return {};
  TENON_CHECK(files_->write(handle_, flushed_, buffer_));
  flushed_ += buffer_.size();
  buffer_.clear();
  return {};
}

}  // namespace tenon::host
