#include "host/app/InstalledPlugins.h"

#include <utility>

namespace tenon::host {

Path installedPlugins(const PlatformFacts& facts) {
  return facts.executable.parent().parent() / "lib" / "tenon" / "plugins";
}

Path pluginHostProgram(const PlatformFacts& facts) {
  const Path& own = facts.executable;
  return own.parent() / (own.name().ends_with(".exe") ? "tenon-plugin-host.exe" : "tenon-plugin-host");
}

std::unique_ptr<PluginHosts> pluginHosts(PlatformAdapter& adapter, Log& log, Path readable,
                                         std::function<Result<std::optional<std::uint32_t>>()> user) {
  if (!adapter.channels()) return nullptr;
  PluginHostSetting setting{.program = pluginHostProgram(adapter.facts()),
                            .readable = {std::move(readable)},
                            .user = std::move(user),
                            .noUser = adapter.facts().isolation.userWhy};
  return std::make_unique<PluginHosts>(*adapter.channels(), log, std::move(setting));
}

}  // namespace tenon::host
