// What agent and plugin host say to each other: a message is a row of parts, each with a code and bytes. Documents of the
// plugin travel as they are, so that both hostings give the same bytes.
//
//   asked      Load (the library's path), then any of Fingerprint and Plan (the request); each with kVersion as its code
//   answered   to Load: Loaded (kVersion; the entry's numbers, see Entry), or Failed (why, in one line)
//              else: Log (level), Document, Problem (code) as the plugin gave them, and at the end Returned (code)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::host::wire {

inline constexpr std::int32_t kVersion = 1;  // of all this; grows with every change: an agent may meet a newer plugin host

enum class Kind : std::uint8_t { Load = 1, Fingerprint, Plan, Loaded, Failed, Log, Document, Problem, Returned };

struct Part {
  Kind kind = Kind::Failed;
  std::int32_t code = 0;
  std::string_view bytes;  // of the message that it was read from
};

inline constexpr std::size_t kHeadBytes = 9;  // kind, code, length: little-endian

inline void putNumber(std::string& message, std::uint32_t number) {
  for (int at = 0; at < 4; ++at) message += static_cast<char>(number >> 8 * at & 0xFF);
}

inline std::uint32_t numberAt(std::string_view message, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t byte = 4; byte-- > 0;) number = number << 8 | static_cast<unsigned char>(message[at + byte]);
  return number;
}

inline void put(std::string& message, Kind kind, std::int32_t code, std::string_view bytes) {
  message += static_cast<char>(kind);
  putNumber(message, static_cast<std::uint32_t>(code));
  putNumber(message, static_cast<std::uint32_t>(bytes.size()));
  message += bytes;
}

// Takes the first part off; nothing where the message is at its end, or is none.
inline std::optional<Part> take(std::string_view& message) {
  if (message.size() < kHeadBytes) return std::nullopt;
  const std::size_t length = numberAt(message, 5);
  if (message.size() - kHeadBytes < length) return std::nullopt;
  const Part part = {static_cast<Kind>(message[0]), static_cast<std::int32_t>(numberAt(message, 1)),
                     message.substr(kHeadBytes, length)};
  message.remove_prefix(kHeadBytes + length);
  return part;
}

// A plugin's entry as numbers: what can be judged without running it.
struct Entry {
  std::uint32_t magic = 0, size = 0, major = 0, minorBuilt = 0, minorMin = 0;
  bool complete = false;  // none of its functions is null

  std::string text() const {
    std::string numbers;
    for (const std::uint32_t each : {magic, size, major, minorBuilt, minorMin, std::uint32_t{complete}})
      putNumber(numbers, each);
    return numbers;
  }
  static std::optional<Entry> of(std::string_view text) {
    if (text.size() != 6 * 4) return std::nullopt;
    return Entry{numberAt(text, 0),  numberAt(text, 4),  numberAt(text, 8),
                 numberAt(text, 12), numberAt(text, 16), numberAt(text, 20) != 0};
  }
};

}  // namespace tenon::host::wire
