// Values that the tests of this room share.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "host/contract/CurrentRelease.h"
#include "host/contract/Digest.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

inline Digest digestOf(char digit) { return Digest::parse(std::string(64, digit)).value(); }

inline Release releaseOf(std::string_view service, std::string_view version, std::string_view platform) {
  return {ServiceId::parse(service).value(), SemVer::parse(version).value(), PlatformId::parse(platform).value()};
}

inline InstalledRelease installed(std::string_view version, char digit) {
  return {SemVer::parse(version).value(), PlatformId::parse("linux-x64").value(), digestOf(digit)};
}

// Not SHA-256, which is trust's: any function will do that notices a changed byte.
inline Digest checksum(std::string_view text) {
  Digest::Bytes bytes{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto& byte = bytes[i % bytes.size()];
    byte = static_cast<unsigned char>(byte * 31 + static_cast<unsigned char>(text[i]) + 1);
  }
  return Digest(bytes);
}

template <class T>
void expectRefused(const Result<T>& result, ErrorCode code, std::string_view inMessage) {
  ASSERT_FALSE(result) << "accepted; expected a refusal that says: " << inMessage;
  EXPECT_EQ(result.error().code(), code) << name(result.error().code()) << ": " << result.error().message();
  EXPECT_NE(result.error().message().find(inMessage), std::string::npos) << result.error().message();
}

}  // namespace tenon::host
