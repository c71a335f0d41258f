// Values that the tests of this room share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "host/contract/ServiceRecords.h"
#include "host/trust/Sha256.h"

namespace tenon::host {

inline ServiceId serviceNamed(std::string_view text) { return ServiceId::parse(text).value(); }

inline InstalledRelease releaseOf(std::string_view version, std::string_view content = "manifest") {
  return {SemVer::parse(version).value(), PlatformId::parse("linux-x64").value(), sha256(content)};
}

inline CurrentRelease currentOf(std::string_view service, std::string_view version) {
  return {.service = serviceNamed(service),
          .generation = 0,
          .release = releaseOf(version),
          .state = CurrentRelease::State::Good,
          .previous = std::nullopt,
          .attempts = 0};
}

}  // namespace tenon::host
