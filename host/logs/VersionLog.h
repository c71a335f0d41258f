// Everything that one version of a service has written, as one row of bytes: archives, and the file to which the service
// appends. Offsets count from the first byte that it ever wrote; what was rotated away leaves a gap at the front.
//
// How a rotation cannot lose or double a line, wherever it is cut off (docs/adr/0009): an archive is made beside the log and
// synced; the log's front is emptied, which moves nothing; the archive gets its name; the empty front is cut off. So the
// first byte of the log that is not emptied always follows the newest archive, and a front that is still full tells that an
// archive without a name is worth nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/logs/LogMarks.h"
#include "host/logs/LogNames.h"

namespace tenon::host {

// Bytes of a log, as they are.
struct LogPiece {
  std::string bytes;
  std::uint64_t begin = 0;  // may be later than asked for: what is between was rotated away
  std::uint64_t next = 0;   // where to go on
};

// What a rotation did.
struct LogRotation {
  std::uint64_t archived = 0;   // bytes
  std::uint64_t dropped = 0;    // bytes of archives that went, and of what was too much to be kept at all
  bool more = false;            // the log is still too long: turn again
  std::optional<Error> cannot;  // the disk can't while the service runs: at its next start, see seal()
};

// Any thread. read(), end() and begin() may wait for the moment in which a front is cut off, and for nothing else.
class VersionLog {
 public:
  // Finishes what an agent that died had begun. `log`: "<folder>/<version>.log", which need not be there.
  static Result<std::shared_ptr<VersionLog>> open(Files& files, const Path& log);

  const LogNames& names() const { return names_; }
  LogMarks& marks() { return marks_; }
  const LogMarks& marks() const { return marks_; }

  std::uint64_t begin() const;
  // Also looks whether somebody has emptied the file behind our back.
  Result<std::uint64_t> end() const;
  bool exists() const;  // anything was ever written here
  // At most `most` bytes (and no more than kLogBlockBytes); none at the end. An offset past the end is read as one at the
  // beginning of the file: it was emptied. state-corrupt where an archive is damaged.
  Result<LogPiece> read(std::uint64_t offset, std::uint64_t most) const;

  // One thread at a time, and it may take seconds: not the loop's. Archives one part of the log where it is longer than it
  // may be. `stop` ends it early, with nothing changed. On a full disk archives go for it, the oldest first.
  Result<LogRotation> rotate(const LogPolicy& policy, const std::atomic<bool>& stop);
  // Whether rotate() can do anything here; writes a small file to find out, once.
  Result<bool> rotatesWhileWritten();
  // Packs what seal() has left. As rotate().
  Result<void> packSealed(const LogPolicy& policy, const std::atomic<bool>& stop);
  // While nobody writes, where the disk can't rotate otherwise: a log that is too long gives its name up to a new one.
  // Quick.
  Result<void> seal(const LogPolicy& policy);

 private:
  struct Part {
    LogPartName name;
    Path path;
  };
  VersionLog(Files& files, const Path& log) : files_(files), names_(log), marks_(files, names_.marks()) {}

  // VersionLog.cpp
  Result<void> load();
  Result<void> settle(const LogPartName& unfinished, std::uint64_t emptied);
  Result<std::uint64_t> sizeOfFile() const;
  std::uint64_t logical(std::uint64_t size) const;
  std::optional<Part> partAt(std::uint64_t offset) const;
  Result<LogPiece> readFile(std::uint64_t offset, std::uint64_t most) const;

  // LogRotation.cpp
  Result<bool> canEmpty();
  Result<void> finish();
  struct Cut {
    LogPartName part;       // what goes into the archive
    std::uint64_t from;     // where that begins in the file
    std::uint64_t dropped;  // before it
    bool more;
  };
  std::optional<Cut> cutFor(const LogPolicy& policy, std::uint64_t size) const;
  Result<void> pack(const Path& from, std::uint64_t at, const LogPartName& part, const std::atomic<bool>& stop);
  Result<void> takeOver(const Cut& cut);
  Result<void> giveName(const LogPartName& part);
  std::uint64_t dropOldest(std::size_t keep);
  std::uint64_t dropOldestArchive();
  std::uint64_t removeFiles(const std::vector<Part>& gone);
  template <class Work>
  auto withRoom(std::uint64_t& dropped, const Work& work) -> decltype(work());
  Result<LogRotation> tryRotate(const LogPolicy& policy, const std::atomic<bool>& stop);

  Files& files_;
  const LogNames names_;
  LogMarks marks_;
  std::mutex work_;                   // held by who rotates
  mutable std::shared_mutex layout_;  // of what follows; exclusively only for a moment
  std::vector<Part> parts_;           // by offset
  std::uint64_t base_ = 0;            // the offset of the file's first byte that is not emptied
  std::uint64_t hole_ = 0;            // where that is in the file
  std::optional<bool> canEmpty_, canCut_;
};

}  // namespace tenon::host
