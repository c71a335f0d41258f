// tenon.channels/1 as a table of C functions: each takes its arguments apart and hands them on.
#include "platform/linux/Adapter.h"

namespace tenon::platform {

namespace {

Channels& channelsOf(void* self) { return static_cast<Adapter*>(self)->channels(); }

std::int32_t open(void* self, tenon_str request, tenon_file library, tenon_channel* channel, const tenon_sink* out) {
  return guarded(out, [&]() -> Outcome {
    std::string identity;
    *channel = 0;
    if (auto fault = channelsOf(self).open(view(request), library, *channel, identity)) return fault;
    if (out->document(out->ctx, str(identity)) == 0) return kDone;
    channelsOf(self).close(*channel);
    *channel = 0;
    return cancelled();
  });
}

std::int32_t exchange(void* self, tenon_channel channel, tenon_str message, std::uint32_t timeoutMs, const tenon_sink* out) {
  return guarded(out, [&]() -> Outcome {
    std::string answer;
    if (auto fault = channelsOf(self).exchange(channel, view(message), timeoutMs, answer)) return fault;
    return out->document(out->ctx, str(answer)) == 0 ? kDone : Outcome(cancelled());
  });
}

void close(void* self, tenon_channel channel) {
  guarded(nullptr, [&]() -> Outcome { return channelsOf(self).close(channel), kDone; });
}

}  // namespace

const tenon_channels& channelsTable() {
  static const tenon_channels table = {sizeof(tenon_channels), 0, &open, &exchange, &close};
  return table;
}

}  // namespace tenon::platform
