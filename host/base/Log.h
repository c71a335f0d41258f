// The agent's own log: one line an event, to standard error. What happens to services goes to the event log, not here.
#pragma once

#include <string>
#include <string_view>

#include "host/base/Clock.h"

namespace tenon::host {

enum class LogLevel { Debug, Info, Warning, Error };

class Log {
 public:
  virtual ~Log() = default;
  // Any thread. `text` is one line without its newline; control characters are written as escapes.
  virtual void write(LogLevel level, std::string_view text) = 0;

  void debug(std::string_view text) { write(LogLevel::Debug, text); }
  void info(std::string_view text) { write(LogLevel::Info, text); }
  void warning(std::string_view text) { write(LogLevel::Warning, text); }
  void error(std::string_view text) { write(LogLevel::Error, text); }
};

// Control characters and bytes that are no UTF-8 as visible escapes: text of strangers cannot steer a terminal or forge a
// line.
std::string escapeControls(std::string_view text);

// "2026-11-24T07:45:00.123Z info text", without a newline.
std::string logLine(WallTime time, LogLevel level, std::string_view text);

// Writes logLine() with a newline. Whole lines, whatever the threads.
class StderrLog final : public Log {
 public:
  explicit StderrLog(LogLevel least) : least_(least) {}
  void write(LogLevel level, std::string_view text) override;

 private:
  LogLevel least_;
};

// For tests and for short-lived commands.
class NullLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

}  // namespace tenon::host
