// What names a package: service id, semantic version, platform. Values that can only be made valid.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/Result.h"
#include "host/contract/release/SemVer.h"

namespace tenon::host {

// [a-z0-9][a-z0-9._-]{0,62}
class ServiceId {
 public:
  static Result<ServiceId> parse(std::string_view text);  // format-invalid
  const std::string& text() const { return text_; }
  auto operator<=>(const ServiceId&) const = default;

 private:
  explicit ServiceId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// The same grammar with one '-' between system and machine: "linux-x64", "windows-x64", "darwin-arm64".
class PlatformId {
 public:
  static Result<PlatformId> parse(std::string_view text);
  const std::string& text() const { return text_; }
  auto operator<=>(const PlatformId&) const = default;

 private:
  explicit PlatformId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct Release {
  ServiceId service;
  SemVer version;
  PlatformId platform;

  bool operator==(const Release&) const = default;
  // "nmt-zh-en 1.3.0 linux-x64": for messages.
  std::string text() const { return service.text() + " " + version.text() + " " + platform.text(); }
};

// "nmt-zh-en" or "nmt-zh-en@1.3.0", as people write it.
struct ReleaseSpec {
  ServiceId service;
  std::optional<SemVer> version;
  static Result<ReleaseSpec> parse(std::string_view text);
};

}  // namespace tenon::host
