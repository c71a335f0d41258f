// VersionLog's part that makes archives.
#include <algorithm>

#include "host/logs/LogArchive.h"
#include "host/logs/VersionLog.h"

namespace tenon::host {

using Kind = LogPartName::Kind;

namespace {

Error stopped() { return Error(ErrorCode::Cancelled, "the agent ends"); }

// Only as much of the file as is read at a time is ever in memory.
Result<void> packInto(WriteFile& archive, const ReadFile& file, LogRange range, const std::atomic<bool>& stop) {
  std::string block;
  for (std::uint64_t at = range.begin; at < range.end; at += block.size()) {
    if (stop) return stopped();
    block.resize(static_cast<std::size_t>(std::min(range.end - at, kLogBlockBytes)));
    TENON_CHECK(file.readExactly(at, block));
    TENON_CHECK(archive.append(packLogBlock(block)));
  }
  return archive.sync();
}

}  // namespace

// On a file of our own: a log is nothing to try on.
Result<bool> VersionLog::canEmpty() {
  if (canEmpty_) return *canEmpty_;
  TENON_CHECK(files_.removeFile(names_.trial()));  // of a try that failed
  {
    TENON_TRY(auto file, WriteFile::create(files_, 0, names_.trial().text()));
    TENON_CHECK(file.append(std::string(static_cast<std::size_t>(kFrontStep) + 1, 'x')));
  }
  const auto emptied = files_.emptyFront(names_.trial(), kFrontStep);
  TENON_CHECK(files_.removeFile(names_.trial()));
  if (!emptied && emptied.error().code() != ErrorCode::PlatformUnsupported) return emptied.error();
  const std::unique_lock lock(layout_);
  return *(canEmpty_ = emptied.has_value());
}

std::optional<VersionLog::Cut> VersionLog::cutFor(const LogPolicy& policy, std::uint64_t size) const {
  const std::uint64_t data = size > hole_ ? size - hole_ : 0;
  if (data <= policy.maxBytes) return std::nullopt;
  // What would be the oldest archive's, and go at once, is not packed first.
  const std::uint64_t kept = policy.maxBytes * (policy.archives + std::uint64_t{1});
  const std::uint64_t dropped = data > kept ? data - kept : 0;
  const std::uint64_t most = hole_ + dropped + policy.maxBytes;
  const std::uint64_t until = std::min(most, size - 1) / kFrontStep * kFrontStep;
  if (until <= hole_ + dropped) return std::nullopt;
  Cut cut{{Kind::Unfinished, base_ + dropped, base_ + until - hole_, until}, hole_ + dropped, dropped, false};
  cut.more = size - until > policy.maxBytes;
  return cut;
}

Result<void> VersionLog::pack(const Path& from, std::uint64_t at, const LogPartName& part, const std::atomic<bool>& stop) {
  const Path path = names_.path(part);
  TENON_CHECK(files_.removeFile(path));
  const auto tryPack = [&]() -> Result<void> {
    TENON_TRY(const auto file, ReadFile::open(files_, from));
    TENON_TRY(auto archive, WriteFile::create(files_, 0, path.text(), {.ownerOnly = true}));
    TENON_CHECK(packInto(archive, file, {at, at + (part.end - part.begin)}, stop));
    return files_.syncFolder(names_.folder());
  };
  auto packed = tryPack();
  if (!packed) static_cast<void>(files_.removeFile(path));  // what stays is swept at the next open
  return packed;
}

// From now on who reads takes the bytes from the archive; then they may go from the log.
Result<void> VersionLog::takeOver(const Cut& cut) {
  const std::uint64_t base = base_, hole = hole_;
  {
    const std::unique_lock lock(layout_);
    parts_.push_back({cut.part, names_.path(cut.part)});
    base_ = cut.part.end;
    hole_ = cut.part.emptied;
  }
  auto emptied = files_.emptyFront(names_.log(), cut.part.emptied);
  if (emptied) return {};
  // An error of the sync behind it says nothing of what was emptied: the disk does. What is emptied is in the archive.
  const auto first = files_.firstData(names_.log());
  if (!first || *first >= cut.part.emptied) return {};
  const std::unique_lock lock(layout_);
  parts_.pop_back();
  base_ = base;
  hole_ = hole;
  static_cast<void>(files_.removeFile(names_.path(cut.part)));
  return emptied;
}

Result<void> VersionLog::giveName(const LogPartName& part) {
  LogPartName named = part;
  named.kind = Kind::Archive;
  {
    const std::unique_lock lock(layout_);
    TENON_CHECK(files_.replace(names_.path(part), names_.path(named)));
    const auto found =
        std::find_if(parts_.begin(), parts_.end(), [&](const Part& each) { return each.name.begin == part.begin; });
    if (found != parts_.end()) *found = {named, names_.path(named)};
  }
  return files_.syncFolder(names_.folder());
}

std::uint64_t VersionLog::dropOldest(std::size_t keep) {
  std::vector<Part> gone;
  {
    const std::unique_lock lock(layout_);
    const std::size_t count = parts_.size() > keep ? parts_.size() - keep : 0;
    const auto end = parts_.begin() + static_cast<std::ptrdiff_t>(count);
    gone.assign(parts_.begin(), end);
    parts_.erase(parts_.begin(), end);
  }
  return removeFiles(gone);
}

std::uint64_t VersionLog::dropOldestArchive() {
  std::vector<Part> gone;
  {
    const std::unique_lock lock(layout_);
    if (parts_.empty() || parts_.front().name.kind != Kind::Archive) return 0;
    gone.push_back(parts_.front());
    parts_.erase(parts_.begin());
  }
  return removeFiles(gone);
}

std::uint64_t VersionLog::removeFiles(const std::vector<Part>& gone) {
  std::uint64_t bytes = 0;
  for (const Part& part : gone) {
    bytes += part.name.end - part.name.begin;
    static_cast<void>(files_.removeFile(part.path));  // what stays is found, and dropped, by the next agent
  }
  return bytes;
}

// On a full disk the log would go on growing beside archives that go one day anyway: the oldest goes now, and what failed is
// done again. One at a time: the room of one is mostly enough for the next.
template <class Work>
auto VersionLog::withRoom(std::uint64_t& dropped, const Work& work) -> decltype(work()) {
  for (;;) {
    auto done = work();
    const bool full = !done && done.error().code() == ErrorCode::DiskFull;
    const std::uint64_t freed = full ? dropOldestArchive() : 0;
    if (freed == 0) return done;
    dropped += freed;
  }
}

// The steps after the front has been emptied, also of an earlier try in which one failed.
Result<void> VersionLog::finish() {
  for (;;) {
    const auto unnamed =
        std::find_if(parts_.begin(), parts_.end(), [](const Part& each) { return each.name.kind == Kind::Unfinished; });
    if (unnamed == parts_.end()) break;
    TENON_CHECK(giveName(LogPartName(unnamed->name)));
  }
  const std::uint64_t front = hole_ / kFrontStep * kFrontStep;
  if (front == 0 || !canCut_.value_or(true)) return {};
  const std::unique_lock lock(layout_);
  const auto cut = files_.cutFront(names_.log(), front);
  if (cut) hole_ -= front;
  canCut_ = cut || cut.error().code() != ErrorCode::PlatformUnsupported;
  return {};  // another error leaves the front for the next time
}

Result<LogRotation> VersionLog::rotate(const LogPolicy& policy, const std::atomic<bool>& stop) {
  const std::lock_guard work(work_);
  std::uint64_t dropped = 0;
  auto done = withRoom(dropped, [&] { return tryRotate(policy, stop); });
  if (done) done->dropped += dropped;
  return done;
}

Result<LogRotation> VersionLog::tryRotate(const LogPolicy& policy, const std::atomic<bool>& stop) {
  TENON_TRY(auto size, sizeOfFile());
  if (size < hole_) {  // emptied by hand: what is there now is all of it
    const auto first = files_.firstData(names_.log());
    const std::unique_lock lock(layout_);
    hole_ = first.value_or(0);
  }
  TENON_CHECK(finish());
  TENON_TRY(size, sizeOfFile());
  LogRotation done;
  const auto cut = cutFor(policy, size);
  if (!cut) return done;
  TENON_TRY(const bool can, canEmpty());
  if (!can) {
    done.cannot = Error(ErrorCode::PlatformUnsupported, names_.log().text() + " cannot be rotated while its service runs")
                      .withHint("it is rotated when the service starts again");
    return done;
  }
  TENON_CHECK(pack(names_.log(), cut->from, cut->part, stop));
  TENON_CHECK(takeOver(*cut));
  TENON_CHECK(finish());
  done.archived = cut->part.end - cut->part.begin;
  done.dropped = cut->dropped + dropOldest(policy.archives);
  done.more = cut->more;
  return done;
}

Result<bool> VersionLog::rotatesWhileWritten() {
  const std::lock_guard work(work_);
  return canEmpty();
}

Result<void> VersionLog::seal(const LogPolicy& policy) {
  const std::unique_lock lock(layout_);
  if (canEmpty_.value_or(true) || hole_ > 0) return {};
  TENON_TRY(const auto size, sizeOfFile());
  if (size <= policy.maxBytes) return {};
  const LogPartName part{Kind::Sealed, base_, base_ + size, 0};
  TENON_CHECK(files_.replace(names_.log(), names_.path(part)));
  parts_.push_back({part, names_.path(part)});
  base_ = part.end;
  return {};
}

Result<void> VersionLog::packSealed(const LogPolicy& policy, const std::atomic<bool>& stop) {
  const std::lock_guard work(work_);
  for (;;) {
    std::optional<Part> sealed;
    {
      const std::shared_lock lock(layout_);
      const auto found =
          std::find_if(parts_.begin(), parts_.end(), [](const Part& each) { return each.name.kind == Kind::Sealed; });
      if (found != parts_.end()) sealed = *found;
    }
    if (!sealed) break;
    LogPartName part = sealed->name;
    part.kind = Kind::Unfinished;
    std::uint64_t dropped = 0;
    TENON_CHECK(withRoom(dropped, [&] { return pack(sealed->path, 0, part, stop); }));
    TENON_CHECK(giveName(part));
    TENON_CHECK(files_.removeFile(sealed->path));
  }
  dropOldest(policy.archives);
  return {};
}

}  // namespace tenon::host
