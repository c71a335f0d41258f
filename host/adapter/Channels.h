// Helpers of the host that serve messages: the C++ face of tenon.channels/1 (sdk/include/tenon/plugin.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/adapter/Processes.h"
#include "host/base/Clock.h"
#include "host/base/Result.h"

namespace tenon::host {

// Names a channel for the life of this agent; never reused; 0 is none.
using ChannelId = std::uint64_t;

class Channels {
 public:
  virtual ~Channels() = default;
  // Any thread. `output` may be empty: what the helper writes is lost. Errors as of Processes::spawn. The answer's `process`
  // is 0: the helper is reached by its channel alone.
  // `library`: of Files::seal, for the helper to load; 0: none.
  virtual Result<ChannelId> open(const SpawnRequest& request, std::uint64_t library, SpawnedProcess& spawned) = 0;
  // Any thread, one at a time for a channel. Errors: timeout; io-error where the helper has ended; limit-exceeded. After any
  // of them the channel can only be closed.
  virtual Result<std::string> exchange(ChannelId channel, std::string_view message, Millis most) = 0;
  // Any thread. Kills the helper and what it led to.
  virtual void close(ChannelId channel) = 0;
};

}  // namespace tenon::host
