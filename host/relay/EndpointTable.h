// run/endpoints.json: which ports stand in front of services, and where each leads now. Written whole by the agent's loop
// thread, by rename and without a sync: a reboot ends what it names. Read by the relay.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "host/adapter/Files.h"
#include "host/contract/release/Release.h"
#include "host/contract/service/EndpointPolicy.h"

namespace tenon::host {

struct Endpoint {
  EndpointPolicy front;  // where callers come
  std::uint16_t to = 0;  // loopback port of the instance that serves; 0: none now
  bool awaited = false;  // one is coming: who asks meanwhile is held

  bool operator==(const Endpoint&) const = default;
};

using EndpointTable = std::map<ServiceId, Endpoint>;

// format-invalid with path and line.
Result<EndpointTable> parseEndpointTable(std::string_view text);
std::string toJson(const EndpointTable& table);

// Nothing there: an empty table.
Result<EndpointTable> readEndpointTable(Files& files, const Path& file);
Result<void> writeEndpointTable(Files& files, const Path& file, const EndpointTable& table);

}  // namespace tenon::host
