// The release keys that this node trusts (mode `keys`) [origin]: a signature by one of them is enough.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/trust/KeyFile.h"

namespace tenon::host {

struct TrustedKey {
  std::string id;
  PublicKeyBytes key;
  std::string alias;     // the origin's name for it; valid on artifact signatures only
  std::string source;    // where it came from: a file, SERVICE_PACKAGE_PUBLIC_KEYS
  bool revoked = false;
};

// Built once, then read-only: any thread.
class KeyRing {
 public:
  // Reads every *.pub of the folder; a missing folder is an empty ring. Error: format-invalid naming the file.
  static Result<KeyRing> load(Files& files, const Path& folder);

  // key-role where an alias or id is taken by another key.
  Result<void> add(const PublicKeyBytes& key, std::string alias, std::string source);
  void revoke(std::string_view id);

  const TrustedKey* byId(std::string_view id) const;
  const TrustedKey* byAlias(std::string_view alias) const;
  std::vector<TrustedKey> all() const;
  bool empty() const { return keys_.empty(); }

 private:
  std::map<std::string, TrustedKey, std::less<>> keys_;
};

// Puts a public key into the folder as <id>.pub, durably; the same key twice is fine.
Result<std::string> trustKey(Files& files, const Path& folder, std::string_view publicKeyText);

}  // namespace tenon::host
