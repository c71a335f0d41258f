// Whom this node believes: by a list of keys (mode `keys` [origin]), or by the root that was pinned on it (mode `root`).
// Step 2 of an installation: follows the roots, fetches the index, checks both against what is remembered; and step 12:
// remembers. In mode `root` a hub decides nothing: it can only withhold.
//
// Any thread. A trust/ that cannot be read leaves everything running and refuses what would be installed.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/base/Clock.h"
#include "host/contract/release/ReleaseIndex.h"
#include "host/package/HubClient.h"
#include "host/package/trust/FollowedRoots.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

// What may be installed, and by whose word.
struct Offer {
  HubVariant variant;
  std::optional<Digest> manifestSha256;  // that the index names; nothing in mode `keys`
  std::optional<IndexFloor> index;       // the index it stands in, to be remembered
  std::string told;                      // "root 2, index 418 expires 2026-…"; "" in mode `keys`
};

// A package whose signature was checked, or a release that lies here already.
struct Candidate {
  Release release;
  Digest identity;
  std::optional<std::uint64_t> sequence;  // of MANIFEST; nothing where there is none
};

struct TrustStatus {
  bool byRoot = false;  // also where trust/ cannot be read: then nothing counts
  std::optional<RootDocument> root;
  std::vector<TrustedKey> keys;  // mode `keys`
  TrustFloors floors;
  std::optional<Error> fault;  // why nothing can be installed
};

class NodeTrust {
 public:
  // All outlive this. `verifier` is told whose signatures count.
  struct Collaborators {
    Files& files;
    const Clock& clock;
    SignatureVerifier& verifier;
  };
  // `platforms`: the adapter's, best first. `builtAt`: no machine's clock is right that is before it.
  NodeTrust(Collaborators with, PackageLayout layout, std::vector<std::string> platforms, WallTime builtAt)
      : with_(with),
        layout_(std::move(layout)),
        store_(with.files, layout_),
        platforms_(std::move(platforms)),
        builtAt_(builtAt) {}

  // Reads trust/. `keys`: whom mode `keys` believes; not used where a root is pinned.
  void open(KeyRing keys);
  TrustStatus status() const;

  // What the hub has for this node; null: none is configured, which is a usage error. not-found, platform-unsupported,
  // network-*; in mode `root` also whatever is wrong with root or index: signature-invalid, threshold-unmet, key-*,
  // format-invalid, binding-mismatch, metadata-rollback, metadata-equivocation, metadata-expired, release-revoked.
  Result<Offer> offer(HubClient* hub, const ReleaseSpec& wanted);

  // May it be installed? binding-mismatch (another MANIFEST than the index names), release-revoked, downgrade-refused (below
  // the floor), signature-invalid (no MANIFEST, where there was one before).
  Result<void> admit(const Offer& offer, const Candidate& candidate, bool allowDowngrade) const;
  // For what lies here and is to run again. release-revoked; what is wrong with the roots where they cannot be read.
  Result<void> checkNotRevoked(const ServiceId& service, const SemVer& version) const;
  // Once a release has proven healthy. Durable on return.
  Result<void> remember(const std::optional<ReleaseFloor>& release, const std::optional<IndexFloor>& index);

  // Mode `keys`: from now on, durably. usage in mode `root`, where the root alone names keys.
  Result<std::string> trustKey(std::string_view publicKeyText);  // → its id
  Result<void> revokeKey(std::string_view id);

 private:
  Result<void> usable() const;
  Result<bool> rootCounts() const;
  Result<Offer> offerByKeys(HubClient& hub, const ReleaseSpec& wanted);
  Result<void> followRoots(HubClient& hub);
  Result<Offer> offerByIndex(HubClient& hub, const ReleaseSpec& wanted, const PlatformId& platform);
  Result<Offer> choose(const ReleaseSpec& wanted, const ReleaseIndex& index, IndexFloor seen) const;
  Result<ReleaseIndex> readIndex(const PlatformId& platform, const SignedText& document, IndexFloor& seen);
  WallTime now(const TrustFloors& floors) const;
  Result<void> keysAreOurs() const;

  Collaborators with_;
  PackageLayout layout_;
  TrustStore store_;
  std::vector<std::string> platforms_;
  WallTime builtAt_;

  std::mutex following_;
  mutable std::mutex mutex_;
  KeyRing keys_;
  std::optional<FollowedRoots> roots_;
  std::optional<Error> fault_;
};

}  // namespace tenon::host
