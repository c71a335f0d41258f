#include "host/observe/LogFile.h"

#include "host/base/Limits.h"

namespace tenon::host {

Result<std::unique_ptr<LogFile>> LogFile::open(Files& files, const Clock& clock, const Path& path, LogLevel least) {
  std::unique_ptr<LogFile> log(new LogFile(files, clock, path, least));
  TENON_CHECK(withContext("log file " + path.text(), log->openFile()));
  return log;
}

Result<void> LogFile::openFile() {
  TENON_TRY(auto opened, WriteFile::create(files_, 0, path_.text(), {.ownerOnly = true, .append = true}));
  TENON_TRY(const auto info, files_.inspect(path_));
  bytes_ = info.size;
  file_.emplace(std::move(opened));
  return {};
}

Result<void> LogFile::turnOver() {
  file_.reset();
  const auto moved = files_.replace(path_, Path(path_.text() + ".1"));
  TENON_CHECK(openFile());
  if (!moved) bytes_ = 0;  // whoever holds the old one: the next try comes a whole file later
  return {};
}

void LogFile::write(LogLevel level, std::string_view text) {
  if (level < least_) return;
  std::lock_guard guard(mutex_);
  if (bytes_ >= limits::kLogFileBytes || !file_) {
    if (!turnOver()) return;
  }
  const std::string line = logLine(clock_.wall(), level, text) + '\n';
  if (file_->append(line)) bytes_ += line.size();
}

}  // namespace tenon::host
