#include "host/package/PartFile.h"

#include <algorithm>
#include <vector>

#include "host/adapter/AtomicFile.h"
#include "host/base/Json.h"
#include "host/base/Limits.h"
#include "host/package/Pieces.h"

namespace tenon::host {
namespace {

constexpr std::size_t kNoteBytes = 64 * limits::KiB;

}  // namespace

Result<std::optional<Json>> readPartNote(Files& files, const Path& note, std::size_t most, const Digest& sha256) {
  constexpr auto kNothing = std::nullopt;
  const auto text = files.readAll(note, most);
  if (!text && text.error().code() != ErrorCode::NotFound && text.error().code() != ErrorCode::LimitExceeded)
    return text.error();
  if (!text) return kNothing;
  auto parsed = Json::parse(*text);
  if (!parsed) return kNothing;
  const auto hash = parsed->stringOr("sha256", "");
  if (!hash || *hash != sha256.hex()) return kNothing;
  return *std::move(parsed);
}

PartFile::PartFile(Files& files, const DownloadRequest& request)
    : files_(files),
      request_(request),
      part_(request.file.text() + ".part"),
      note_(part_.text() + ".json"),
      etag_(request.etag) {}

Result<void> PartFile::takeUp() {
  TENON_TRY(const bool ours, readNote());
  const auto there = files_.inspect(part_);
  if (!there && there.error().code() != ErrorCode::NotFound) return there.error();
  if (!there) return {};
  if (!ours || there->kind != FileKind::File || there->size > request_.sizeBytes) return startOver();
  return hashWhatIsThere(there->size);
}

Result<bool> PartFile::readNote() {
  TENON_TRY(const auto note, readPartNote(files_, note_, kNoteBytes, request_.sha256));
  if (!note) return false;
  const auto etag = note->stringOr("etag", "");
  const auto size = note->integerOr("size_bytes", -1, 0, static_cast<std::int64_t>(limits::kZipBytes));
  if (!etag || !size || static_cast<std::uint64_t>(*size) != request_.sizeBytes) return false;
  etag_ = *etag;
  return true;
}

Result<void> PartFile::hashWhatIsThere(std::uint64_t size) {
  TENON_TRY(const auto file, ReadFile::open(files_, part_));
  std::vector<char> piece(kPieceBytes);
  while (bytes_ < size) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), size - bytes_));
    TENON_CHECK(file.readExactly(bytes_, {piece.data(), wanted}));
    hash_.update({piece.data(), wanted});
    bytes_ += wanted;
  }
  return {};
}

Result<void> PartFile::startOver() {
  file_.reset();
  bytes_ = 0;
  hash_ = Sha256();
  etag_.clear();
  return files_.removeFile(part_);
}

Result<void> PartFile::begin(const std::string& etag) {
  etag_ = etag;
  JsonObject note;
  note.set("url", request_.url).set("etag", etag).set("size_bytes", request_.sizeBytes).set("sha256", request_.sha256.hex());
  // No sync: after a power cut the bytes are hashed again, whatever the note says.
  return replaceAtomically(files_, note_, note.pretty());
}

Result<void> PartFile::append(std::string_view bytes) {
  if (!file_) {
    TENON_TRY(auto file, WriteFile::create(files_, 0, part_.text(), {.append = true}));
    file_.emplace(std::move(file));
  }
  // What could not be written whole is not known to be there: the next attempt reads it from the disk again.
  TENON_CHECK(file_->append(bytes));
  hash_.update(bytes);
  bytes_ += bytes.size();
  return {};
}

Result<std::optional<DownloadedPackage>> PartFile::finish() {
  file_.reset();
  if (hash_.finish() != request_.sha256) return std::optional<DownloadedPackage>();
  if (bytes_ == 0) return std::optional<DownloadedPackage>();
  TENON_CHECK(files_.replace(part_, request_.file));
  TENON_CHECK(files_.removeFile(note_));
  return std::optional<DownloadedPackage>({request_.file, request_.sha256, request_.sizeBytes});
}

void PartFile::discard() {
  file_.reset();
  // The error that led here is the one to tell; what stays is taken up or replaced by the next download.
  static_cast<void>(files_.removeFile(part_));
  static_cast<void>(files_.removeFile(note_));
}

}  // namespace tenon::host
