// Finds plugins, reads their manifests, loads their libraries, and settles whether plugin and host understand each other.
// The only place that loads libraries. Nothing is ever unloaded.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/Log.h"
#include "host/driver/Driver.h"
#include "host/driver/package/PluginPackage.h"
#include "host/trust/VendorKeys.h"
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
  std::string why;                              // one line, where it is not ready: who must upgrade what
  std::string signedBy;                         // id of the vendor's key; "" where nobody asked for one
  std::shared_ptr<const SealedLibrary> sealed;  // what was signed, where it is signed: this is what is loaded
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
  // Installed: came with this program, and runs in it. Signed: by a vendor's key, which says where it runs; Kept: likewise,
  // and it was installed on this node before. Developer: also what is not signed, apart where `hosts` can do that.
  enum class Trust { Installed, Signed, Kept, Developer };

  // All outlive the loader, and the plugins. Without `hosts`, whatever came with this program or is for development runs in
  // this process; without `vendors` no signature counts.
  PluginLoader(Files& files, Log& log, const PluginHosts* hosts = nullptr, const VendorKeys* vendors = nullptr);
  ~PluginLoader();

  // What plugins get as tenon_host; lives as long as this loader.
  const tenon_host& hostServices() const { return services_; }

  Plugin adoptStatic(const tenon_entry& entry, std::string_view manifestJson);
  // Every DIR/<stem>.plugin.json with its library beside it, and every library without a manifest, sorted by file name. A
  // folder that is not there: not-found. What may not run here is listed as refused, and none of its code runs.
  Result<std::vector<Plugin>> loadFolder(const Path& folder, Trust trust);
  // One library, with its manifest beside it.
  Plugin load(const Path& library, Trust trust) const;

 private:
  // Where a plugin runs, and by whose word.
  struct Leave {
    bool apart = false;
    std::string signedBy;
  };
  Plugin inspect(const PluginFiles& at, const std::string& stem, Trust trust) const;
  std::optional<Verdict> readManifest(const PluginFiles& at, Plugin& plugin, std::string& text) const;
  Result<Leave> leaveFor(const PluginFiles& at, const PluginManifest& manifest, const std::string& text, Trust trust) const;
  // What can be told of its files before any of its code runs.
  std::optional<Verdict> objection(const PluginFiles& at, Plugin& plugin, const Leave& leave) const;
  void takeUp(Plugin& plugin, const tenon_entry& entry) const;
  void loadHere(Plugin& plugin, const Path& library) const;
  void lookApart(Plugin& plugin, const Path& library) const;

  Files& files_;
  Log& log_;
  const PluginHosts* const hosts_;
  const VendorKeys* const vendors_;
  tenon_host services_;
  // What runs in this process; a path that led to it may lead to nothing else while this process lives.
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<const SealedLibrary>> loaded_;
};

}  // namespace tenon::host
