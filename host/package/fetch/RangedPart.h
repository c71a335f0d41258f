// What is here of a zip that is fetched in pieces: <file>.ranges with their bytes, one after another, and <file>.ranges.json
// with where they belong and of which object they are, so that a resume works after a restart of the agent too. The bytes
// are as trustworthy as a hub's: whoever reads them has a hash to hold them against. Owned by one fetch; one thread, but for
// readExactly(), which any may call between two appends.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/package/PartFile.h"
#include "host/package/fetch/RangeAnswer.h"

namespace tenon::host {

class RangedPart final : public ByteSource {
 public:
  // `files` outlives the part.
  RangedPart(Files& files, DownloadRequest request);

  // Takes up what an earlier fetch of the same object left; what does not fit is removed.
  Result<void> takeUp();
  bool resumed() const { return resumed_; }  // some of it was here before this fetch

  // Adds what of these is not planned yet, pieces with less than `gap` between them as one. Written down before it returns.
  Result<void> plan(std::vector<ByteRange> ranges, std::uint64_t gap);
  // What is planned and not here, in the order in which append() takes it; the first `most` of them.
  std::vector<ByteRange> missing(std::size_t most) const;
  Result<void> append(std::string_view bytes);

  // Of the object, as the server gave it first; "" where it gives none.
  const std::string& etag() const { return etag_; }
  Result<void> setEtag(const std::string& etag);

  bool complete() const { return bytes_ == planned_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t planned() const { return planned_; }
  bool covers(const ByteRange& range) const;  // planned, whether it is here or not

  std::uint64_t size() const override { return request_.sizeBytes; }
  Result<void> readExactly(std::uint64_t offset, std::span<char> into) const override;

  void discard();

 private:
  struct Piece {
    std::uint64_t count, at;  // its bytes stand in the file from `at` on
  };
  Result<bool> readNote();
  Result<void> writeNote() const;
  Result<void> openToRead();
  std::vector<ByteRange> without(const ByteRange& range) const;
  void add(const ByteRange& range);
  void forget();

  Files& files_;
  DownloadRequest request_;
  Path part_, note_;
  std::string etag_;
  std::vector<ByteRange> order_;             // as they stand in the file
  std::map<std::uint64_t, Piece> byOffset_;  // the same; none overlap
  std::uint64_t planned_ = 0, bytes_ = 0;
  bool resumed_ = false;
  std::optional<WriteFile> writing_;
  std::optional<ReadFile> reading_;
};

}  // namespace tenon::host
