#include "host/trust/VendorKeys.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Json.h"
#include "host/base/Limits.h"
#include "host/base/Text.h"
#include "host/contract/release/PackagePath.h"
#include "host/trust/SignatureFile.h"

namespace tenon::host {
namespace {

constexpr std::string_view kVendorKeyType = "tenon-vendor-key", kVendorKeySuffix = ".json";

Result<std::map<std::string, SemVer, std::less<>>> readMinimum(const Json& document) {
  std::map<std::string, SemVer, std::less<>> minimum;
  const auto object = document.find("minimum");
  if (!object) return minimum;
  TENON_TRY(const auto members, object->members());
  if (members.size() > limits::kPlugins) return object->wrong("more plugins than a node has");
  for (const auto& [plugin, value] : members) {
    TENON_TRY(const auto text, value.string());
    auto version = SemVer::parse(text);
    if (!version) return value.wrong(version.error().message());
    minimum.emplace(plugin, *std::move(version));
  }
  return minimum;
}

// Why a key that signed may not sign this; nothing where it may.
std::optional<Error> objection(const VendorKey& key, const PluginClaim& claim, WallTime now) {
  const std::string who = "key " + shortKeyId(key.id()) + (key.name.empty() ? "" : " (" + key.name + ")");
  if (key.revoked) {
    return Error(ErrorCode::KeyRevoked, claim.title() + " is signed by " + who + ", which is revoked")
        .withHint("ask its vendor for one that is signed by another key");
  }
  for (const auto& type : claim.provides) {
    const bool scoped = std::any_of(key.provides.begin(), key.provides.end(),
                                    [&](const std::string& may) { return may == type || may == VendorKey::kAny; });
    if (scoped) continue;
    return Error(ErrorCode::KeyRole, claim.title() + " provides \"" + type + "\", for which " + who + " is not trusted")
        .withHint("tenon plugin keys says for what it is; tenon plugin trust FILE.pub --provides TYPE… changes that");
  }
  const auto floor = key.minimum.find(claim.name);
  if (floor != key.minimum.end() && claim.version.precedence(floor->second) < 0) {
    return Error(ErrorCode::DowngradeRefused,
                 claim.title() + " is older than " + floor->second.text() + ", the oldest that is taken from " + who)
        .withHint("install a newer version of it");
  }
  if (key.expires && now >= *key.expires) {
    return Error(ErrorCode::KeyRole,
                 claim.title() + " is signed by " + who + ", which was trusted until " + formatTime(*key.expires))
        .withHint("tenon plugin trust FILE.pub --expires DATE, if it is to be trusted for longer");
  }
  return std::nullopt;
}

}  // namespace

Result<VendorKey> VendorKey::read(const Json& members) {
  VendorKey key;
  TENON_TRY(const auto keyMember, members.member("key"));
  TENON_TRY(const auto keyText, keyMember.string());
  auto bytes = publicKeyFromText(keyText);
  if (!bytes) return keyMember.wrong(bytes.error().message());
  key.key = *bytes;
  TENON_TRY(key.name, members.stringOr("name", ""));
  TENON_TRY(key.provides, members.stringsOr("provides", {}));
  if (key.provides.empty() || key.provides.size() > limits::kPluginProvides) {
    return members.wrong("provides: expected 1 to " + std::to_string(limits::kPluginProvides) + " exec types");
  }
  TENON_TRY(key.inProcess, members.booleanOr("in_process", false));
  TENON_TRY(const auto expires, members.stringOr("expires", ""));
  if (!expires.empty()) {
    TENON_TRY(key.expires, parseTime(expires));
  }
  TENON_TRY(key.minimum, readMinimum(members));
  return key;
}

Result<VendorKey> VendorKey::parse(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text, {.bytes = limits::kKeyFileBytes}));
  TENON_TRY(const auto type, document.stringOr("type", ""));
  if (type != kVendorKeyType) return document.wrong("its type is not " + std::string(kVendorKeyType));
  TENON_TRY(auto key, read(document));
  TENON_TRY(key.revoked, document.booleanOr("revoked", false));
  return key;
}

JsonObject VendorKey::members() const {
  JsonObject floors, object;
  for (const auto& [plugin, version] : minimum) floors.set(plugin, version.text());
  object.set("key", toBase64(asText(key))).set("name", name).set("provides", provides).set("in_process", inProcess);
  if (expires) object.set("expires", formatTime(*expires));
  return object.set("minimum", floors);
}

std::string VendorKey::text() const { return members().set("type", kVendorKeyType).set("revoked", revoked).pretty(); }

Result<void> VendorKeys::open() {
  const auto read = [this]() -> Result<std::map<std::string, VendorKey, std::less<>>> {
    std::map<std::string, VendorKey, std::less<>> keys;
    const auto entries = files_.list(folder_);
    if (!entries && entries.error().code() == ErrorCode::NotFound) return keys;
    if (!entries) return entries.error();
    for (const auto& entry : *entries) {
      if (!entry.name.ends_with(kVendorKeySuffix) || isTemporaryName(entry.name)) continue;
      const Path file = folder_ / entry.name;
      TENON_TRY(const auto text, files_.readAll(file, limits::kKeyFileBytes));
      TENON_TRY(auto key, withContext(file.text(), VendorKey::parse(text)));
      if (key.id() + std::string(kVendorKeySuffix) != entry.name) {
        return Error(ErrorCode::FormatInvalid,
                     file.text() + " holds the key " + shortKeyId(key.id()) + ", not the one of its name")
            .withHint("remove the file, and trust the key again with tenon plugin trust FILE.pub");
      }
      keys.emplace(key.id(), std::move(key));
    }
    return keys;
  };
  auto keys = read();
  const std::lock_guard lock(mutex_);
  fault_.reset();
  keys_.clear();
  if (!keys) {
    fault_ = std::move(keys).error();
    return *fault_;
  }
  keys_ = *std::move(keys);
  return {};
}

std::vector<VendorKey> VendorKeys::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<VendorKey> keys;
  for (const auto& [id, key] : keys_) keys.push_back(key);
  return keys;
}

// With mutex_ held.
Result<void> VendorKeys::keep(const VendorKey& key) {
  if (fault_) return *fault_;
  TENON_CHECK(files_.makePrivateFolders(folder_));
  TENON_CHECK(writeAtomically(files_, folder_ / (key.id() + std::string(kVendorKeySuffix)), key.text()));
  // On a new node the folders on the way are new as well.
  TENON_CHECK(files_.syncFolder(folder_.parent()));
  TENON_CHECK(files_.syncFolder(folder_.parent().parent()));
  keys_.insert_or_assign(key.id(), key);
  return {};
}

Result<void> VendorKeys::trust(VendorKey key) {
  TENON_CHECK(VendorKey::parse(key.text()));  // what was written must be what is read
  key.revoked = false;
  const std::lock_guard lock(mutex_);
  const auto known = keys_.find(key.id());
  if (known == keys_.end() && keys_.size() >= limits::kTrustedKeys) {
    return Error(ErrorCode::LimitExceeded, "more than " + std::to_string(limits::kTrustedKeys) + " vendor keys");
  }
  if (known != keys_.end() && known->second.revoked) {
    return Error(ErrorCode::KeyRevoked, "key " + shortKeyId(key.id()) + " is revoked, for good")
        .withHint("ask the vendor for another key");
  }
  return withContext("trust vendor key " + shortKeyId(key.id()), keep(key));
}

Result<void> VendorKeys::revoke(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto known = keys_.find(id);
  if (known == keys_.end()) {
    return Error(ErrorCode::NotFound, "no vendor key " + shownName(id) + " is trusted here")
        .withHint("tenon plugin keys lists them");
  }
  VendorKey key = known->second;
  key.revoked = true;
  return withContext("revoke vendor key " + shortKeyId(id), keep(key));
}

Result<VendorKey> VendorKeys::check(const SignedText& manifest, const PluginClaim& claim, Moment moment) const {
  TENON_TRY(const auto lines, parseSignatureFile(manifest.signatures, "the signatures of " + claim.title()));
  if (lines.empty()) return Error(ErrorCode::SignatureInvalid, claim.title() + " is not signed");
  const WallTime now = moment == Moment::Arrival ? clock_.wall() : WallTime::min();
  const std::lock_guard lock(mutex_);
  if (fault_) return *fault_;
  std::optional<Error> refusal;
  for (const auto& line : lines) {
    const auto found = keys_.find(line.keyId);
    if (found == keys_.end()) continue;
    const VendorKey& key = found->second;
    if (!verifyEd25519(key.key, manifest.text, asText(line.signature))) {
      return Error(ErrorCode::SignatureInvalid,
                   "the manifest of " + claim.title() + " is not what key " + shortKeyId(line.keyId) + " signed")
          .withHint("it was damaged or changed after signing; get it again from its vendor");
    }
    auto wrong = objection(key, claim, now);
    if (!wrong) return key;
    if (!refusal) refusal = std::move(wrong);
  }
  if (refusal) return *std::move(refusal);
  return Error(ErrorCode::KeyUnknown, claim.title() + " is signed only by keys that this node does not trust for plugins: " +
                                          joined(lines, [](const SignatureLine& line) { return shortKeyId(line.keyId); }))
      .withHint("tenon plugin trust FILE.pub --provides TYPE, if you trust its vendor");
}

}  // namespace tenon::host
