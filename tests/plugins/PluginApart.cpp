#include "tests/plugins/PluginApart.h"

#include <Poco/SharedLibrary.h>

#include <stdexcept>

namespace tenon::host {

PluginApart::PluginApart(const std::string& driver, const Path& readable) {
  Channels* channels = machine_.adapter().channels();
  if (!channels) return;
  hosts_.emplace(*channels, log_, PluginHostSetting{Path(TENON_PLUGIN_HOST), {readable}, {}});
  const Path library = Path(TENON_PLUGINS) / (driver + Poco::SharedLibrary::suffix());
  PluginLoader loader(*machine_, log_, &*hosts_);
  const auto plugin = loader.load(library, PluginLoader::Trust::Developer);
  if (plugin.state != PluginState::Ready) throw std::runtime_error(plugin.why);
  calls_ = callsIsolated(plugin, clock_);
}

PluginAnswer PluginApart::plan(const std::string& request) {
  return collected([&](const tenon_sink* sink) {
    const auto code = calls_->plan(request, sink);
    if (!code) throw std::runtime_error(code.error().message());
    return *code;
  });
}

}  // namespace tenon::host
