// Finds plugins, reads their manifests, loads their libraries, and settles whether plugin and host understand each other.
// The only place that loads libraries. Nothing is ever unloaded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/Log.h"
#include "host/driver/Driver.h"
#include "tenon/plugin.h"

namespace tenon::host {

enum class PluginState { Ready, Incompatible, Refused, Broken };
std::string_view name(PluginState state);  // "ready" "incompatible" "refused" "broken"

class PluginHosts;

// A plugin that was looked at, whatever came of it: nothing is skipped in silence.
struct Plugin {
  PluginManifest manifest;  // what could be read of it
  std::string path;         // of the library, or "built-in"
  PluginState state = PluginState::Broken;
  std::string why;  // one line, where it is not ready: who must upgrade what
  // When ready, one of the two. In this process: its entry, which lives as long as the process, and what it is opened with,
  // which lives as long as its loader.
  const tenon_entry* entry = nullptr;
  const tenon_host* host = nullptr;
  // In one of its own: who starts that.
  const PluginHosts* hosts = nullptr;
};

struct Verdict {
  PluginState state = PluginState::Ready;
  std::string why;
};
// The entry against the host, then against the manifest.
Verdict judge(const tenon_entry& entry, const PluginManifest& manifest);

// A line that a plugin wrote: level as of tenon_host::log.
void logOfPlugin(Log& log, std::int32_t level, std::string_view text);

// Compares magic, major and minors. Nothing when they fit, else the sentence that says who must upgrade what.
std::optional<std::string> incompatibility(const tenon_entry& entry, std::string_view pluginName);

class PluginLoader {
 public:
  // Installed: came with this program, and runs in it. Developer: unsigned, and runs apart where `hosts` can do that.
  enum class Trust { Installed, Developer, Untrusted };

  // All outlive the loader, and the plugins. Without `hosts`, whatever is loaded runs in this process.
  PluginLoader(Files& files, Log& log, const PluginHosts* hosts = nullptr);
  ~PluginLoader();

  // What plugins get as tenon_host; lives as long as this loader.
  const tenon_host& hostServices() const { return services_; }

  Plugin adoptStatic(const tenon_entry& entry, std::string_view manifestJson);
  // Every DIR/<stem>.plugin.json with its library beside it, and every library without a manifest, sorted by file name. A
  // folder that is not there: not-found.
  // Untrusted: unsigned plugins are listed as refused, and none of their code runs.
  Result<std::vector<Plugin>> loadFolder(const Path& folder, Trust trust);
  // One library, with its manifest beside it.
  Plugin load(const Path& library, Trust trust) const;

 private:
  Plugin inspect(const Path& folder, const std::string& stem, Trust trust) const;
  void takeUp(Plugin& plugin, const tenon_entry& entry) const;
  void loadHere(Plugin& plugin, const Path& library) const;
  void lookApart(Plugin& plugin, const Path& library) const;

  Files& files_;
  Log& log_;
  const PluginHosts* const hosts_;
  tenon_host services_;
};

}  // namespace tenon::host
