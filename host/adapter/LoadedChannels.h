// Channels over the table that a plugin offers as tenon.channels/1. Owned by LoadedAdapter; threads as in Channels.
#pragma once

#include <string>
#include <utility>

#include "host/adapter/Channels.h"
#include "tenon/plugin.h"

namespace tenon::host {

class LoadedChannels final : public Channels {
 public:
  // `self` belongs to the plugin and lives until it is closed.
  LoadedChannels(std::string plugin, void* self, const tenon_channels& table)
      : plugin_(std::move(plugin)), self_(self), table_(table) {}

  Result<ChannelId> open(const SpawnRequest& request, std::uint64_t library, SpawnedProcess& spawned) override;
  Result<std::string> exchange(ChannelId channel, std::string_view message, Millis most) override;
  void close(ChannelId channel) override { table_.close(self_, channel); }

 private:
  std::string plugin_;
  void* self_;
  const tenon_channels table_;
};

}  // namespace tenon::host
