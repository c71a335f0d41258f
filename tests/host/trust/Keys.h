// Keys that are the same in every run.
#pragma once

#include <algorithm>

#include "host/trust/KeyFile.h"

namespace tenon::host {

inline SecretKeyBytes testKey(unsigned char number) {
  SecretKeyBytes key;
  std::fill_n(key.data(), SecretKeyBytes::size(), number);
  return key;
}

inline std::string unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
  }
  return bytes;
}

inline PublicKeyBytes publicKeyFromBytes(std::string_view bytes) {
  PublicKeyBytes key{};
  std::transform(bytes.begin(), bytes.end(), key.begin(), [](char c) { return static_cast<unsigned char>(c); });
  return key;
}

}  // namespace tenon::host
