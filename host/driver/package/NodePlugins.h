// The plugins that were installed on this node, and the keys of vendors that they are installed by. Each lies in
// <root>/plugins/<name>/<version>/, three files of the stem <name>; of one name there may be several versions, for services
// that pin one. What has no signature file is not installed: that goes first when one is removed. Any thread; one change at
// a time.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/driver/DriverCatalog.h"
#include "host/driver/PluginLoader.h"
#include "host/trust/VendorKeys.h"

namespace tenon::host {

struct PluginInstallOptions {
  bool allowDowngrade = false;
  bool beside = false;  // versions that are here stay, for services that pin them
};

struct InstalledPlugin {
  PluginManifest manifest;
  std::string signedBy;
  bool isNew = true;                  // false: these very files were here
  std::vector<std::string> replaced;  // versions that went
  std::vector<std::string> rivals;    // titles of others that answer one of its types: from now on one must be pinned
};

class NodePlugins {
 public:
  // All outlive it.
  struct Collaborators {
    Files& files;
    Log& log;
    VendorKeys& vendors;
    const PluginLoader& loader;
    DriverCatalog& drivers;
  };
  NodePlugins(Collaborators with, Path folder) : with_(with), folder_(std::move(folder)) {}

  // Before the first change: reads the keys and loads what is installed. What keeps a plugin from working is in the
  // catalogue; what keeps all of them from it, in the log.
  void open();

  // Verifies, copies, loads, and from then on the catalogue has it. Services go on as they were planned. Whatever fails, the
  // node has what it had. Errors: those of VendorKeys::check; not-found, where a file is missing; usage; format-invalid;
  // already-exists, where another content has that version, or its name is another's; downgrade-refused;
  // driver-incompatible, driver-crashed, platform-unsupported: it does not load here.
  Result<InstalledPlugin> install(const Path& library, const PluginInstallOptions& options);
  // What install() would have, looked at from where it lies; nothing changes. Errors as of install().
  Result<std::unique_ptr<Driver>> tryOut(const Path& library);
  // Without a version: all of them. Services that it planned run on. not-found.
  Result<std::vector<std::string>> remove(const std::string& name, const std::optional<std::string>& version);

  std::vector<VendorKey> keys() const { return with_.vendors.all(); }
  // As of VendorKeys; what was refused for want of the key, or is by its revocation, is so no more, or from now on.
  Result<void> trust(VendorKey key);
  Result<void> revoke(std::string_view id);

 private:
  struct Kept {
    std::string name, version;
  };
  struct Arrival {
    PluginManifest manifest;
    SignedText text;
    std::string signedBy;
    std::shared_ptr<const SealedLibrary> library;
    Kept kept() const { return {manifest.name, manifest.version}; }
  };
  void sweep() const;
  Result<std::vector<Kept>> list() const;
  Result<std::vector<std::string>> versionsOf(const std::string& name) const;
  Path folderOf(const Kept& plugin) const { return folder_ / plugin.name / plugin.version; }
  PluginFiles filesOf(const Kept& plugin) const { return {folderOf(plugin), plugin.name}; }
  bool runsAsAllowed(const Kept& plugin) const;
  Plugin load(const Kept& plugin) const;
  Result<Arrival> read(const Path& library) const;
  Result<void> checkName(const Arrival& arrival, const std::vector<std::string>& versions) const;
  std::vector<std::string> rivalsOf(const PluginManifest& manifest) const;
  Result<void> write(const Arrival& arrival) const;
  Result<void> erase(const Kept& plugin) const;

  const Collaborators with_;
  const Path folder_;
  std::mutex changing_;
};

}  // namespace tenon::host
