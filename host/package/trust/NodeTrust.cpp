#include "host/package/trust/NodeTrust.h"

#include <algorithm>

#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

// The hub may change its index between our two requests for it and its signature.
constexpr int kIndexAttempts = 3;

Error revokedRelease(const std::string& what, std::uint64_t root) {
  return Error(ErrorCode::ReleaseRevoked, what + " is revoked by root " + std::to_string(root))
      .withHint("install another version; tenon trust show lists what is revoked");
}

// A floor counts as long as those who signed its index could sign one today.
bool counts(const IndexFloor& floor, const RoleKeys& role) {
  const auto known = std::count_if(floor.signedBy.begin(), floor.signedBy.end(),
                                   [&](const std::string& id) { return role.keys.contains(id); });
  return static_cast<std::size_t>(known) >= role.threshold;
}

Result<void> checkFloor(const IndexFloor& seen, const IndexFloor* floor, const RoleKeys& role, const std::string& what) {
  if (floor == nullptr || !counts(*floor, role)) return {};
  if (seen.sequence < floor->sequence) {
    return Error(ErrorCode::MetadataRollback, what + " is number " + std::to_string(seen.sequence) +
                                                  "; this node has used number " + std::to_string(floor->sequence))
        .withHint("the hub shows an older list: was it restored from a backup? docs/trust.md, Recovery");
  }
  if (seen.sequence == floor->sequence && seen.sha256 != floor->sha256) {
    return Error(ErrorCode::MetadataEquivocation,
                 what + ", number " + std::to_string(seen.sequence) + ", is another than the one that this node has used")
        .withHint("two lists under one number: check the hub, and who has its index key");
  }
  return {};
}

}  // namespace

void NodeTrust::open(KeyRing keys) {
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
  auto roots = FollowedRoots::open(with_.files, layout_);
  if (!roots) {
    fault_ = std::move(roots).error().withContext(
        "this node's trust cannot be read, and nothing is installed before it is mended");
    with_.verifier.trust({});
    return;
  }
  roots_.emplace(*std::move(roots));
  with_.verifier.trust(roots_->inForce() ? ReleaseSigners::of(*roots_->inForce()) : ReleaseSigners{.keys = keys_});
  if (const auto floors = store_.floors(); !floors) fault_ = floors.error();
}

TrustStatus NodeTrust::status() const {
  const std::lock_guard lock(mutex_);
  TrustStatus status{.byRoot = !roots_ || roots_->inForce(), .root = {}, .keys = {}, .floors = {}, .fault = fault_};
  if (roots_ && roots_->inForce()) status.root = *roots_->inForce();
  if (!status.byRoot) status.keys = keys_.all();
  if (auto floors = store_.floors()) status.floors = *std::move(floors);
  return status;
}

Result<void> NodeTrust::usable() const {
  if (fault_) return *fault_;
  return {};
}

Result<Offer> NodeTrust::offer(HubClient* hub, const ReleaseSpec& wanted) {
  if (hub == nullptr) return noHub();
  TENON_TRY(const bool root, rootCounts());
  if (!root) return offerByKeys(*hub, wanted);
  TENON_CHECK(followRoots(*hub));
  std::optional<Error> first;
  for (const auto& text : platforms_) {
    TENON_TRY(const auto platform, PlatformId::parse(text));
    auto found = offerByIndex(*hub, wanted, platform);
    if (found || found.error().code() != ErrorCode::NotFound) return found;
    if (!first) first = found.error();
  }
  return first ? *std::move(first) : Error(ErrorCode::PlatformUnsupported, "this node runs no platform");
}

Result<bool> NodeTrust::rootCounts() const {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(usable());
  return roots_->inForce() != nullptr;
}

Result<Offer> NodeTrust::offerByKeys(HubClient& hub, const ReleaseSpec& wanted) {
  // All platforms, so that one that is not ours can be named in the answer.
  TENON_TRY(const auto index, hub.list(wanted.service, {}));
  TENON_TRY(auto variant, index.choose(wanted, platforms_));
  return Offer{.variant = std::move(variant), .manifestSha256 = {}, .index = {}, .told = {}};
}

// One at a time, and never while the hub is asked with the state held: a hub that is slow slows nobody who only looks.
Result<void> NodeTrust::followRoots(HubClient& hub) {
  const std::lock_guard one(following_);
  std::uint64_t version = status().root->version;
  for (std::size_t step = 0; step < limits::kRootSteps; ++step) {
    const auto next = hub.root(++version);
    if (!next && next.error().code() == ErrorCode::NotFound) return {};
    if (!next) return next.error();
    const std::lock_guard lock(mutex_);
    TENON_CHECK(roots_->follow(*next));
    with_.verifier.trust(ReleaseSigners::of(*roots_->inForce()));
  }
  return Error(ErrorCode::LimitExceeded, "the hub has more than " + std::to_string(limits::kRootSteps) + " further roots");
}

Result<Offer> NodeTrust::offerByIndex(HubClient& hub, const ReleaseSpec& wanted, const PlatformId& platform) {
  for (int attempt = 1;; ++attempt) {
    TENON_TRY(const auto document, hub.index(platform));
    const std::lock_guard lock(mutex_);
    IndexFloor seen{.platform = platform, .sequence = 0, .sha256 = {}, .issued = {}, .signedBy = {}};
    const auto index = readIndex(platform, document, seen);
    if (index) return choose(wanted, *index, std::move(seen));
    if (index.error().code() != ErrorCode::SignatureInvalid || attempt == kIndexAttempts) return index.error();
  }
}

Result<Offer> NodeTrust::choose(const ReleaseSpec& wanted, const ReleaseIndex& index, IndexFloor seen) const {
  const RootDocument& root = *roots_->inForce();
  TENON_TRY(const auto chosen,
            index.choose(wanted, [&](const auto& each) { return root.isRevoked(each.service, each.version); }));
  Release release{chosen.service, chosen.version, index.platform};
  if (root.isRevoked(release.service, release.version)) return revokedRelease(release.text(), root.version);
  HubVariant variant{.release = release,
                     .url = downloadUrl(release),
                     .sha256 = chosen.sha256,
                     .sizeBytes = chosen.sizeBytes,
                     .etag = {},
                     .signature = {}};
  return Offer{.variant = std::move(variant),
               .manifestSha256 = chosen.manifestSha256,
               .index = std::move(seen),
               .told = "root " + std::to_string(root.version) + ", index " + std::to_string(index.sequence) + " expires " +
                       formatTime(index.expires)};
}

Result<ReleaseIndex> NodeTrust::readIndex(const PlatformId& platform, const SignedText& document, IndexFloor& seen) {
  const std::string what = "the index for " + platform.text();
  const RootDocument& root = *roots_->inForce();
  TENON_TRY(seen.signedBy, checkSigned(root, TrustRole::Index, document, what));
  TENON_TRY(auto index, withContext(what, ReleaseIndex::parse(document.text)));
  if (index.platform != platform) {
    return Error(ErrorCode::BindingMismatch, what + " is that for " + index.platform.text())
        .withHint("the hub serves it under a wrong name");
  }
  seen.sequence = index.sequence;
  seen.sha256 = sha256(document.text);
  seen.issued = index.issued;
  TENON_TRY(const auto floors, store_.floors());
  TENON_CHECK(checkFloor(seen, floors.index(platform), root.role(TrustRole::Index), what));
  if (const WallTime time = now(floors); index.expires <= time) {
    return Error(ErrorCode::MetadataExpired,
                 what + " has expired at " + formatTime(index.expires) + "; it is " + formatTime(time))
        .withHint("check this machine's clock, then the hub: does it have its index key?");
  }
  return index;
}

// The system's time may be wrong, but not so wrong that this program was not built yet, nor that a hub has already signed
// later (a day at most, so that no signature can push the clock).
WallTime NodeTrust::now(const TrustFloors& floors) const {
  const WallTime system = with_.clock.wall();
  WallTime latest = std::max(system, builtAt_);
  for (const auto& floor : floors.indexes) {
    const bool believed = counts(floor, roots_->inForce()->role(TrustRole::Index));
    if (believed && floor.issued <= system + limits::kSignedTimeAhead) latest = std::max(latest, floor.issued);
  }
  return latest;
}

Result<void> NodeTrust::admit(const Offer& offer, const Candidate& candidate, bool allowDowngrade) const {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(usable());
  const Release& release = candidate.release;
  TENON_TRY(const auto floors, store_.floors());
  if (!candidate.sequence && floors.knows(release.service)) {
    return Error(ErrorCode::SignatureInvalid,
                 release.text() + " has no MANIFEST; " + release.service.text() +
                     " was installed by MANIFEST before, and an artifact signature is not enough")
        .withHint("ask its author for a package made by tenon pack");
  }
  const RootDocument* root = roots_->inForce();
  if (root == nullptr) return {};
  if (root->isRevoked(release.service, release.version)) return revokedRelease(release.text(), root->version);
  if (offer.manifestSha256 && *offer.manifestSha256 != candidate.identity) {
    return Error(ErrorCode::BindingMismatch, "the index names another MANIFEST of " + release.text())
        .withHint("the hub serves another package than it lists");
  }
  const ReleaseFloor* floor = floors.release(release.service, release.platform);
  const ReleaseFloor self{release.service, release.platform, candidate.sequence.value_or(0), release.version};
  if (floor == nullptr || allowDowngrade || !self.isBelow(*floor)) return {};
  return Error(ErrorCode::DowngradeRefused, release.version.text() + " (sequence " + std::to_string(self.sequence) +
                                                ") is older than " + floor->version.text() + " (sequence " +
                                                std::to_string(floor->sequence) + "), which ran here")
      .withHint("tenon rollback " + release.service.text() +
                " goes back to the release before; --allow-downgrade installs this one");
}

Result<void> NodeTrust::checkNotRevoked(const ServiceId& service, const SemVer& version) const {
  const std::lock_guard lock(mutex_);
  if (!roots_) return usable();  // unread roots: a release might come back that was revoked
  const RootDocument* root = roots_->inForce();
  if (root == nullptr || !root->isRevoked(service, version)) return {};
  return revokedRelease(service.text() + " " + version.text(), root->version);
}

Result<void> NodeTrust::remember(const std::optional<ReleaseFloor>& release, const std::optional<IndexFloor>& index) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(usable());
  TENON_TRY(auto floors, store_.floors());
  bool changed = release && floors.raise(*release);
  if (index && roots_->inForce()) {  // a note of an index may outlast the root that it came by
    const auto* known = floors.index(index->platform);
    const bool stays =
        known != nullptr && counts(*known, roots_->inForce()->role(TrustRole::Index)) && known->sequence >= index->sequence;
    if (!stays) floors.put(*index);
    changed = changed || !stays;
  }
  return changed ? store_.write(floors) : Result<void>{};
}

Result<void> NodeTrust::keysAreOurs() const {
  TENON_CHECK(usable());
  if (!roots_->inForce()) return {};
  return Error(ErrorCode::Usage, "this node trusts by root " + std::to_string(roots_->inForce()->version) +
                                     ", which alone says what keys count")
      .withHint("change the root: tenon trust rotate");
}

Result<std::string> NodeTrust::trustKey(std::string_view publicKeyText) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(keysAreOurs());
  TENON_TRY(const auto key, publicKeyFromText(publicKeyText));
  const std::string id = keyId(key);
  if (keys_.isRevoked(id)) {
    return Error(ErrorCode::KeyRevoked, "key " + shortKeyId(id) + " was revoked on this node, and stays so")
        .withHint("trust another key");
  }
  TENON_TRY(auto kept, tenon::host::trustKey(with_.files, layout_.trustedKeys(), publicKeyText));
  TENON_CHECK(keys_.add(key, "", (layout_.trustedKeys() / (id + ".pub")).text()));
  with_.verifier.trust({.keys = keys_});
  return kept;
}

Result<void> NodeTrust::revokeKey(std::string_view id) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(keysAreOurs());
  TENON_CHECK(tenon::host::revokeKey(with_.files, layout_.trustedKeys(), id));
  keys_.revoke(id);
  with_.verifier.trust({.keys = keys_});
  return {};
}

}  // namespace tenon::host
