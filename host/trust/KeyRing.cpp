#include "host/trust/KeyRing.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "host/base/Text.h"

namespace tenon::host {
namespace {

constexpr std::string_view kSuffix = ".pub", kRevokedSuffix = ".revoked";

bool looksLikeId(std::string_view text) { return Digest::parse(text).has_value(); }

Result<void> addFile(Files& files, const Path& file, KeyRing& ring) {
  TENON_TRY(const std::string text, files.readAll(file, limits::kKeyFileBytes));
  TENON_TRY(const PublicKeyBytes key, publicKeyFromText(text));
  const std::string name = file.name(), stem = name.substr(0, name.size() - kSuffix.size());
  if (looksLikeId(stem) && stem != keyId(key)) {
    return Error(ErrorCode::FormatInvalid, "holds the key " + shortKeyId(keyId(key)) + ", not the one of its name")
        .withHint("remove the file, and trust the key again with tenon key trust FILE");
  }
  return ring.add(key, looksLikeId(stem) ? "" : stem, file.text());
}

Result<void> keep(Files& files, const Path& file, std::string_view content) {
  TENON_CHECK(files.makeFolders(file.parent()));
  TENON_CHECK(writeAtomically(files, file, content));
  // On a new node the folders on the way are new as well.
  const Path trust = file.parent().parent();
  TENON_CHECK(files.syncFolder(trust));
  return files.syncFolder(trust.parent());
}

Error wrongItem(std::size_t item, const std::string& what) {
  return Error(ErrorCode::FormatInvalid, std::string(kPublicKeysVariable) + ": item " + std::to_string(item) + ": " + what)
      .withHint("base64 of raw 32-byte public keys, separated by commas; name=base64 gives one a name");
}

Result<NamedKey> parseItem(std::string_view item, std::size_t number) {
  // A raw key ends in '=', so only a '=' before the last character parts a name from it.
  const auto equals = item.find('=');
  const bool named = equals != item.npos && equals + 1 < item.size();
  const std::string_view alias = named ? item.substr(0, equals) : std::string_view{};
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  if (named && (alias.empty() || !std::all_of(alias.begin(), alias.end(), printable))) {
    return wrongItem(number, "a name is printable ASCII without spaces");
  }
  if (const auto other = fromBase64(std::string(alias) + "="); named && other && other->size() == PublicKeyBytes{}.size()) {
    return wrongItem(number, "two keys without a comma between them");
  }
  const auto raw = fromBase64(named ? item.substr(equals + 1) : item);
  if (!raw) return wrongItem(number, raw.error().message());
  if (raw->size() != PublicKeyBytes{}.size()) {
    return wrongItem(number, std::to_string(raw->size()) + " bytes, where a public key has 32");
  }
  NamedKey key{.key = {}, .alias = std::string(alias)};
  std::transform(raw->begin(), raw->end(), key.key.begin(), [](char c) { return static_cast<unsigned char>(c); });
  return key;
}

}  // namespace

Result<KeyRing> KeyRing::load(Files& files, const Path& folder) {
  KeyRing ring;
  auto entries = files.list(folder);
  if (!entries && entries.error().code() == ErrorCode::NotFound) return ring;
  if (!entries) return std::move(entries).error().withContext("trusted keys");
  for (const FolderEntry& entry : *entries) {
    if (entry.name.ends_with(kRevokedSuffix)) {
      ring.revoke(entry.name.substr(0, entry.name.size() - kRevokedSuffix.size()));
    }
    if (!entry.name.ends_with(kSuffix)) continue;
    const Path file = folder / entry.name;
    TENON_CHECK(withContext(file.text(), addFile(files, file, ring)));
  }
  return ring;
}

Result<void> KeyRing::add(const PublicKeyBytes& key, std::string alias, std::string source) {
  std::string id = keyId(key);
  if (alias == id) alias.clear();
  if (looksLikeId(alias)) {
    return Error(ErrorCode::KeyRole,
                 "the name " + shortKeyId(alias) + "… is a key id, but not that of key " + shortKeyId(id));
  }
  const TrustedKey* namesake = alias.empty() ? nullptr : byAlias(alias);
  if (namesake != nullptr && namesake->id != id) {
    return Error(ErrorCode::KeyRole, "the name " + alias + " is that of key " + shortKeyId(namesake->id) + " (" +
                                         namesake->source + "), and cannot be that of " + shortKeyId(id) + " too");
  }
  const auto known = keys_.find(id);
  if (known == keys_.end()) {
    if (keys_.size() >= limits::kTrustedKeys) {
      return Error(ErrorCode::LimitExceeded, "more than " + std::to_string(limits::kTrustedKeys) + " trusted keys");
    }
    const bool revoked = revoked_.contains(id);
    keys_.emplace(id, TrustedKey{id, key, std::move(alias), std::move(source), revoked});
    return {};
  }
  if (alias.empty() || alias == known->second.alias) return {};
  if (!known->second.alias.empty()) {
    return Error(ErrorCode::KeyRole, "key " + shortKeyId(id) + " has the name " + known->second.alias + " (" +
                                         known->second.source + "), and cannot be " + alias + " too");
  }
  known->second.alias = std::move(alias);
  return {};
}

void KeyRing::revoke(std::string_view id) {
  revoked_.emplace(id);
  if (const auto key = keys_.find(id); key != keys_.end()) key->second.revoked = true;
}

const TrustedKey* KeyRing::byId(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

const TrustedKey* KeyRing::byAlias(std::string_view alias) const {
  if (alias.empty()) return nullptr;
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const auto& key) { return key.second.alias == alias; });
  return found == keys_.end() ? nullptr : &found->second;
}

std::vector<TrustedKey> KeyRing::all() const {
  std::vector<TrustedKey> keys;
  for (const auto& [id, key] : keys_) keys.push_back(key);
  return keys;
}

Result<std::string> trustKey(Files& files, const Path& folder, std::string_view publicKeyText) {
  TENON_TRY(const PublicKeyBytes key, publicKeyFromText(publicKeyText));
  const std::string id = keyId(key), content = toPem(key);
  const Path file = folder / (id + std::string(kSuffix));
  if (const auto there = files.readAll(file, limits::kKeyFileBytes); there && *there == content) return id;

  TENON_CHECK(withContext("trust key " + shortKeyId(id), keep(files, file, content)));
  return id;
}

Result<void> revokeKey(Files& files, const Path& folder, std::string_view id) {
  if (!looksLikeId(id)) {
    return Error(ErrorCode::Usage, "\"" + std::string(id) + "\" is no key id").withHint("64 hex digits; tenon key list");
  }
  return withContext("revoke key " + shortKeyId(id),
                     keep(files, folder / (std::string(id) + std::string(kRevokedSuffix)), ""));
}

Result<std::vector<NamedKey>> parsePublicKeyList(std::string_view text) {
  std::vector<NamedKey> keys;
  text = trimmed(text);
  if (text.empty()) return keys;
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    TENON_TRY(NamedKey key, parseItem(trimmed(text.substr(at, comma - at)), keys.size() + 1));
    keys.push_back(std::move(key));
    if (keys.size() > limits::kTrustedKeys) return wrongItem(keys.size(), "more keys than a node may trust");
    at = comma + 1;
  }
  return keys;
}

}  // namespace tenon::host
