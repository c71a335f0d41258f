#include "host/hub/HubTrust.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Text.h"
#include "host/store/SmallFile.h"

namespace tenon::host {
Result<std::unique_ptr<HubTrust>> HubTrust::open(Collaborators with, const Path& data, IndexKeys keys) {
  TENON_TRY(auto roots, FollowedRoots::open(with.files, PackageLayout(data)));
  std::unique_ptr<HubTrust> trust(new HubTrust(with, data, std::move(keys), std::move(roots)));
  if (trust->keys_.keys.empty()) return trust;
  if (const auto may = trust->mayIndex(); !may) with.log.error("hub: no index: " + may.error().message());
  return trust;
}

Result<bool> HubTrust::take(const SignedText& root) {
  const std::lock_guard lock(mutex_);
  TENON_TRY(const bool isNew, roots_.take(root));
  if (!isNew) return false;
  indexes_.clear();
  with_.log.info("hub: root " + std::to_string(roots_.inForce()->version) + " is in force");
  return true;
}

Result<SignedText> HubTrust::root(std::uint64_t version) const {
  {
    const std::lock_guard lock(mutex_);
    const bool known = roots_.inForce() != nullptr && version <= roots_.inForce()->version;
    if (!known) return Error(ErrorCode::NotFound, "this hub has no root " + std::to_string(version));
  }
  return readSigned(with_.files, layout_.root(version), limits::kRootBytes);
}

Result<void> HubTrust::mayIndex() const {
  if (roots_.inForce() == nullptr) {
    return Error(ErrorCode::NotFound, "this hub has no root, which says who may sign an index")
        .withHint("tenon trust publish ROOT.json --hub URL --token-file FILE");
  }
  const RoleKeys& role = roots_.inForce()->role(TrustRole::Index);
  const auto known = std::count_if(keys_.keys.begin(), keys_.keys.end(),
                                   [&](const auto& key) { return role.keys.contains(keyId(publicKeyOf(key))); });
  if (static_cast<std::size_t>(known) >= role.threshold) return {};
  return Error(ErrorCode::KeyRole,
               "root " + std::to_string(roots_.inForce()->version) + " does not let this hub's keys (" +
                   joined(keys_.keys, [](const auto& key) { return shortKeyId(keyId(publicKeyOf(key))); }) +
                   ") sign an index")
      .withHint("give the hub an index key of that root: tenon hub serve --index-key FILE.key");
}

Result<std::shared_ptr<const SignedText>> HubTrust::index(const PlatformId& platform) {
  if (keys_.keys.empty()) {
    return Error(ErrorCode::NotFound, "this hub has no index: it has no key for one")
        .withHint("tenon hub serve --index-key FILE.key");
  }
  const std::lock_guard lock(mutex_);
  const auto kept = indexes_.find(platform.text());
  if (kept != indexes_.end() && kept->second.generation == with_.catalog.generation() &&
      with_.clock.wall() < kept->second.renewAt) {
    return kept->second.document;
  }
  TENON_CHECK(mayIndex());
  TENON_TRY(auto signedIndex, sign(platform));
  auto document = signedIndex.document;
  indexes_.insert_or_assign(platform.text(), std::move(signedIndex));
  return document;
}

Result<HubTrust::Kept> HubTrust::sign(const PlatformId& platform) const {
  const Path file = folder_ / (platform.text() + ".json");
  const WallTime now = with_.clock.wall();
  Kept kept{.document = {}, .generation = with_.catalog.generation(), .renewAt = now + keys_.lifetime / 2};
  ReleaseIndex index{.platform = platform};
  index.releases = with_.catalog.indexed(platform);
  if (index.releases.empty()) return Error(ErrorCode::NotFound, "this hub has nothing for " + platform.text());
  index.issued = now;
  index.expires = now + keys_.lifetime;
  TENON_TRY(index.sequence, nextSequence(file));
  SignedText document{.text = index.text(), .signatures = {}};
  document.signatures = toSignatureFile(signaturesOf(keys_.keys, document.text));
  TENON_CHECK(with_.files.makeFolders(folder_));
  TENON_CHECK(with_.files.syncFolder(folder_.parent()));
  TENON_CHECK(removeTemporaries(with_.files, folder_));
  TENON_CHECK(writeAtomically(with_.files, signatureFileOf(file), document.signatures));
  TENON_CHECK(writeAtomically(with_.files, file, document.text));
  kept.document = std::make_shared<const SignedText>(std::move(document));
  return kept;
}

// After the one that was written last, whoever signed it: a sequence is never used twice.
Result<std::uint64_t> HubTrust::nextSequence(const Path& file) const {
  TENON_TRY(const auto text, readSmallFile(with_.files, file));
  if (!text) return std::uint64_t{1};
  const auto last = ReleaseIndex::parse(*text);
  if (last && last->sequence < static_cast<std::uint64_t>(INT64_MAX)) return last->sequence + 1;
  return Error(ErrorCode::StateCorrupt,
               file.text() + (last ? " has the last sequence that there is" : ": " + last.error().message()))
      .withHint("remove that file, and rotate the index key: nodes then begin anew with it (docs/trust.md, Recovery)");
}

}  // namespace tenon::host
