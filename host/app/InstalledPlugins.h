// What came with this program for its plugins.
#pragma once

#include <memory>

#include "host/adapter/PlatformAdapter.h"
#include "host/driver/PluginHosts.h"

namespace tenon::host {

// Where the plugins are that came with it: <prefix>/bin/tenon -> <prefix>/lib/tenon/plugins.
Path installedPlugins(const PlatformFacts& facts);

// tenon-plugin-host, beside this program.
Path pluginHostProgram(const PlatformFacts& facts);

// What runs other plugins apart: tenon-plugin-host, beside this program. Nothing where the adapter has no channels.
// `readable` and `user` as of PluginHostSetting; adapter and log outlive it.
std::unique_ptr<PluginHosts> pluginHosts(PlatformAdapter& adapter, Log& log, Path readable,
                                         std::function<Result<std::optional<std::uint32_t>>()> user);

}  // namespace tenon::host
