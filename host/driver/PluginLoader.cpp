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

constexpr std::string_view kManifestSuffix = ".plugin.json";

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
Result<const tenon_entry*> loadEntry(const Path& path) {
  try {
    Poco::SharedLibrary library;  // its destructor unloads nothing
    library.load(path.text(), Poco::SharedLibrary::SHLIB_LOCAL);
    if (!library.hasSymbol("tenon_plugin_v1")) {
      return Error(ErrorCode::DriverIncompatible, path.name() + " does not export tenon_plugin_v1, so it is no Tenon plugin")
          .withHint("build it with tenon_add_plugin of the SDK");
    }
    return static_cast<const tenon_entry*>(library.getSymbol("tenon_plugin_v1"));
  } catch (const Poco::Exception& exception) {
    return Error(ErrorCode::DriverIncompatible, path.name() + " could not be loaded: " + exception.message());
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

PluginLoader::PluginLoader(Files& files, Log& log, const PluginHosts* hosts)
    : files_(files), log_(log), hosts_(hosts), services_{} {
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
  const auto entry = loadEntry(library);
  if (!entry) return settle(plugin, {PluginState::Broken, entry.error().message()});
  takeUp(plugin, **entry);
}

// None of its code stays in this process, or runs but what its library does when it is loaded.
void PluginLoader::lookApart(Plugin& plugin, const Path& library) const {
  const auto host = PluginHost::start(*hosts_, library);
  if (!host) return settle(plugin, {PluginState::Broken, host.error().message()});
  settle(plugin, judge(host->entry(), plugin.manifest));
  if (plugin.state == PluginState::Ready) plugin.hosts = hosts_;
}

Plugin PluginLoader::inspect(const Path& folder, const std::string& stem, Trust trust) const {
  const Path manifestPath = folder / (stem + std::string(kManifestSuffix));
  const Path library = folder / (stem + Poco::SharedLibrary::suffix());
  Plugin plugin;
  plugin.manifest.name = stem;
  plugin.path = library.text();
  if (!files_.exists(manifestPath)) {
    return fail(plugin, PluginState::Broken, library.name() + " has no manifest " + manifestPath.name() + " beside it");
  }
  const auto text = files_.readAll(manifestPath, limits::kPluginDocumentBytes);
  if (!text) return fail(plugin, PluginState::Broken, text.error().message());
  auto manifest = PluginManifest::parse(*text);
  if (!manifest) {
    const bool newer = manifest.error().code() == ErrorCode::DriverIncompatible;
    return fail(plugin, newer ? PluginState::Incompatible : PluginState::Broken,
                manifestPath.name() + ": " + manifest.error().message());
  }
  plugin.manifest = *std::move(manifest);
  if (trust == Trust::Untrusted) {
    return fail(plugin, PluginState::Refused,
                plugin.manifest.title() + " is not signed by a key that this node trusts, so none of its code was run");
  }
  if (auto reason = negotiate(plugin.manifest.title(), plugin.manifest.abiMajor, plugin.manifest.abiMinorMin)) {
    return fail(plugin, PluginState::Incompatible, *std::move(reason));
  }
  if (!files_.exists(library)) {
    return fail(plugin, PluginState::Broken, "its library " + library.name() + " is missing beside " + manifestPath.name());
  }
  const bool apart = trust == Trust::Developer && hosts_;
  if (apart && plugin.manifest.family != "runtime-driver") {
    return fail(plugin, PluginState::Refused,
                plugin.manifest.title() + " is no runtime driver: what is not signed runs apart, and only drivers can");
  }
  const auto wrong = whyUnloadable(files_, library);
  if (!wrong) return fail(plugin, PluginState::Broken, wrong.error().message());
  if (*wrong) return fail(plugin, PluginState::Broken, **wrong);
  apart ? lookApart(plugin, library) : loadHere(plugin, library);
  if (plugin.state == PluginState::Ready && trust == Trust::Developer) {
    log_.warning("plugin " + plugin.manifest.title() + " is unsigned and was loaded for development, " +
                 (apart ? "apart from this program: " : "into this program: ") + library.text());
  }
  return plugin;
}

Plugin PluginLoader::load(const Path& library, Trust trust) const {
  const std::string name = library.name(), suffix = Poco::SharedLibrary::suffix();
  if (name.size() > suffix.size() && name.ends_with(suffix)) {
    return inspect(library.parent(), name.substr(0, name.size() - suffix.size()), trust);
  }
  Plugin plugin;
  plugin.manifest.name = name;
  plugin.path = library.text();
  return fail(plugin, PluginState::Broken, name + " is no library: expected a name that ends in " + suffix);
}

Result<std::vector<Plugin>> PluginLoader::loadFolder(const Path& folder, Trust trust) {
  TENON_TRY(const auto entries, files_.list(folder));
  std::set<std::string> stems;
  for (const std::string& suffix : {std::string(kManifestSuffix), Poco::SharedLibrary::suffix()}) {
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
  for (const auto& stem : stems) plugins.push_back(inspect(folder, stem, trust));
  return plugins;
}

}  // namespace tenon::host
