#include "host/driver/Negotiation.h"

#include "host/driver/PluginLoader.h"

namespace tenon::host {

std::optional<std::string> negotiate(std::string_view plugin, int major, int minorMin) {
  const std::string name(plugin), own = std::to_string(TENON_ABI_MAJOR) + "." + std::to_string(TENON_ABI_MINOR);
  if (major > TENON_ABI_MAJOR) {
    return name + " needs a host of ABI " + std::to_string(major) + ", this one is " + own + ": upgrade tenon";
  }
  if (major < TENON_ABI_MAJOR) {
    return name + " was built for a host of ABI " + std::to_string(major) + ", this one is " + own + ": upgrade the plugin";
  }
  if (minorMin > TENON_ABI_MINOR) {
    return name + " needs a host of ABI " + std::to_string(major) + "." + std::to_string(minorMin) +
           " or newer, this one is " + own + ": upgrade tenon";
  }
  return std::nullopt;
}

std::optional<std::string> incompatibility(const tenon_entry& entry, std::string_view pluginName) {
  if (entry.magic != TENON_ENTRY_MAGIC) {
    return std::string(pluginName) + " is no Tenon plugin: its entry does not begin with the magic number";
  }
  if (auto reason = negotiate(pluginName, entry.abi_major, entry.abi_minor_min)) return reason;
  if (entry.struct_size < sizeof(tenon_entry) || !entry.open || !entry.extension || !entry.close) {
    return std::string(pluginName) + " has an incomplete entry: its maker must build it again with the SDK";
  }
  return std::nullopt;
}

std::string_view name(PluginState state) {
  switch (state) {
    case PluginState::Ready:
      return "ready";
    case PluginState::Incompatible:
      return "incompatible";
    case PluginState::Refused:
      return "refused";
    case PluginState::Broken:
      return "broken";
  }
  return "broken";
}

}  // namespace tenon::host
