#include "host/driver/PluginLoader.h"

#include <Poco/Exception.h>
#include <Poco/SharedLibrary.h>

#include <algorithm>
#include <set>

#include "host/base/Limits.h"
#include "host/driver/LibraryFile.h"
#include "host/driver/Negotiation.h"
#include "host/driver/PluginHosts.h"

namespace tenon::host {

namespace {

// [any] tenon_host::log.
void writeLog(void* ctx, std::int32_t level, tenon_str text) {
  const auto bytes = std::min<std::uint64_t>(text.ptr ? text.len : 0, limits::kPluginLogBytes);
  logOfPlugin(*static_cast<Log*>(ctx), level, {text.ptr ? text.ptr : "", static_cast<std::size_t>(bytes)});
}

Plugin& fail(Plugin& plugin, PluginState state, std::string why) {
  plugin.state = state;
  plugin.why = std::move(why);
  return plugin;
}

void settle(Plugin& plugin, Verdict verdict) { fail(plugin, verdict.state, std::move(verdict.why)); }

// The entry in a library; the library stays loaded for the life of the process.
Result<const tenon_entry*> loadEntry(const Path& path, const std::string& name) {
  try {
    Poco::SharedLibrary library;  // its destructor unloads nothing
    library.load(path.text(), Poco::SharedLibrary::SHLIB_LOCAL);
    if (!library.hasSymbol("tenon_plugin_v1")) {
      return Error(ErrorCode::DriverIncompatible, name + " does not export tenon_plugin_v1, so it is no Tenon plugin")
          .withHint("build it with tenon_add_plugin of the SDK");
    }
    return static_cast<const tenon_entry*>(library.getSymbol("tenon_plugin_v1"));
  } catch (const Poco::Exception& exception) {
    return Error(ErrorCode::DriverIncompatible, name + " could not be loaded: " + exception.message());
  }
}

}  // namespace

void logOfPlugin(Log& log, std::int32_t level, std::string_view text) {
  const auto clamped = static_cast<LogLevel>(std::clamp<std::int32_t>(level, 0, static_cast<std::int32_t>(LogLevel::Error)));
  log.write(clamped, "plugin: " + std::string(text));
}

Verdict judge(const tenon_entry& entry, const PluginManifest& manifest) {
  if (auto reason = incompatibility(entry, manifest.title())) {
    const bool versions = negotiate("", entry.abi_major, entry.abi_minor_min).has_value();
    const bool ours = entry.magic == TENON_ENTRY_MAGIC && versions;
    return {ours ? PluginState::Incompatible : PluginState::Broken, *std::move(reason)};
  }
  if (entry.abi_major != manifest.abiMajor || entry.abi_minor_min != manifest.abiMinorMin) {
    return {PluginState::Broken, "the manifest of " + manifest.title() +
                                     " and its library name different ABI versions: they do not belong together"};
  }
  return {};
}

PluginLoader::PluginLoader(Files& files, Log& log, const PluginHosts* hosts, const VendorKeys* vendors)
    : files_(files), log_(log), hosts_(hosts), vendors_(vendors), services_{} {
  services_ = {sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, &log_, &writeLog};
}

PluginLoader::~PluginLoader() = default;

Plugin PluginLoader::adoptStatic(const tenon_entry& entry, std::string_view manifestJson) {
  Plugin plugin;
  plugin.path = "built-in";
  auto manifest = PluginManifest::parse(manifestJson);
  if (!manifest) return fail(plugin, PluginState::Broken, "its manifest: " + manifest.error().message());
  plugin.manifest = *std::move(manifest);
  takeUp(plugin, entry);
  return plugin;
}

void PluginLoader::takeUp(Plugin& plugin, const tenon_entry& entry) const {
  settle(plugin, judge(entry, plugin.manifest));
  if (plugin.state != PluginState::Ready) return;
  plugin.entry = &entry;
  plugin.host = &services_;
}

void PluginLoader::loadHere(Plugin& plugin, const Path& library) const {
  if (plugin.sealed) {
    const std::lock_guard lock(mutex_);
    loaded_.push_back(plugin.sealed);
  }
  const auto entry = loadEntry(plugin.sealed ? plugin.sealed->loadedBy() : library, library.name());
  if (!entry) return settle(plugin, {PluginState::Broken, entry.error().message()});
  takeUp(plugin, **entry);
}

// None of its code stays in this process, or runs but what its library does when it is loaded.
void PluginLoader::lookApart(Plugin& plugin, const Path& library) const {
  const auto host = PluginHost::start(*hosts_, library, plugin.sealed.get());
  if (!host) return settle(plugin, {PluginState::Broken, host.error().message()});
  settle(plugin, judge(host->entry(), plugin.manifest));
  if (plugin.state == PluginState::Ready) plugin.hosts = hosts_;
}

// The verdict where it cannot be used.
std::optional<Verdict> PluginLoader::readManifest(const PluginFiles& at, Plugin& plugin, std::string& text) const {
  if (!files_.exists(at.manifest)) {
    return Verdict{PluginState::Broken, at.library.name() + " has no manifest " + at.manifest.name() + " beside it"};
  }
  auto read = files_.readAll(at.manifest, limits::kPluginDocumentBytes);
  if (!read) return Verdict{PluginState::Broken, read.error().message()};
  auto manifest = PluginManifest::parse(*read);
  if (!manifest) {
    const bool newer = manifest.error().code() == ErrorCode::DriverIncompatible;
    return Verdict{newer ? PluginState::Incompatible : PluginState::Broken,
                   at.manifest.name() + ": " + manifest.error().message()};
  }
  plugin.manifest = *std::move(manifest);
  text = *std::move(read);
  return std::nullopt;
}

Result<PluginLoader::Leave> PluginLoader::leaveFor(const PluginFiles& at, const PluginManifest& manifest,
                                                   const std::string& text, Trust trust) const {
  if (trust == Trust::Installed) return Leave{};
  const auto bySignature = [&]() -> Result<Leave> {
    if (!vendors_ || !files_.exists(at.signature)) {
      return Error(ErrorCode::SignatureInvalid,
                   manifest.title() + " is not signed by a key that this node trusts, so none of its code was run");
    }
    TENON_TRY(const auto signatures, files_.readAll(at.signature, limits::kManifestSignatureBytes));
    TENON_TRY(auto claim, manifest.claim());
    const auto moment = trust == Trust::Kept ? VendorKeys::Moment::Start : VendorKeys::Moment::Arrival;
    TENON_TRY(const auto key, vendors_->check({text, signatures}, claim, moment));
    return Leave{.apart = !key.inProcess, .signedBy = key.id()};
  };
  auto leave = bySignature();
  if (!leave && trust == Trust::Developer) return Leave{.apart = hosts_ != nullptr, .signedBy = ""};
  return leave;
}

std::optional<Verdict> PluginLoader::objection(const PluginFiles& at, Plugin& plugin, const Leave& leave) const {
  const auto& manifest = plugin.manifest;
  if (auto reason = negotiate(manifest.title(), manifest.abiMajor, manifest.abiMinorMin)) {
    return Verdict{PluginState::Incompatible, *std::move(reason)};
  }
  if (!files_.exists(at.library)) {
    return Verdict{PluginState::Broken, "its library " + at.library.name() + " is missing beside " + at.manifest.name()};
  }
  if (leave.apart && manifest.family != "runtime-driver") {
    return Verdict{PluginState::Refused, manifest.title() + " is no runtime driver: what did not come with tenon, and may " +
                                             "not run in it, runs apart, and only drivers can"};
  }
  if (leave.apart && !hosts_) {
    return Verdict{PluginState::Refused, manifest.title() + " may only run apart, for which this system has no way"};
  }
  if (!leave.signedBy.empty()) {
    if (!manifest.sha256) {
      return Verdict{PluginState::Refused, manifest.title() + ": its signed manifest does not name its library's hash"};
    }
    auto sealed = SealedLibrary::open(files_, at.library, *manifest.sha256);
    if (!sealed) return Verdict{PluginState::Refused, sealed.error().message()};
    plugin.sealed = *std::move(sealed);
  }
  const auto wrong = whyUnloadable(files_, at.library);
  if (!wrong) return Verdict{PluginState::Broken, wrong.error().message()};
  if (*wrong) return Verdict{PluginState::Broken, **wrong};
  return std::nullopt;
}

Plugin PluginLoader::inspect(const PluginFiles& at, const std::string& stem, Trust trust) const {
  Plugin plugin;
  plugin.manifest.name = stem;
  plugin.path = at.library.text();
  std::string text;
  if (auto verdict = readManifest(at, plugin, text)) return settle(plugin, *std::move(verdict)), plugin;
  const auto leave = leaveFor(at, plugin.manifest, text, trust);
  if (!leave) return fail(plugin, PluginState::Refused, leave.error().message());
  plugin.signedBy = leave->signedBy;
  if (auto verdict = objection(at, plugin, *leave)) return settle(plugin, *std::move(verdict)), plugin;
  leave->apart ? lookApart(plugin, at.library) : loadHere(plugin, at.library);
  if (plugin.state == PluginState::Ready && trust == Trust::Developer && plugin.signedBy.empty()) {
    log_.warning("plugin " + plugin.manifest.title() + " is unsigned and was loaded for development, " +
                 (leave->apart ? "apart from this program: " : "into this program: ") + plugin.path);
  }
  return plugin;
}

Plugin PluginLoader::load(const Path& library, Trust trust) const {
  const auto at = PluginFiles::of(library);
  if (at) return inspect(*at, at->stem(), trust);
  Plugin plugin;
  plugin.manifest.name = library.name();
  plugin.path = library.text();
  return fail(plugin, PluginState::Broken, at.error().message());
}

Result<std::vector<Plugin>> PluginLoader::loadFolder(const Path& folder, Trust trust) {
  TENON_TRY(const auto entries, files_.list(folder));
  std::set<std::string> stems;
  for (const std::string& suffix : {std::string(PluginFiles::kManifestSuffix), PluginFiles::librarySuffix()}) {
    for (const auto& entry : entries) {
      if (entry.name.size() <= suffix.size() || !entry.name.ends_with(suffix)) continue;
      stems.insert(entry.name.substr(0, entry.name.size() - suffix.size()));
    }
  }
  if (stems.size() > limits::kPlugins) {
    return Error(ErrorCode::LimitExceeded,
                 folder.text() + " holds more than " + std::to_string(limits::kPlugins) + " plugins");
  }
  std::vector<Plugin> plugins;
  for (const auto& stem : stems) plugins.push_back(inspect(PluginFiles(folder, stem), stem, trust));
  return plugins;
}

}  // namespace tenon::host
