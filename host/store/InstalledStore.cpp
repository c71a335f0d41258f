#include "host/store/InstalledStore.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/contract/release/PackageManifest.h"
#include "host/store/SmallFile.h"

namespace tenon::host {
namespace {

std::optional<InstalledIndex> parseIfThere(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  auto parsed = InstalledIndex::parse(*text);
  return parsed ? std::optional(*std::move(parsed)) : std::nullopt;
}

template <class Record>
Result<Record> readRecord(Files& files, const Path& path) {
  TENON_TRY(const auto text, readSmallFile(files, path));
  if (!text) return Record{};
  return withContext(path.parent().text(), Record::parse(*text));
}

bool isStrayIdentity(const std::vector<FolderEntry>& entries, const FolderEntry& entry) {
  if (entry.kind != FileKind::File || !entry.name.ends_with(ServiceLayout::kIdentitySuffix)) return false;
  const auto platform = entry.name.substr(0, entry.name.size() - ServiceLayout::kIdentitySuffix.size());
  return std::none_of(entries.begin(), entries.end(), [&](const FolderEntry& other) { return other.name == platform; });
}

std::string removedName() { return "removed-" + uniqueSuffix(); }

}  // namespace

Result<InstalledIndex> InstalledStore::releases(HashFunction hash) const {
  TENON_TRY(const auto text, readSmallFile(files_, layout_.installed()));
  const auto known = parseIfThere(text);
  TENON_TRY(const auto trees, findBeside(known.value_or(InstalledIndex()), hash));
  InstalledIndex found;
  for (const auto& tree : trees) {
    if (tree.damage) return *tree.damage;
    found.releases.emplace(InstalledIndex::key(tree.release), tree.release);
  }
  const bool differs = !known || known->releases != found.releases;
  // A service of which nothing was ever installed gets no file for being asked.
  if (differs && (text || !found.releases.empty())) TENON_CHECK(write(found));
  return found;
}

// installed.json is only a help: what it can't say, the trees do.
Result<std::vector<InstalledStore::Found>> InstalledStore::find(HashFunction hash) const {
  const auto text = readSmallFile(files_, layout_.installed());
  return findBeside((text ? parseIfThere(*text) : std::nullopt).value_or(InstalledIndex()), hash);
}

Result<std::vector<InstalledStore::Found>> InstalledStore::findBeside(const InstalledIndex& known, HashFunction hash) const {
  std::vector<Found> all;
  TENON_TRY(const auto versions, listIfThere(files_, layout_.versions()));
  for (const auto& versionEntry : versions) {
    const auto version = SemVer::parse(versionEntry.name);
    if (versionEntry.kind != FileKind::Folder || !version) continue;
    TENON_TRY(const auto platforms, listIfThere(files_, layout_.version(*version)));
    for (const auto& platformEntry : platforms) {
      const auto platform = PlatformId::parse(platformEntry.name);
      if (platformEntry.kind != FileKind::Folder || !platform) continue;
      Found found{{*version, *platform, Digest()}, std::nullopt};
      if (const auto old = known.releases.find(InstalledIndex::key(found.release)); old != known.releases.end()) {
        found.release.manifestSha256 = old->second.manifestSha256;
      } else {
        const auto identity = identityOf(*version, *platform, hash);
        if (!identity && identity.error().code() == ErrorCode::NotFound) continue;  // no release
        if (identity) found.release.manifestSha256 = *identity;
        if (!identity) found.damage = identity.error();
      }
      all.push_back(std::move(found));
    }
  }
  return all;
}

Result<Digest> InstalledStore::identityOf(const SemVer& version, const PlatformId& platform, HashFunction hash) const {
  const auto manifest = files_.readAll(layout_.release(version, platform) / kManifestName, limits::kManifestBytes);
  if (manifest) return hash(*manifest);
  if (manifest.error().code() != ErrorCode::NotFound) return manifest.error();
  const auto path = layout_.identity(version, platform);
  TENON_TRY(const auto text, files_.readAll(path, limits::kJsonBytes));
  const auto read = [&]() -> Result<Digest> {
    TENON_TRY(const auto document, Json::parse(text));
    TENON_TRY(const auto member, document.member("sha256"));
    TENON_TRY(const auto hex, member.string());
    return Digest::parse(hex);
  };
  auto identity = read();
  if (!identity) return Error(ErrorCode::StateCorrupt, path.text() + ": " + identity.error().message());
  return identity;
}

Result<void> InstalledStore::writeIdentity(const InstalledRelease& release) const {
  const auto path = layout_.identity(release.version, release.platform);
  return record(path, JsonObject().set("sha256", release.manifestSha256.hex()).pretty());
}

Result<void> InstalledStore::record(const Path& path, const std::string& text) const {
  TENON_CHECK(files_.makeFolders(path.parent()));
  return writeAtomically(files_, path, text);
}

Result<void> InstalledStore::write(const InstalledIndex& index) const { return record(layout_.installed(), index.toJson()); }

Result<void> InstalledStore::forgetHashes() const { return removeDurably(files_, layout_.installed()); }

Result<WantedState> InstalledStore::wanted() const { return readRecord<WantedState>(files_, layout_.wanted()); }
Result<void> InstalledStore::write(const WantedState& wanted) const { return record(layout_.wanted(), wanted.toJson()); }
Result<ServicePolicy> InstalledStore::policy() const { return readRecord<ServicePolicy>(files_, layout_.policy()); }
Result<void> InstalledStore::write(const ServicePolicy& policy) const {
  TENON_CHECK(files_.makeFolders(layout_.folder()));
  // Where it is yet to be installed, and perhaps nothing is on this node.
  const Path services = layout_.folder().parent();
  TENON_CHECK(files_.syncFolder(services));
  TENON_CHECK(files_.syncFolder(services.parent()));
  return writeAtomically(files_, layout_.policy(), policy.toJson(), true);  // environments hold secrets
}
Result<RefusedReleases> InstalledStore::refused() const { return readRecord<RefusedReleases>(files_, layout_.refused()); }
Result<void> InstalledStore::write(const RefusedReleases& refused) const {
  return record(layout_.refused(), refused.toJson());
}

Result<LaunchPlan> InstalledStore::plan(const InstalledRelease& release) const {
  TENON_TRY(const auto text, files_.readAll(layout_.plan(release), limits::kPluginDocumentBytes));
  return LaunchPlan::parse(text);
}

Result<void> InstalledStore::write(const InstalledRelease& release, const LaunchPlan& plan) const {
  return record(layout_.plan(release), plan.toJson());
}

Result<void> InstalledStore::dropPlan(const InstalledRelease& release) const {
  return removeDurably(files_, layout_.plan(release));
}

Result<std::optional<IndexFloor>> InstalledStore::index(const InstalledRelease& release) const {
  TENON_TRY(const auto text, readSmallFile(files_, layout_.index(release)));
  if (!text) return std::optional<IndexFloor>();
  TENON_TRY(const auto floors, withContext(layout_.index(release).text(), TrustFloors::parse(*text)));
  const IndexFloor* floor = floors.index(release.platform);
  return floor ? std::optional(*floor) : std::nullopt;
}

Result<void> InstalledStore::write(const InstalledRelease& release, const IndexFloor& index) const {
  TrustFloors floors;
  floors.put(index);
  TENON_CHECK(record(layout_.index(release), floors.toJson()));
  return files_.syncFolder(layout_.folder());  // the first plan's folder is new
}

Result<void> InstalledStore::dropIndex(const InstalledRelease& release) const {
  return removeDurably(files_, layout_.index(release));
}

Result<std::optional<JournalRecord>> InstalledStore::journal() const {
  TENON_TRY(const auto text, readSmallFile(files_, layout_.journal()));
  if (!text) return std::optional<JournalRecord>();
  TENON_TRY(auto journal, withContext(layout_.folder().text(), JournalRecord::parse(*text)));
  return std::optional<JournalRecord>(std::move(journal));
}

Result<void> InstalledStore::write(const JournalRecord& journal) const {
  return record(layout_.journal(), journal.toJson());
}
Result<void> InstalledStore::dropJournal() const { return removeDurably(files_, layout_.journal()); }

// Each folder is listed once: a node asks this of every service when it starts.
Result<void> InstalledStore::clearStaging() const {
  TENON_TRY(const auto entries, listIfThere(files_, layout_.folder()));
  const auto has = [&](const Path& path) {
    return std::any_of(entries.begin(), entries.end(), [&](const FolderEntry& entry) { return entry.name == path.name(); });
  };
  if (has(layout_.staging())) TENON_CHECK(emptyStaging());
  TENON_CHECK(removeTemporaries(files_, layout_.folder(), entries));
  if (has(layout_.plans())) TENON_CHECK(removeTemporaries(files_, layout_.plans()));
  if (!has(layout_.versions())) return {};
  TENON_TRY(const auto versions, listIfThere(files_, layout_.versions()));
  for (const auto& entry : versions) {
    if (entry.kind == FileKind::Folder && SemVer::parse(entry.name))
      TENON_CHECK(sweepVersion(layout_.versions() / entry.name));
  }
  return {};
}

// An identity without its tree, and a folder without anything, are what an interrupted install or removal leaves.
Result<void> InstalledStore::sweepVersion(const Path& version) const {
  const auto entries = files_.list(version);
  if (!entries && entries.error().code() == ErrorCode::NotFound) return {};  // and perhaps no versions/ to make durable
  if (!entries) return entries.error();
  TENON_CHECK(removeTemporaries(files_, version, *entries));
  bool empty = true;
  for (const auto& entry : *entries) {
    if (entry.kind == FileKind::File && isTemporaryName(entry.name)) continue;
    if (isStrayIdentity(*entries, entry))
      TENON_CHECK(files_.removeFile(version / entry.name));
    else
      empty = false;
  }
  if (!empty) return {};
  TENON_CHECK(files_.removeTree(version));
  return files_.syncFolder(layout_.versions());
}

// Fails where the trash is on another disk, since the node's owner has put this service on one.
Result<void> InstalledStore::toTrash(const Path& tree) const {
  TENON_CHECK(files_.makeFolders(layout_.trash()));
  return files_.renameNew(tree, layout_.trash() / removedName());
}

Result<void> InstalledStore::moveAside(const Path& tree) const {
  if (!files_.exists(tree) || toTrash(tree)) return {};
  TENON_CHECK(files_.makeFolders(layout_.staging()));
  return files_.renameNew(tree, layout_.staging() / removedName());
}

Result<void> InstalledStore::emptyStaging() const {
  const auto left = files_.list(layout_.staging());
  if (left && !left->empty() && toTrash(layout_.staging())) return {};
  return files_.removeTree(layout_.staging());
}

Result<void> InstalledStore::removeRelease(const InstalledRelease& release) const {
  const auto tree = layout_.release(release);
  const auto version = layout_.version(release.version);
  const auto remove = [&]() -> Result<void> {
    // First of all, since it remembers hashes: other content may be installed under the same version later.
    TENON_CHECK(forgetHashes());
    TENON_CHECK(moveAside(tree));
    if (files_.exists(version)) {
      TENON_CHECK(files_.syncFolder(version));
    }
    TENON_CHECK(dropPlan(release));
    TENON_CHECK(dropIndex(release));
    TENON_CHECK(sweepVersion(version));
    return files_.removeTree(layout_.staging());  // one change at a time: nothing else is in it
  };
  return withContext("remove " + release.version.text() + " " + release.platform.text(), remove());
}

Result<std::vector<FolderEntry>> listIfThere(Files& files, const Path& folder) {
  auto entries = files.list(folder);
  if (!entries && entries.error().code() == ErrorCode::NotFound) return std::vector<FolderEntry>();
  return entries;
}

Result<std::vector<ServiceId>> listServices(Files& files, const PackageLayout& layout) {
  std::vector<ServiceId> services;
  TENON_TRY(const auto entries, listIfThere(files, layout.services()));
  for (const auto& entry : entries) {
    if (auto id = ServiceId::parse(entry.name); id && entry.kind == FileKind::Folder) services.push_back(*std::move(id));
  }
  std::sort(services.begin(), services.end());
  return services;
}

}  // namespace tenon::host
