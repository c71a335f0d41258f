// From bytes of a log to the lines that somebody asked for. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/Result.h"

namespace tenon::host {

// One line, or a piece of one that is longer than kLogLineBytes.
struct LogLine {
  std::uint64_t offset = 0;  // in the log
  std::string_view text;     // without its end
  bool ends = true;          // false: more of it follows, or has not been written yet
};

// A Perl-like pattern over the bytes of a line, upper and lower case apart. One that would take for ever on some line (a
// step limit) is an error, never a wait.
class LogPattern {
 public:
  static Result<LogPattern> compile(const std::string& pattern);  // usage
  LogPattern(LogPattern&&) noexcept;
  ~LogPattern();
  Result<bool> matches(std::string_view line) const;

 private:
  class Compiled;
  explicit LogPattern(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

// Cuts what comes in pieces into lines.
class LogLines {
 public:
  using Told = std::function<Result<void>(const LogLine&)>;
  explicit LogLines(Told told) : told_(std::move(told)) {}

  // `offset`: of the first byte. Where it does not follow the piece before, the line that was open ends there.
  Result<void> add(std::uint64_t offset, std::string_view bytes);
  // What is open is told as it is: nothing more comes now.
  Result<void> flush();

 private:
  Result<void> tell(std::string_view text, bool ends);

  Told told_;
  std::string open_;
  std::uint64_t at_ = 0;  // offset of open_
};

// As a terminal may see it: control and direction characters, and bytes that are no UTF-8, as visible escapes; tabs stay,
// and the \r of a line that ends in \r\n goes.
std::string shownLine(std::string_view line);

}  // namespace tenon::host
