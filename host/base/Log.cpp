#include "host/base/Log.h"

#include <cstdint>
#include <cstdio>

#include "host/base/Utf8.h"

namespace tenon::host {

namespace {

std::string_view nameOf(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warning:
      return "warning";
    case LogLevel::Error:
      return "error";
  }
  return "error";
}

void appendByte(char byte, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<std::uint8_t>(byte);
  out += "\\x";
  out += kDigits[value >> 4];
  out += kDigits[value & 0xF];
}

}  // namespace

std::string escapeControls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8Length(text, at);
    const std::string_view character = text.substr(at, length == 0 ? 1 : length);
    at += character.size();
    if (character == "\n") {
      out += "\\n";
    } else if (character == "\r") {
      out += "\\r";
    } else if (character == "\t") {
      out += "\\t";
    } else if (length == 0 || changesALine(codePoint(character))) {
      for (const char byte : character) appendByte(byte, out);
    } else {
      out += character;
    }
  }
  return out;
}

std::string logLine(WallTime time, LogLevel level, std::string_view text) {
  std::string line = formatTime(time);
  line += ' ';
  line += nameOf(level);
  line += ' ';
  line += escapeControls(text);
  return line;
}

void StderrLog::write(LogLevel level, std::string_view text) {
  if (level < least_) return;
  const std::string line = logLine(SystemClock().wall(), level, text) + '\n';
  // One call holds the stream's lock for the whole line. A log that cannot be written has nowhere to say so.
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
  std::fflush(stderr);  // a C library that keeps lines back, as Wine's does into a pipe, would lose those of a crash
}

}  // namespace tenon::host
