#include "host/app/InstalledPlugins.h"

#include <utility>

namespace tenon::host {

Path installedPlugins(const PlatformFacts& facts) {
  return facts.executable.parent().parent() / "lib" / "tenon" / "plugins";
}

std::unique_ptr<PluginHosts> pluginHosts(PlatformAdapter& adapter, Log& log, Path readable,
                                         std::function<Result<std::optional<std::uint32_t>>()> user) {
  if (!adapter.channels()) return nullptr;
  const Path& own = adapter.facts().executable;
  const std::string name = own.name().ends_with(".exe") ? "tenon-plugin-host.exe" : "tenon-plugin-host";
  PluginHostSetting setting{.program = own.parent() / name,
                            .readable = {std::move(readable)},
                            .user = std::move(user),
                            .noUser = adapter.facts().isolation.userWhy};
  return std::make_unique<PluginHosts>(*adapter.channels(), log, std::move(setting));
}

}  // namespace tenon::host
