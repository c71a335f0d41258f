// What a download has brought to this disk so far: <file>.part with its bytes, <file>.part.json with where they came from,
// so that a resume works after a restart of the agent too. Owned by one download; one thread.
#pragma once

#include <optional>
#include <string>

#include "host/adapter/Files.h"
#include "host/base/Json.h"
#include "host/trust/Sha256.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

struct DownloadRequest {
  std::string url;
  Path file;                // <cache>/<name>.zip; <file>.part while in flight, and kept for a later resume
  std::uint64_t sizeBytes;  // announced
  Digest sha256;            // announced; the bytes must have it
  std::string etag;         // may be empty; If-Range when resuming
};

// The note beside bytes that an earlier fetch left, where it tells of the object with this hash. One that cannot be read, is
// longer than `most`, or tells of another object tells nothing.
Result<std::optional<Json>> readPartNote(Files& files, const Path& note, std::size_t most, const Digest& sha256);

class PartFile {
 public:
  // Both outlive the part.
  PartFile(Files& files, const DownloadRequest& request);

  // Takes up the bytes that an earlier download of the same object left. They are read from disk and hashed again (a second
  // a gigabyte): a hash that was saved beside them would vouch for bytes that a power cut may have taken.
  Result<void> takeUp();
  Result<void> startOver();

  // Before the first byte of a fresh part: the server's ETag for the object, "" where it gives none.
  Result<void> begin(const std::string& etag);
  Result<void> append(std::string_view bytes);

  std::uint64_t bytes() const { return bytes_; }
  bool complete() const { return bytes_ == request_.sizeBytes; }
  const std::string& etag() const { return etag_; }

  // Nothing where the bytes have another hash than announced; else the part becomes the file.
  Result<std::optional<DownloadedPackage>> finish();
  void discard();

 private:
  Result<bool> readNote();
  Result<void> hashWhatIsThere(std::uint64_t size);

  Files& files_;
  const DownloadRequest& request_;
  Path part_, note_;
  std::string etag_;
  std::uint64_t bytes_ = 0;
  Sha256 hash_;
  std::optional<WriteFile> file_;
};

}  // namespace tenon::host
