#include "host/driver/package/NodePlugins.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"

namespace tenon::host {

namespace {

bool isLower(const std::string& version, const std::string& than) {
  const auto one = SemVer::parse(version), other = SemVer::parse(than);
  return one && other && one->precedence(*other) < 0;
}

Result<void> copy(Files& files, const ByteSource& from, Files::Handle folder, const std::string& name) {
  TENON_TRY(auto file, WriteFile::create(files, folder, name));
  std::string piece;
  for (std::uint64_t at = 0; at < from.size(); at += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(limits::MiB, from.size() - at)));
    TENON_CHECK(from.readExactly(at, piece));
    TENON_CHECK(file.append(piece));
  }
  return {};
}

Result<void> put(Files& files, std::string_view text, Files::Handle folder, const std::string& name) {
  TENON_TRY(auto file, WriteFile::create(files, folder, name));
  return file.append(text);
}

// As an error of the change that wanted it.
Error refusal(const Plugin& plugin) {
  const bool incompatible = plugin.state == PluginState::Incompatible || plugin.state == PluginState::Broken;
  return Error(incompatible ? ErrorCode::DriverIncompatible : ErrorCode::PlatformUnsupported, plugin.why);
}

}  // namespace

void NodePlugins::open() {
  if (const auto keys = with_.vendors.open(); !keys) with_.log.error("vendors' keys: " + keys.error().message());
  sweep();
  const auto kept = list();
  if (!kept) return with_.log.error("installed plugins: " + kept.error().message());
  for (const auto& each : *kept) {
    const Plugin plugin = load(each);
    with_.drivers.add(plugin);
    if (plugin.state == PluginState::Ready) continue;
    with_.log.warning("plugin " + plugin.path + " is " + std::string(name(plugin.state)) + ": " + plugin.why);
  }
}

// What was being put here when an agent died, and what could not go while it was loaded.
void NodePlugins::sweep() const {
  const auto entriesOf = [&](const Path& folder) { return with_.files.list(folder).value_or(std::vector<FolderEntry>{}); };
  for (const auto& entry : entriesOf(folder_)) {
    const Path path = folder_ / entry.name;
    if (isTemporaryName(entry.name)) (void)with_.files.removeTree(path);
    if (isTemporaryName(entry.name) || entry.kind != FileKind::Folder) continue;
    for (const auto& version : entriesOf(path)) {
      if (!with_.files.exists(filesOf({entry.name, version.name}).signature))
        (void)with_.files.removeTree(path / version.name);
    }
  }
}

Result<std::vector<std::string>> NodePlugins::versionsOf(const std::string& name) const {
  const auto entries = with_.files.list(folder_ / name);
  if (!entries && entries.error().code() == ErrorCode::NotFound) return std::vector<std::string>{};
  if (!entries) return entries.error();
  std::vector<std::string> versions;
  for (const auto& entry : *entries) {
    if (with_.files.exists(filesOf({name, entry.name}).signature)) versions.push_back(entry.name);
  }
  std::sort(versions.begin(), versions.end(), isLower);
  return versions;
}

Result<std::vector<NodePlugins::Kept>> NodePlugins::list() const {
  std::vector<Kept> all;
  const auto entries = with_.files.list(folder_);
  if (!entries && entries.error().code() == ErrorCode::NotFound) return all;
  if (!entries) return entries.error();
  for (const auto& entry : *entries) {
    if (entry.kind != FileKind::Folder || isTemporaryName(entry.name)) continue;
    TENON_TRY(const auto versions, versionsOf(entry.name));
    for (const auto& version : versions) all.push_back({entry.name, version});
  }
  return all;
}

Plugin NodePlugins::load(const Kept& plugin) const {
  return with_.loader.load(filesOf(plugin).library, PluginLoader::Trust::Kept);
}

Result<NodePlugins::Arrival> NodePlugins::read(const Path& library) const {
  TENON_TRY(const auto at, PluginFiles::of(library));
  Arrival arrival;
  if (!with_.files.exists(at.signature)) {
    return Error(ErrorCode::SignatureInvalid,
                 at.library.name() + " is not signed: " + at.signature.name() + " is not beside it")
        .withHint("its vendor signs it: tenon plugin sign " + at.library.name() + " --key SECRET.key");
  }
  TENON_TRY(arrival.text, at.signedManifest(with_.files));
  TENON_TRY(arrival.manifest, withContext(at.manifest.name(), PluginManifest::parse(arrival.text.text)));
  const auto& manifest = arrival.manifest;
  TENON_TRY(const auto claim, manifest.claim());
  TENON_TRY(const auto key, with_.vendors.check(arrival.text, claim, VendorKeys::Moment::Arrival));
  arrival.signedBy = key.id();
  if (manifest.family != "runtime-driver") {
    return Error(ErrorCode::Usage,
                 manifest.title() + " is a " + manifest.family + ": only runtime drivers are installed on a node");
  }
  if (!manifest.sha256) {
    return Error(ErrorCode::SignatureInvalid, at.manifest.name() + " was signed without the hash of its library")
        .withHint("tenon plugin sign puts it there");
  }
  TENON_TRY(arrival.library, SealedLibrary::open(with_.files, at.library, *manifest.sha256));
  return arrival;
}

// A name belongs to whom it came from first: services pin plugins by it.
Result<void> NodePlugins::checkName(const Arrival& arrival, const std::vector<std::string>& versions) const {
  for (const auto& info : with_.drivers.list(DriverCatalog::Look::Away)) {
    if (info.name != arrival.manifest.name) continue;
    const Path path(info.path);
    if (path.parent().parent() == folder_ / info.name) continue;
    return Error(ErrorCode::AlreadyExists, "there is a plugin " + info.name + " already, " + info.path)
        .withHint("plugins of vendors have names of their own, as acme." + info.name);
  }
  for (const auto& version : versions) {
    const auto there = filesOf({arrival.manifest.name, version}).signedManifest(with_.files);
    if (!there) continue;
    const auto manifest = PluginManifest::parse(there->text);
    if (!manifest) continue;
    TENON_TRY(const auto claim, manifest->claim());
    const auto key = with_.vendors.check(*there, claim, VendorKeys::Moment::Start);
    if (!key || key->id() == arrival.signedBy) continue;
    return Error(ErrorCode::KeyRole, manifest->title() + " on this node is signed by key " + shortKeyId(key->id()) +
                                         ", and this by " + shortKeyId(arrival.signedBy))
        .withHint("tenon plugin remove " + manifest->name + ", if it now comes from another vendor");
  }
  return {};
}

std::vector<std::string> NodePlugins::rivalsOf(const PluginManifest& manifest) const {
  std::vector<std::string> titles;
  for (const auto& info : with_.drivers.list(DriverCatalog::Look::Away)) {
    const bool itself = info.name == manifest.name && info.version == manifest.version;
    const bool rival = std::any_of(info.provides.begin(), info.provides.end(), [&](const std::string& type) {
      return std::find(manifest.provides.begin(), manifest.provides.end(), type) != manifest.provides.end();
    });
    if (!itself && rival && !info.hosting.empty()) titles.push_back(info.name + " " + info.version);
  }
  return titles;
}

Result<void> NodePlugins::write(const Arrival& arrival) const {
  Files& files = with_.files;
  const Kept kept = arrival.kept();
  const Path target = folderOf(kept), staging = temporaryBeside(folder_ / kept.name);
  const PluginFiles names(Path(), kept.name);
  const auto work = [&]() -> Result<void> {
    TENON_CHECK(files.makePrivateFolders(staging));
    TENON_TRY(auto barrier, Barrier::open(files, staging));
    TENON_TRY(const auto folder, OpenFolder::open(files, staging));
    TENON_CHECK(copy(files, arrival.library->bytes(), folder.handle(), names.library.name()));
    TENON_CHECK(put(files, arrival.text.text, folder.handle(), names.manifest.name()));
    TENON_CHECK(put(files, arrival.text.signatures, folder.handle(), names.signature.name()));
    TENON_CHECK(barrier.sync());
    TENON_CHECK(files.makePrivateFolders(target.parent()));
    TENON_CHECK(files.removeTree(target));            // of a removal
    TENON_CHECK(files.syncFolder(folder_.parent()));  // of the first plugin that folder is new as well
    TENON_CHECK(files.syncFolder(folder_));
    return files.renameNew(staging, target);
  };
  if (const auto done = work(); !done) {
    (void)files.removeTree(staging);
    return done;
  }
  return files.syncFolder(target.parent());
}

// Without its signature it is gone; a library that runs in this process may stay on the disk until the agent starts again.
Result<void> NodePlugins::erase(const Kept& plugin) const {
  TENON_CHECK(removeDurably(with_.files, filesOf(plugin).signature));
  with_.drivers.remove(plugin.name, plugin.version);
  (void)with_.files.removeTree(folderOf(plugin));
  return {};
}

Result<InstalledPlugin> NodePlugins::install(const Path& library, const PluginInstallOptions& options) {
  const std::lock_guard lock(changing_);
  TENON_TRY(const auto arrival, read(library));
  const Kept kept = arrival.kept();
  TENON_TRY(const auto versions, versionsOf(kept.name));
  TENON_CHECK(checkName(arrival, versions));
  InstalledPlugin installed{.manifest = arrival.manifest, .signedBy = arrival.signedBy, .replaced = {}, .rivals = {}};
  if (std::find(versions.begin(), versions.end(), kept.version) != versions.end()) {
    const auto there = filesOf(kept).signedManifest(with_.files);
    if (there && there->text == arrival.text.text) return installed.isNew = false, installed;
    return Error(ErrorCode::AlreadyExists, arrival.manifest.title() + " is installed here, with other content")
        .withHint("a vendor gives each build a version of its own; tenon plugin remove " + kept.name + "@" + kept.version);
  }
  if (!versions.empty() && !options.beside && !options.allowDowngrade && isLower(kept.version, versions.back())) {
    return Error(ErrorCode::DowngradeRefused, kept.name + " " + versions.back() + " is installed, which is newer")
        .withHint("--allow-downgrade goes back to it; --beside keeps both, for services that pin one");
  }
  TENON_CHECK(withContext("install " + arrival.manifest.title(), write(arrival)));
  Plugin plugin = load(kept);
  if (plugin.state != PluginState::Ready) {
    plugin.sealed.reset();  // Windows removes nothing that is open
    (void)erase(kept);
    if (versions.empty()) (void)with_.files.removeTree(folder_ / kept.name);
    return refusal(plugin);
  }
  with_.drivers.add(plugin);
  for (const auto& version : versions) {
    if (options.beside) break;
    TENON_CHECK(erase({kept.name, version}));
    installed.replaced.push_back(version);
  }
  installed.rivals = rivalsOf(arrival.manifest);
  return installed;
}

Result<std::unique_ptr<Driver>> NodePlugins::tryOut(const Path& library) {
  const std::lock_guard lock(changing_);
  TENON_TRY(const auto arrival, read(library));
  TENON_TRY(const auto versions, versionsOf(arrival.manifest.name));
  TENON_CHECK(checkName(arrival, versions));
  const Plugin plugin = with_.loader.load(library, PluginLoader::Trust::Signed);
  if (plugin.state != PluginState::Ready) return refusal(plugin);
  return with_.drivers.open(plugin);
}

Result<std::vector<std::string>> NodePlugins::remove(const std::string& name, const std::optional<std::string>& version) {
  const std::lock_guard lock(changing_);
  if (name.find_first_of("/\\") != name.npos || name.starts_with('.')) {
    return Error(ErrorCode::Usage, "\"" + shownName(name) + "\" is no name of a plugin");
  }
  TENON_TRY(auto versions, versionsOf(name));
  if (version) {
    std::erase_if(versions, [&](const std::string& each) { return each != *version; });
  }
  if (versions.empty()) {
    return Error(ErrorCode::NotFound,
                 "no plugin " + shownName(name) + (version ? " " + shownName(*version) : "") + " is installed on this node")
        .withHint(
            "tenon plugin list says what is; what came with tenon, or lies in a folder of --plugins, is not removed here");
  }
  for (const auto& each : versions) TENON_CHECK(erase({name, each}));
  TENON_TRY(const auto left, versionsOf(name));
  if (left.empty()) (void)with_.files.removeTree(folder_ / name);
  return versions;
}

Result<void> NodePlugins::trust(VendorKey key) {
  const std::lock_guard lock(changing_);
  TENON_CHECK(with_.vendors.trust(std::move(key)));
  TENON_TRY(const auto kept, list());
  for (const auto& each : kept) {
    if (runsAsAllowed(each)) continue;
    with_.drivers.remove(each.name, each.version);
    with_.drivers.add(load(each));
  }
  return {};
}

// Is it loaded, and would it be again, in that hosting?
bool NodePlugins::runsAsAllowed(const Kept& plugin) const {
  const auto rows = with_.drivers.list(DriverCatalog::Look::Away);
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const DriverInfo& info) {
    return info.name == plugin.name && info.version == plugin.version && !info.hosting.empty();
  });
  const auto text = filesOf(plugin).signedManifest(with_.files);
  const auto manifest = text ? PluginManifest::parse(text->text) : Result<PluginManifest>(text.error());
  const auto claim = manifest ? manifest->claim() : Result<PluginClaim>(manifest.error());
  if (row == rows.end() || !claim) return false;
  const auto key = with_.vendors.check(*text, *claim, VendorKeys::Moment::Start);
  return key && key->inProcess == (row->hosting == "in-process");
}

Result<void> NodePlugins::revoke(std::string_view id) {
  const std::lock_guard lock(changing_);
  TENON_CHECK(with_.vendors.revoke(id));
  with_.drivers.refuse(id, "signed by key " + shortKeyId(id) + ", which is revoked");
  return {};
}

}  // namespace tenon::host
