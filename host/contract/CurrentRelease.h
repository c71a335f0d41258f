// current.json: the one commit point. Which release a service runs, and whether it has proven itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/Json.h"
#include "host/contract/Digest.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

// A release on disk, and what it was verified by: for a package without MANIFEST, `manifest_sha256` is the zip's hash.
struct InstalledRelease {
  SemVer version;
  PlatformId platform;
  Digest manifestSha256;
  bool operator==(const InstalledRelease&) const = default;

  // The members version, platform and manifest_sha256 of an object that may hold others. Error: format-invalid.
  static Result<InstalledRelease> parse(const Json& value);
  void writeTo(JsonObject& object) const;
};

struct CurrentRelease {
  enum class State { Trial, Good };

  ServiceId service;
  std::uint64_t generation = 0;  // +1 at every write
  InstalledRelease release;
  State state = State::Trial;
  std::optional<InstalledRelease> previous;
  int attempts = 0;  // starts of a trial, across reboots

  // {service_id, generation, version, platform, manifest_sha256, state, previous, attempts, sha256}: `sha256` is of the
  // compact text without it. Members that this version does not know are covered by it too.
  std::string text(HashFunction hash) const;
  // Error: state-corrupt where it cannot be read, its hash does not match, or it is of another service.
  static Result<CurrentRelease> parse(std::string_view text, const ServiceId& expected, HashFunction hash);
};

}  // namespace tenon::host
