#include "host/adapter/LoadedChannels.h"

#include <algorithm>
#include <limits>

#include "host/adapter/LoadedProcesses.h"
#include "host/adapter/PluginCall.h"

namespace tenon::host {

Result<ChannelId> LoadedChannels::open(const SpawnRequest& request, std::uint64_t library, SpawnedProcess& spawned) {
  TENON_TRY(const std::string document, documentOf(request));
  PluginCall call(plugin_);
  ChannelId channel = 0;
  TENON_TRY(std::string identity, call.document(table_.open(self_, toPlugin(document), library, &channel, call.sink())));
  auto read = spawnedOf(std::move(identity));
  if (!read) return table_.close(self_, channel), read.error();
  spawned = *std::move(read);
  return channel;
}

Result<std::string> LoadedChannels::exchange(ChannelId channel, std::string_view message, Millis most) {
  const auto millis = std::clamp<std::int64_t>(most.count(), 0, std::numeric_limits<std::uint32_t>::max());
  PluginCall call(plugin_, TENON_MESSAGE_MAX_BYTES);
  return call.document(table_.exchange(self_, channel, toPlugin(message), static_cast<std::uint32_t>(millis), call.sink()));
}

}  // namespace tenon::host
