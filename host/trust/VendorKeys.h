// Whose plugins run on this node, and which: each key of a vendor says what it may sign. Kept as <id>.json in trust/plugins,
// beside the release keys and apart from them: who may sign services may sign no plugin, and the other way round.
//
//   { "type": "tenon-vendor-key", "key": <base64 of the raw public key>, "name": "acme", "provides": ["lua"],
//     "in_process": false, "expires": "2027-01-01T00:00:00Z", "minimum": { "acme.lua": "1.2.0" }, "revoked": false }
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"
#include "host/base/Json.h"
#include "host/contract/SignedText.h"
#include "host/contract/release/SemVer.h"
#include "host/trust/KeyFile.h"

namespace tenon::host {

struct VendorKey {
  static constexpr std::string_view kAny = "*";

  PublicKeyBytes key{};
  std::string name;                   // for people; may be empty
  std::vector<std::string> provides;  // exec types; kAny: all
  bool inProcess = false;             // its plugins may run in the agent itself
  std::optional<WallTime> expires;    // what it signs is taken until then; what was installed before runs on
  std::map<std::string, SemVer, std::less<>> minimum;  // of a plugin by that name nothing older counts
  bool revoked = false;                                // for good

  std::string id() const { return keyId(key); }
  static Result<VendorKey> parse(std::string_view text);  // format-invalid
  std::string text() const;
  // The same without its type, and never revoked: what a node is asked to trust.
  static Result<VendorKey> read(const Json& members);
  JsonObject members() const;
};

// What a plugin's manifest says, which was signed.
struct PluginClaim {
  std::string name;
  SemVer version;
  std::vector<std::string> provides;
  std::string title() const { return name + " " + version.text(); }
};

// Any thread.
class VendorKeys {
 public:
  enum class Moment { Arrival, Start };  // Start: it was taken when it arrived, and starts again

  // Both outlive it. `folder` need not be there.
  VendorKeys(Files& files, const Clock& clock, Path folder) : files_(files), clock_(clock), folder_(std::move(folder)) {}

  // Reads the folder. After an error no key counts, and check() gives that error. format-invalid naming the file.
  Result<void> open();
  std::vector<VendorKey> all() const;  // by id

  // Durable on return; for a key that is there, its new scope. key-revoked where it was revoked; usage where it provides
  // nothing; limit-exceeded.
  Result<void> trust(VendorKey key);
  Result<void> revoke(std::string_view id);  // not-found

  // The key that signed these bytes and may sign this. Of several that say most: signature-invalid, key-revoked, key-role
  // (not scoped for it, or no more), downgrade-refused (below its minimum), key-unknown.
  Result<VendorKey> check(const SignedText& manifest, const PluginClaim& claim, Moment moment) const;

 private:
  Result<void> keep(const VendorKey& key);

  Files& files_;
  const Clock& clock_;
  const Path folder_;
  mutable std::mutex mutex_;  // of all below
  std::map<std::string, VendorKey, std::less<>> keys_;
  std::optional<Error> fault_;
};

}  // namespace tenon::host
