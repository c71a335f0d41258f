#include "host/package/fetch/RangedPart.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Json.h"
#include "host/base/Limits.h"

namespace tenon::host {

RangedPart::RangedPart(Files& files, DownloadRequest request)
    : files_(files), request_(std::move(request)), part_(request_.file.text() + ".ranges"), note_(part_.text() + ".json") {}

Result<void> RangedPart::takeUp() {
  TENON_TRY(const bool ours, readNote());
  const auto there = files_.inspect(part_);
  if (!there && there.error().code() != ErrorCode::NotFound) return there.error();
  if (!there) return {};
  if (!ours || there->kind != FileKind::File || there->size > planned_) {
    discard();
    return {};
  }
  bytes_ = there->size;
  resumed_ = bytes_ > 0;
  return openToRead();
}

Result<bool> RangedPart::readNote() {
  TENON_TRY(const auto note, readPartNote(files_, note_, limits::kJsonBytes, request_.sha256));
  if (!note) return false;
  const auto etag = note->stringOr("etag", "");
  const auto ranges = note->member("ranges");
  if (!etag || !ranges) return false;
  const auto elements = ranges->array();
  if (!elements || elements->size() % 2 != 0) return false;
  const auto most = static_cast<std::int64_t>(request_.sizeBytes);
  for (std::size_t i = 0; i < elements->size(); i += 2) {
    const auto first = (*elements)[i].integer(0, most), count = (*elements)[i + 1].integer(1, most);
    if (!first || !count || *first > most - *count) return forget(), false;
    const ByteRange range{static_cast<std::uint64_t>(*first), static_cast<std::uint64_t>(*count)};
    if (without(range) != std::vector{range}) return forget(), false;
    add(range);
  }
  etag_ = *etag;
  return true;
}

Result<void> RangedPart::writeNote() const {
  JsonArray ranges;
  for (const auto& range : order_) ranges.add(range.first).add(range.count);
  JsonObject note;
  note.set("url", request_.url).set("etag", etag_).set("sha256", request_.sha256.hex()).set("ranges", ranges);
  // Old or new for who is killed, and no sync: after a power cut a note that lies is found by the hashes of what it speaks
  // of, like the bytes themselves, and then all of it is fetched anew.
  return replaceAtomically(files_, note_, note.pretty());
}

Result<void> RangedPart::plan(std::vector<ByteRange> ranges, std::uint64_t gap) {
  std::vector<ByteRange> fresh;
  for (const auto& range : ranges) {
    for (const auto& part : without(range)) fresh.push_back(part);
  }
  if (fresh.empty()) return {};
  std::sort(fresh.begin(), fresh.end(), [](const ByteRange& a, const ByteRange& b) { return a.first < b.first; });
  std::vector<ByteRange> joined;
  for (const auto& range : fresh) {
    const bool reaches = !joined.empty() && range.first <= joined.back().end() + gap;
    // Over bytes that are planned already there is no joining: no byte comes twice.
    if (reaches && without({joined.back().first, range.end() - joined.back().first}).size() == 1) {
      joined.back().count = std::max(joined.back().end(), range.end()) - joined.back().first;
    } else {
      joined.push_back(range);
    }
  }
  for (const auto& range : joined) add(range);
  return writeNote();
}

// What of the range is not planned.
std::vector<ByteRange> RangedPart::without(const ByteRange& range) const {
  std::vector<ByteRange> rest;
  std::uint64_t at = range.first;
  auto piece = byOffset_.upper_bound(at);
  if (piece != byOffset_.begin()) --piece;
  for (; piece != byOffset_.end() && piece->first < range.end(); ++piece) {
    if (piece->first > at) rest.push_back({at, piece->first - at});
    at = std::max(at, piece->first + piece->second.count);
  }
  if (at < range.end()) rest.push_back({at, range.end() - at});
  return rest;
}

void RangedPart::add(const ByteRange& range) {
  order_.push_back(range);
  byOffset_[range.first] = {range.count, planned_};
  planned_ += range.count;
}

bool RangedPart::covers(const ByteRange& range) const { return without(range).empty(); }

std::vector<ByteRange> RangedPart::missing(std::size_t most) const {
  std::vector<ByteRange> rest;
  std::uint64_t at = 0;
  for (const auto& range : order_) {
    const auto end = at + range.count;
    if (end > bytes_ && rest.size() < most) {
      const auto here = bytes_ > at ? bytes_ - at : 0;
      rest.push_back({range.first + here, range.count - here});
    }
    at = end;
  }
  return rest;
}

Result<void> RangedPart::append(std::string_view bytes) {
  if (!writing_) {
    TENON_TRY(auto file, WriteFile::create(files_, 0, part_.text(), {.append = true}));
    writing_.emplace(std::move(file));
    if (!reading_) TENON_CHECK(openToRead());
  }
  TENON_CHECK(writing_->append(bytes));
  bytes_ += bytes.size();
  return {};
}

Result<void> RangedPart::openToRead() {
  TENON_TRY(auto file, ReadFile::open(files_, part_));
  reading_.emplace(std::move(file));
  return {};
}

Result<void> RangedPart::setEtag(const std::string& etag) {
  if (etag == etag_) return {};
  etag_ = etag;
  return writeNote();
}

Result<void> RangedPart::readExactly(std::uint64_t offset, std::span<char> into) const {
  while (!into.empty()) {
    auto piece = byOffset_.upper_bound(offset);
    const bool none = piece == byOffset_.begin();
    if (!none) --piece;
    const auto within = none ? 0 : offset - piece->first;
    if (none || within >= piece->second.count || !reading_ || piece->second.at + within >= bytes_) {
      return Error(ErrorCode::ContentMissing, "byte " + std::to_string(offset) + " of the zip was not fetched");
    }
    const auto here = std::min(piece->second.count - within, bytes_ - piece->second.at - within);
    const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(here, into.size()));
    TENON_CHECK(reading_->readExactly(piece->second.at + within, into.first(now)));
    into = into.subspan(now);
    offset += now;
  }
  return {};
}

void RangedPart::forget() {
  order_.clear();
  byOffset_.clear();
  etag_.clear();
  planned_ = bytes_ = 0;
  resumed_ = false;
}

void RangedPart::discard() {
  writing_.reset();
  reading_.reset();
  forget();
  // What stays is taken up or replaced by the next fetch.
  static_cast<void>(files_.removeFile(part_));
  static_cast<void>(files_.removeFile(note_));
  static_cast<void>(files_.removeFile(Path(note_.text() + ".tmp")));
}

}  // namespace tenon::host
