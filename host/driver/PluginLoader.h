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

// A plugin that was looked at, whatever came of it: nothing is skipped in silence.
struct Plugin {
  PluginManifest manifest;  // what could be read of it
  std::string path;         // of the library, or "built-in"
  PluginState state = PluginState::Broken;
  std::string why;                     // one line, where it is not ready: who must upgrade what
  const tenon_entry* entry = nullptr;  // set when ready; lives as long as the process
  const tenon_host* host = nullptr;    // what it is opened with; lives as long as its loader
};

// Compares magic, major and minors. Nothing when they fit, else the sentence that says who must upgrade what.
std::optional<std::string> incompatibility(const tenon_entry& entry, std::string_view pluginName);

class PluginLoader {
 public:
  enum class Trust { Installed, Developer, Untrusted };

  // Both outlive the loader.
  PluginLoader(Files& files, Log& log);
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
  void settle(Plugin& plugin, const tenon_entry& entry) const;

  Files& files_;
  Log& log_;
  tenon_host services_;
};

}  // namespace tenon::host
