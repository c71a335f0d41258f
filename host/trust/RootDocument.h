// The root: whose signature counts for what. Signed by offline keys; each one is accepted only by those of the one before
// (RootChain). Canonical: parse() refuses whatever text() would not have written. A value; any thread.
//
//   { "type": "tenon-root", "version": 2,
//     "keys": { <id>: <base64 of the raw public key> },           exactly those that a role names
//     "roles": { "root": { "keys": [<id>], "threshold": 2 }, "index": {…}, "release": {…} },
//     "revoked_keys": [<id>], "revoked_releases": [ { "service", "version" } ] }
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/contract/SignedText.h"
#include "host/contract/release/Release.h"
#include "host/trust/SignatureFile.h"

namespace tenon::host {

enum class TrustRole { Root, Index, Release };
inline constexpr std::array<std::pair<std::string_view, TrustRole>, 3> kTrustRoles{
    {{"root", TrustRole::Root}, {"index", TrustRole::Index}, {"release", TrustRole::Release}}};
std::string_view name(TrustRole role);

struct RoleKeys {
  std::set<std::string, std::less<>> keys;  // ids
  std::size_t threshold = 1;                // so many of them must sign
};

struct RootDocument {
  std::uint64_t version = 1;
  std::map<std::string, PublicKeyBytes, std::less<>> keys;  // by id
  std::array<RoleKeys, kTrustRoles.size()> roles;
  std::set<std::string, std::less<>> revokedKeys;
  std::set<std::pair<std::string, std::string>> revokedReleases;  // service, version; on every platform

  RoleKeys& role(TrustRole which) { return roles.at(static_cast<std::size_t>(which)); }
  const RoleKeys& role(TrustRole which) const { return roles.at(static_cast<std::size_t>(which)); }
  bool isRevoked(const ServiceId& service, const SemVer& which) const {
    return revokedReleases.contains({service.text(), which.text()});
  }
  // Can a threshold be met, does each role name keys that are there and not revoked, is none idle? format-invalid.
  Result<void> check() const;

  static Result<RootDocument> parse(std::string_view text);  // format-invalid; key-role where an id is not its key's
  std::string text() const;
};

// The ids of the role's keys that signed these bytes: as many as its threshold asks for, or more. `what` names the document.
// Errors: signature-invalid (none, or of other bytes), threshold-unmet, key-revoked, key-role, key-unknown, format-invalid.
Result<std::vector<std::string>> checkSigned(const RootDocument& root, TrustRole role, const SignedText& document,
                                             const std::string& what);

}  // namespace tenon::host
