// Starts tenon-plugin-host for a plugin, and talks with it. A plugin host is one process, shut in: no network, the system's
// programs and the folders of packages to read, nothing to write.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Channels.h"
#include "host/base/Clock.h"
#include "host/base/Log.h"
#include "host/base/Path.h"
#include "host/base/Result.h"
#include "host/driver/package/PluginPackage.h"
#include "host/plugin_host/Message.h"
#include "tenon/plugin.h"

namespace tenon::host {

struct PluginHostSetting {
  Path program;                // tenon-plugin-host
  std::vector<Path> readable;  // what drivers look at, beside the system's own: packages, where programs are looked for
  // The user that it runs as, where the node can give it one.
  std::function<Result<std::optional<std::uint32_t>>()> user;
  std::string noUser = {};  // why it cannot, for the log; empty where it can, or nobody asked
};

// Any thread. What it is made with outlives it.
class PluginHosts {
 public:
  PluginHosts(Channels& channels, Log& log, PluginHostSetting setting)
      : channels_(channels), log_(log), setting_(std::move(setting)) {}

  Channels& channels() const { return channels_; }
  Log& log() const { return log_; }
  // `sealed`: what it will load; without, the library by its path.
  Result<ChannelId> open(const Path& library, const SealedLibrary* sealed) const;

 private:
  Channels& channels_;
  Log& log_;
  const PluginHostSetting setting_;
};

// One that runs, with its library loaded; closed with this. One thread at a time.
class PluginHost {
 public:
  // Error: what became of the start; driver-incompatible where the library does not load; driver-crashed where loading it
  // ended or took too long.
  static Result<PluginHost> start(const PluginHosts& hosts, const Path& library, const SealedLibrary* sealed);
  ~PluginHost();
  PluginHost(PluginHost&& other) noexcept;
  PluginHost& operator=(PluginHost&&) = delete;

  // Its numbers as they are in the library; of its functions, only whether they are there.
  const tenon_entry& entry() const { return entry_; }
  // Error: as of Channels::exchange; then it is of no use any more.
  Result<std::string> ask(wire::Kind kind, std::string_view bytes, Millis most) const;

 private:
  PluginHost(Channels& channels, ChannelId channel) : channels_(channels), channel_(channel) {}
  Channels& channels_;
  ChannelId channel_;
  tenon_entry entry_ = {};
};

}  // namespace tenon::host
