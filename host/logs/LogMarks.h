// When a log was how long, and where each run began: `<version>.log.marks`, a line each, "<time> <offset>" or
// "<time> <offset> start". Lines of a service bear no time of ours, so this is what answers `--since` and `--previous`.
// It is a help and no record: never synced, lines that cannot be read are passed over. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"

namespace tenon::host {

struct LogMark {
  WallTime time{};
  std::uint64_t offset = 0;
  bool start = false;  // a run began here
};

class LogMarks {
 public:
  LogMarks(Files& files, Path file) : files_(files), file_(std::move(file)) {}

  // In the order of their offsets. What stands before a mark with a smaller offset and lies past it is left out: the log
  // had become shorter. Empty where there is no file.
  std::vector<LogMark> read() const;
  Result<void> add(const LogMark& mark);
  // Leaves out what tells of bytes before `from`; where the file is long all the same, every second of the older half.
  Result<void> thin(std::uint64_t from);

 private:
  std::vector<LogMark> readAll() const;

  Files& files_;
  const Path file_;
  mutable std::mutex mutex_;
};

// Where to begin reading to see all that was written since `time`: at the last mark before the first that is later. Where
// no mark is that old, `begin`.
std::uint64_t offsetAt(const std::vector<LogMark>& marks, WallTime time, std::uint64_t begin);

struct LogRange {
  std::uint64_t begin = 0, end = 0;
};
// The run before the last one that began; nothing where no start is known, or nothing is left of it.
std::optional<LogRange> previousRun(const std::vector<LogMark>& marks, std::uint64_t begin);

}  // namespace tenon::host
