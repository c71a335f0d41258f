// The small files beside current.json: what is wanted of a service, what the operator set, what was refused, what is in
// flight. Each has parse() (state-corrupt where it cannot be read) and toJson().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/contract/CurrentRelease.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

// wanted.json
struct WantedState {
  bool running = true;
  static Result<WantedState> parse(std::string_view text);
  std::string toJson() const;
};

// policy.json: `tenon set`
struct ServicePolicy {
  std::map<std::string, std::string> env;
  static Result<ServicePolicy> parse(std::string_view text);
  std::string toJson() const;
};

// refused.json: releases that failed here. Refused until --force or a higher sequence.
struct RefusedRelease {
  SemVer version;
  PlatformId platform;
  Digest manifestSha256;
  std::string why;
  std::uint64_t change = 0;
};
struct RefusedReleases {
  std::vector<RefusedRelease> releases;
  bool contains(const Digest& manifestSha256) const;
  static Result<RefusedReleases> parse(std::string_view text);
  std::string toJson() const;
};

// journal.json: the transaction in flight. Its presence after a start means that an agent died in it.
struct JournalRecord {
  std::uint64_t change = 0;
  std::string operation;               // install, activate, upgrade, rollback, remove, purge
  std::optional<InstalledRelease> to;  // absent for remove
  std::string staging;                 // folder name under _staging/, "" once renamed
  static Result<JournalRecord> parse(std::string_view text);
  std::string toJson() const;
};

// installed.json, derived. Key [origin]: "version::platform".
struct InstalledIndex {
  std::map<std::string, InstalledRelease> releases;
  static std::string key(const InstalledRelease& release) { return release.version.text() + "::" + release.platform.text(); }
  bool holds(const InstalledRelease& release) const {
    const auto found = releases.find(key(release));
    return found != releases.end() && found->second == release;
  }
  static Result<InstalledIndex> parse(std::string_view text);
  std::string toJson() const;
};

}  // namespace tenon::host
