#include "host/contract/Digest.h"

#include <cstddef>

namespace tenon::host {
namespace {

// A table, since a manifest of 47,000 files holds three million digits. Anything but a lower-case digit is 0xff.
constexpr std::array<unsigned char, 256> makeHexValues() {
  std::array<unsigned char, 256> values{};
  for (auto& value : values) value = 0xff;
  for (unsigned digit = 0; digit < 10; ++digit) values['0' + digit] = static_cast<unsigned char>(digit);
  for (unsigned letter = 0; letter < 6; ++letter) values['a' + letter] = static_cast<unsigned char>(10 + letter);
  return values;
}
constexpr auto kHexValues = makeHexValues();

}  // namespace

Result<Digest> Digest::parse(std::string_view hex) {
  Bytes bytes{};
  unsigned bad = 0x80;
  if (hex.size() == bytes.size() * 2) {
    bad = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const unsigned high = kHexValues[static_cast<unsigned char>(hex[2 * i])];
      const unsigned low = kHexValues[static_cast<unsigned char>(hex[2 * i + 1])];
      bad |= high | low;
      bytes[i] = static_cast<unsigned char>((high << 4) | (low & 0x0f));
    }
  }
  if ((bad & 0x80) != 0) return Error(ErrorCode::FormatInvalid, "a SHA-256 is 64 lower-case hex digits");
  return Digest(bytes);
}

std::string Digest::hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(bytes_.size() * 2, '0');
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    text[2 * i] = kDigits[bytes_[i] >> 4];
    text[2 * i + 1] = kDigits[bytes_[i] & 0x0f];
  }
  return text;
}

}  // namespace tenon::host
