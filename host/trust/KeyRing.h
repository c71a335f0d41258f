// The release keys that this node trusts (mode `keys`) [origin]: a signature by one of them is enough.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/trust/KeyFile.h"

namespace tenon::host {

struct TrustedKey {
  std::string id;
  PublicKeyBytes key;
  std::string alias;   // the origin's name for it; valid on artifact signatures only
  std::string source;  // where it came from: a file, SERVICE_PACKAGE_PUBLIC_KEYS
  bool revoked = false;
};

// Built once, then read-only: any thread.
class KeyRing {
 public:
  // Reads every *.pub of the folder; a missing folder is an empty ring. <id>.pub must hold the key of that id; any other
  // name is the key's alias. <id>.revoked says that this key is revoked. Error: format-invalid naming the file, key-role.
  static Result<KeyRing> load(Files& files, const Path& folder);

  // key-role where the alias names another key, looks like an id that is not this key's, or the key has another alias
  // already.
  Result<void> add(const PublicKeyBytes& key, std::string alias, std::string source);
  void revoke(std::string_view id);  // for good, also when the key is added after it

  bool isRevoked(std::string_view id) const { return revoked_.contains(id); }
  const TrustedKey* byId(std::string_view id) const;
  const TrustedKey* byAlias(std::string_view alias) const;
  std::vector<TrustedKey> all() const;
  bool empty() const { return keys_.empty(); }

 private:
  std::map<std::string, TrustedKey, std::less<>> keys_;
  std::set<std::string, std::less<>> revoked_;
};

// Puts a public key into the folder as <id>.pub, durably; the same key twice is fine. Answers the id.
Result<std::string> trustKey(Files& files, const Path& folder, std::string_view publicKeyText);

// Marks a key of the folder as revoked, durably and for good; it need not be there. Error: usage where it is no id.
Result<void> revokeKey(Files& files, const Path& folder, std::string_view id);

inline constexpr std::string_view kPublicKeysVariable = "SERVICE_PACKAGE_PUBLIC_KEYS";

struct NamedKey {
  PublicKeyBytes key;
  std::string alias;  // may be empty
};
// What SERVICE_PACKAGE_PUBLIC_KEYS holds [origin]: base64 of raw 32-byte public keys, separated by commas; "name=base64"
// gives a key the name by which artifact signatures call it. Nothing but white space is an empty list. Error:
// format-invalid.
Result<std::vector<NamedKey>> parsePublicKeyList(std::string_view text);

}  // namespace tenon::host
