// A signed document as it is kept and sent: its exact bytes, and beside them the text of its signature file (lines
// "ed25519 <key id> <base64>"). Nothing in it is believed before trust has looked at both.
#pragma once

#include <string>

namespace tenon::host {

struct SignedText {
  std::string text;
  std::string signatures;
};

inline constexpr const char* kSignatureSuffix = ".sig";

}  // namespace tenon::host
