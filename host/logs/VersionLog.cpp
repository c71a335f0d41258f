#include "host/logs/VersionLog.h"

#include <algorithm>

#include "host/logs/LogArchive.h"

namespace tenon::host {

using Kind = LogPartName::Kind;

Result<std::shared_ptr<VersionLog>> VersionLog::open(Files& files, const Path& log) {
  std::shared_ptr<VersionLog> opened(new VersionLog(files, log));
  TENON_CHECK(withContext("log " + log.text(), opened->load()));
  return opened;
}

// Before anybody else knows of this object.
Result<void> VersionLog::load() {
  std::vector<LogPartName> archives, sealed, unfinished;
  const auto entries = files_.list(names_.folder());
  if (!entries && entries.error().code() == ErrorCode::NotFound) return {};
  if (!entries) return entries.error();
  for (const auto& entry : *entries) {
    if (entry.name == names_.trial().name()) TENON_CHECK(files_.removeFile(names_.trial()));
    const auto part = names_.parse(entry.name);
    if (!part || entry.kind != FileKind::File) continue;
    auto& list = part->kind == Kind::Archive ? archives : part->kind == Kind::Sealed ? sealed : unfinished;
    list.push_back(*part);
  }
  const auto emptied = files_.firstData(names_.log());
  if (!emptied && emptied.error().code() != ErrorCode::NotFound) return emptied.error();
  hole_ = emptied.value_or(0);
  const auto add = [this](const LogPartName& part) { parts_.push_back({part, names_.path(part)}); };
  std::for_each(archives.begin(), archives.end(), add);
  for (const auto& part : unfinished) TENON_CHECK(settle(part, hole_));
  const auto overlaps = [this](const LogPartName& part) {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const Part& each) { return part.begin < each.name.end && each.name.begin < part.end; });
  };
  for (const auto& part : sealed) {
    if (overlaps(part)) {  // packed already
      TENON_CHECK(files_.removeFile(names_.path(part)));
    } else {
      add(part);
    }
  }
  std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.name.begin < b.name.begin; });
  for (const Part& part : parts_) base_ = std::max(base_, part.name.end);
  // What is emptied is in an archive by now: the cut that should have followed.
  const auto size = sizeOfFile();
  const std::uint64_t front = hole_ / kFrontStep * kFrontStep;
  if (size && front > 0 && front < *size && files_.cutFront(names_.log(), front)) hole_ -= front;
  return {};
}

// An archive that an agent was making when it died. The log's front was emptied only after all of it had been synced.
Result<void> VersionLog::settle(const LogPartName& unfinished, std::uint64_t emptied) {
  const Path path = names_.path(unfinished);
  const bool follows =
      std::all_of(parts_.begin(), parts_.end(), [&](const Part& each) { return each.name.end <= unfinished.begin; });
  if (follows && emptied >= unfinished.emptied) {
    const auto archive = LogArchive::open(files_, path, unfinished.begin, unfinished.end);
    if (archive && archive->check()) {
      LogPartName part = unfinished;
      part.kind = Kind::Archive;
      TENON_CHECK(files_.replace(path, names_.path(part)));
      TENON_CHECK(files_.syncFolder(names_.folder()));
      parts_.push_back({part, names_.path(part)});
      return {};
    }
  }
  return files_.removeFile(path);
}

Result<std::uint64_t> VersionLog::sizeOfFile() const {
  const auto info = files_.inspect(names_.log());
  if (info) return info->size;
  if (info.error().code() == ErrorCode::NotFound) return std::uint64_t{0};
  return info.error();
}

// Somebody who empties a log by hand makes it shorter than what we have emptied.
std::uint64_t VersionLog::logical(std::uint64_t size) const { return base_ + (size >= hole_ ? size - hole_ : size); }

std::uint64_t VersionLog::begin() const {
  const std::shared_lock lock(layout_);
  return parts_.empty() ? base_ : parts_.front().name.begin;
}

Result<std::uint64_t> VersionLog::end() const {
  const std::shared_lock lock(layout_);
  TENON_TRY(const auto size, sizeOfFile());
  return logical(size);
}

bool VersionLog::exists() const {
  const std::shared_lock lock(layout_);
  return !parts_.empty() || files_.exists(names_.log());
}

// The part that holds `offset`, or the first one behind it.
std::optional<VersionLog::Part> VersionLog::partAt(std::uint64_t offset) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& each) { return offset < each.name.end; });
  if (found == parts_.end()) return std::nullopt;
  return *found;
}

// Under the shared lock: nobody moves the bytes meanwhile.
Result<LogPiece> VersionLog::readFile(std::uint64_t offset, std::uint64_t most) const {
  LogPiece piece;
  const auto file = ReadFile::open(files_, names_.log());
  if (!file && file.error().code() != ErrorCode::NotFound) return file.error();
  const std::uint64_t size = file ? file->size() : 0, end = logical(size);
  piece.begin = piece.next = offset < base_ || offset > end ? base_ : offset;
  if (piece.begin >= end) return piece;
  const std::uint64_t hole = size >= hole_ ? hole_ : 0;
  piece.bytes.resize(static_cast<std::size_t>(std::min(end - piece.begin, most)));
  TENON_TRY(const std::size_t got, file->read(hole + (piece.begin - base_), piece.bytes));
  piece.bytes.resize(got);
  piece.next += got;
  return piece;
}

Result<LogPiece> VersionLog::read(std::uint64_t offset, std::uint64_t most) const {
  most = std::min(most, kLogBlockBytes);
  for (;;) {
    std::shared_lock lock(layout_);
    const auto part = partAt(offset);
    if (!part) return readFile(offset, most);
    offset = std::max(offset, part->name.begin);
    LogPiece piece{{}, offset, offset};
    if (part->name.kind == Kind::Sealed) {
      const auto file = ReadFile::open(files_, part->path);
      lock.unlock();
      if (file) {
        piece.bytes.resize(static_cast<std::size_t>(std::min(part->name.end - offset, most)));
        TENON_CHECK(file->readExactly(offset - part->name.begin, piece.bytes));
        piece.next += piece.bytes.size();
        return piece;
      }
      if (file.error().code() != ErrorCode::NotFound) return file.error();
    } else {
      const auto archive = LogArchive::open(files_, part->path, part->name.begin, part->name.end);
      lock.unlock();
      if (archive) {
        TENON_TRY(piece.bytes, archive->readFrom(offset));
        if (piece.bytes.size() > most) piece.bytes.resize(static_cast<std::size_t>(most));
        piece.next += piece.bytes.size();
        return piece;
      }
      if (archive.error().code() != ErrorCode::NotFound) return archive.error();
    }
    offset = part->name.end;  // somebody has moved it away
  }
}

}  // namespace tenon::host
