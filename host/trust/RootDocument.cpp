#include "host/trust/RootDocument.h"

#include <algorithm>

#include "host/base/Json.h"
#include "host/base/Limits.h"
#include "host/base/Text.h"

namespace tenon::host {
namespace {

constexpr std::string_view kRootType = "tenon-root";

Error wrongRoot(const std::string& what) { return Error(ErrorCode::FormatInvalid, "the root: " + what); }

Result<std::set<std::string, std::less<>>> idSet(const Json& list) {
  TENON_TRY(const auto ids, list.strings());
  if (ids.size() > limits::kTrustedKeys) return list.wrong("more keys than a node may trust");
  for (const auto& id : ids) {
    if (!Digest::parse(id)) return list.wrong("a key id is 64 lower-case hex digits");
  }
  return std::set<std::string, std::less<>>(ids.begin(), ids.end());
}

Result<std::map<std::string, PublicKeyBytes, std::less<>>> parseKeys(const Json& object) {
  std::map<std::string, PublicKeyBytes, std::less<>> keys;
  TENON_TRY(const auto members, object.members());
  if (members.size() > limits::kTrustedKeys) return object.wrong("more keys than a node may trust");
  for (const auto& [id, value] : members) {
    TENON_TRY(const auto text, value.string());
    const auto raw = fromBase64(text);
    if (!raw || raw->size() != PublicKeyBytes{}.size()) return value.wrong("expected the base64 of 32 bytes");
    PublicKeyBytes key{};
    std::transform(raw->begin(), raw->end(), key.begin(), [](char c) { return static_cast<unsigned char>(c); });
    if (keyId(key) != id) {
      return Error(ErrorCode::KeyRole, value.wrong("the key's id is " + shortKeyId(keyId(key)) + ", not this").message());
    }
    keys.emplace(id, key);
  }
  return keys;
}

Result<RoleKeys> parseRole(const Json& roles, std::string_view which) {
  TENON_TRY(const auto object, roles.member(which));
  TENON_TRY(const auto list, object.member("keys"));
  TENON_TRY(auto keys, idSet(list));
  TENON_TRY(const auto count, object.member("threshold"));
  TENON_TRY(const auto threshold, count.integer(1, static_cast<std::int64_t>(limits::kSignatures)));
  return RoleKeys{std::move(keys), static_cast<std::size_t>(threshold)};
}

Result<void> parseRevokedReleases(const Json& list, RootDocument& root) {
  TENON_TRY(const auto rows, list.array());
  for (const auto& row : rows) {
    TENON_TRY(const auto serviceMember, row.member("service"));
    TENON_TRY(const auto service, serviceMember.string());
    TENON_CHECK(ServiceId::parse(service));
    TENON_TRY(const auto versionMember, row.member("version"));
    TENON_TRY(const auto version, versionMember.string());
    TENON_CHECK(SemVer::parse(version));
    root.revokedReleases.emplace(service, version);
  }
  return {};
}

std::vector<std::string> listed(const std::set<std::string, std::less<>>& ids) { return {ids.begin(), ids.end()}; }

std::string shortened(const std::vector<std::string>& ids) { return joined(ids, shortKeyId); }

// Why a document that too few signed is refused: what says most comes first.
struct Findings {
  std::vector<std::string> valid, wrongBytes, revoked, otherRole, unknown;
};

Error refusal(const Findings& found, const RoleKeys& role, const std::string& what, const std::string& roleName) {
  if (!found.wrongBytes.empty()) {
    return Error(ErrorCode::SignatureInvalid, what + " is not what key " + shortened(found.wrongBytes) + " signed")
        .withHint("it was damaged or changed after signing; fetch it again");
  }
  if (!found.revoked.empty()) {
    return Error(ErrorCode::KeyRevoked, what + " is signed by key " + shortened(found.revoked) + ", which is revoked")
        .withHint("it must be signed again by a key that is in force");
  }
  if (!found.valid.empty()) {
    return Error(ErrorCode::ThresholdUnmet, what + " is signed by " + std::to_string(found.valid.size()) + " of the " +
                                                std::to_string(role.threshold) + " " + roleName + " keys that it needs")
        .withHint("collect the missing signatures: tenon trust sign FILE --key SECRET.key");
  }
  if (!found.otherRole.empty()) {
    return Error(ErrorCode::KeyRole,
                 what + " is signed by key " + shortened(found.otherRole) + ", which is no " + roleName + " key")
        .withHint("sign it with a key that has the role " + roleName + "; tenon trust show lists them");
  }
  if (!found.unknown.empty()) {
    return Error(ErrorCode::KeyUnknown,
                 what + " is signed only by keys that the root does not name: " + shortened(found.unknown))
        .withHint("tenon trust show lists the keys in force");
  }
  return Error(ErrorCode::SignatureInvalid, what + " is not signed").withHint("tenon trust sign FILE --key SECRET.key");
}

}  // namespace

std::string_view name(TrustRole role) { return kTrustRoles.at(static_cast<std::size_t>(role)).first; }

Result<void> RootDocument::check() const {
  std::set<std::string, std::less<>> used;
  for (const auto& [roleName, which] : kTrustRoles) {
    const RoleKeys& named = role(which);
    if (named.keys.size() < named.threshold || named.threshold == 0) {
      return wrongRoot("the role " + std::string(roleName) + " has " + std::to_string(named.keys.size()) +
                       " keys, of which " + std::to_string(named.threshold) + " must sign");
    }
    for (const auto& id : named.keys) {
      if (!keys.contains(id)) return wrongRoot("the role " + std::string(roleName) + " names a key that is not listed");
      if (revokedKeys.contains(id)) return wrongRoot("key " + shortKeyId(id) + " is revoked and still has a role");
      used.insert(id);
    }
  }
  if (used.size() != keys.size()) return wrongRoot("a key is listed that no role names");
  return {};
}

Result<RootDocument> RootDocument::parse(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text, {.bytes = limits::kRootBytes}));
  TENON_TRY(const auto type, document.stringOr("type", ""));
  if (type != kRootType) return document.wrong("its type is not " + std::string(kRootType));
  RootDocument root;
  TENON_TRY(const auto versionMember, document.member("version"));
  TENON_TRY(const auto version, versionMember.integer(1, INT32_MAX));
  root.version = static_cast<std::uint64_t>(version);
  TENON_TRY(const auto keyList, document.member("keys"));
  TENON_TRY(root.keys, parseKeys(keyList));
  TENON_TRY(const auto roleList, document.member("roles"));
  for (const auto& [roleName, which] : kTrustRoles) {
    TENON_TRY(root.role(which), parseRole(roleList, roleName));
  }
  TENON_TRY(const auto revokedList, document.member("revoked_keys"));
  TENON_TRY(root.revokedKeys, idSet(revokedList));
  TENON_TRY(const auto releases, document.member("revoked_releases"));
  TENON_CHECK(parseRevokedReleases(releases, root));
  TENON_CHECK(root.check());
  if (root.text() != text) return wrongRoot("it is not written as it must be: one content has one text");
  return root;
}

std::string RootDocument::text() const {
  JsonObject keyObject, roleObject;
  for (const auto& [id, key] : keys) keyObject.set(id, toBase64(asText(key)));
  for (const auto& [roleName, which] : kTrustRoles) {
    const RoleKeys& named = role(which);
    JsonObject row;
    roleObject.set(roleName, row.set("keys", listed(named.keys)).set("threshold", std::uint64_t{named.threshold}));
  }
  JsonArray releases;
  for (const auto& [service, revoked] : revokedReleases) {
    releases.add(JsonObject().set("service", service).set("version", revoked));
  }
  JsonObject document;
  document.set("type", kRootType).set("version", version).set("keys", keyObject).set("roles", roleObject);
  return document.set("revoked_keys", listed(revokedKeys)).set("revoked_releases", releases).pretty();
}

Result<std::vector<std::string>> checkSigned(const RootDocument& root, TrustRole role, const SignedText& document,
                                             const std::string& what) {
  TENON_TRY(const auto lines, parseSignatureFile(document.signatures, "the signatures of " + what));
  const RoleKeys& named = root.role(role);
  Findings found;
  for (const auto& line : lines) {  // no id stands there twice
    if (root.revokedKeys.contains(line.keyId)) {
      found.revoked.push_back(line.keyId);
    } else if (const auto key = root.keys.find(line.keyId); key == root.keys.end()) {
      found.unknown.push_back(line.keyId);
    } else if (!named.keys.contains(line.keyId)) {
      found.otherRole.push_back(line.keyId);
    } else {
      const bool signs = verifyEd25519(key->second, document.text, asText(line.signature));
      (signs ? found.valid : found.wrongBytes).push_back(line.keyId);
    }
  }
  if (found.valid.size() >= named.threshold) return found.valid;
  return refusal(found, named, what, std::string(name(role)));
}

}  // namespace tenon::host
