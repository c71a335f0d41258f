// What every fuzz target shares. A target is one file , written as TENON_FUZZ(text) { … }: it calls the real
// reader and says with must() what holds of all that was accepted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "host/base/Error.h"

namespace tenon::host {

// Ends the program, and libFuzzer keeps the input.
inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// A refusal is one line, whatever was in the text that is refused: it goes to terminals and logs.
inline void mustBeOneLine(const Error& error) {
  must(!error.message().empty(), "a refusal says why");
  for (const char c : error.message()) {
    must(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a refusal is one line without control characters");
  }
}

inline std::string_view asText(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Numbers that the input begins with: they choose how the rest of it is read.
inline std::uint8_t takeByte(std::string_view& text) {
  if (text.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(text.front());
  text.remove_prefix(1);
  return byte;
}

}  // namespace tenon::host

#define TENON_FUZZ(text)                                                              \
  static void fuzzed(std::string_view text);                                          \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzzed(tenon::host::asText(data, size));                                          \
    return 0;                                                                         \
  }                                                                                   \
  static void fuzzed(std::string_view text)
