// "endpoint" of service.json: one port of the node that stays in front of a service, whatever its processes do.
#pragma once

#include <cstdint>
#include <string>

#include "host/base/Json.h"

namespace tenon::host {

struct EndpointPolicy {
  enum class Protocol {
    Http,  // HTTP/1.1: every request goes to the release that serves at that moment
    Tcp,   // anything: a connection stays with the release that it was made to
  };
  std::string address = "127.0.0.1";  // of this machine, numeric; "0.0.0.0", "::": every one
  std::uint16_t port = 0;             // 1…65535
  Protocol protocol = Protocol::Http;

  // format-invalid with path and line.
  static Result<EndpointPolicy> parse(const Json& value);
  JsonObject toJson() const;
  // "127.0.0.1:5100", "[::1]:5100".
  std::string text() const;

  bool operator==(const EndpointPolicy&) const = default;
};

}  // namespace tenon::host
