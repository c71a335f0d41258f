// The agent's log in a file, for an agent that nobody watches: logLine() with a newline, and the file before this one as
// "<file>.1", so that the two never hold more than twice kLogFileBytes. Any thread.
#pragma once

#include <mutex>
#include <optional>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"
#include "host/base/Log.h"

namespace tenon::host {

class LogFile final : public Log {
 public:
  // Goes on at the end of `path`. Collaborators outlive the log.
  static Result<std::unique_ptr<LogFile>> open(Files& files, const Clock& clock, const Path& path, LogLevel least);

  // A line that the disk refuses is lost: a log cannot fail what it tells of.
  void write(LogLevel level, std::string_view text) override;

 private:
  LogFile(Files& files, const Clock& clock, Path path, LogLevel least)
      : files_(files), clock_(clock), path_(std::move(path)), least_(least) {}
  Result<void> openFile();
  Result<void> turnOver();

  Files& files_;
  const Clock& clock_;
  const Path path_;
  const LogLevel least_;
  std::mutex mutex_;
  std::optional<WriteFile> file_;
  std::uint64_t bytes_ = 0;
};

}  // namespace tenon::host
