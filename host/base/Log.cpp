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

// C0, DEL, C1 in its two-byte form, which some terminals obey as well, and what breaks lines, hides or turns the direction
// of text: U+200B to U+200F, U+2028 to U+202E, U+2066 to U+2069.
bool isControl(std::string_view character) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(character[at]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  if (character.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;
  if (character.size() != 3 || byte(0) != 0xE2) return false;
  if (byte(1) == 0x81) return byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return byte(1) == 0x80 && ((byte(2) >= 0x8B && byte(2) <= 0x8F) || (byte(2) >= 0xA8 && byte(2) <= 0xAE));
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
    } else if (length == 0 || isControl(character)) {
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
}

}  // namespace tenon::host
