#include "host/app/InstalledPlugins.h"

#include <utility>

namespace tenon::host {

Path installedPlugins(const PlatformFacts& facts) {
  return facts.executable.parent().parent() / "lib" / "tenon" / "plugins";
}

std::unique_ptr<PluginHosts> pluginHosts(PlatformAdapter& adapter, Log& log, Path readable,
                                         std::function<Result<std::optional<std::uint32_t>>()> user) {
  if (!adapter.channels()) return nullptr;
  PluginHostSetting setting{.program = adapter.facts().executable.parent() / "tenon-plugin-host",
                            .readable = {std::move(readable)},
                            .user = std::move(user)};
  return std::make_unique<PluginHosts>(*adapter.channels(), log, std::move(setting));
}

}  // namespace tenon::host
