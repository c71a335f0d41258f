// The first bytes of programs for a given machine: enough for those who read headers, and nothing that could run.
#pragma once

#include <string>

namespace tenon::host {

// A 64-bit little-endian ELF header with this e_machine: 62 x64, 183 arm64.
inline std::string elfBytes(unsigned machine) {
  std::string bytes(
      "\x7F"
      "ELF\x02\x01\x01",
      7);
  bytes.resize(64, '\0');
  bytes[16] = 2;
  bytes[18] = static_cast<char>(machine & 0xFF);
  bytes[19] = static_cast<char>((machine >> 8) & 0xFF);
  return bytes;
}

// A PE program with this Machine: 0x8664 x64.
inline std::string peBytes(unsigned machine) {
  std::string bytes(128, '\0');
  bytes[0] = 'M';
  bytes[1] = 'Z';
  bytes[0x3C] = 64;
  bytes[64] = 'P';
  bytes[65] = 'E';
  bytes[68] = static_cast<char>(machine & 0xFF);
  bytes[69] = static_cast<char>((machine >> 8) & 0xFF);
  return bytes;
}

}  // namespace tenon::host
