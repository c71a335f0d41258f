// Which proxy a request goes through, by the variables that other programs obey: http_proxy, https_proxy, no_proxy, in
// either case. What runs on this machine is never asked of a proxy.
#pragma once

#include <optional>
#include <string>

#include "host/base/Result.h"

namespace tenon::host {

struct HttpProxy {
  std::string address;        // host:port
  std::string authorization;  // of Proxy-Authorization; "": none
};

// As the variables have them: "http://[user:password@]host[:port]", and a list of hosts, ".suffixes", "host:port" or "*".
struct HttpProxies {
  std::string http, https, none;

  static HttpProxies fromEnvironment();

  // Nothing: straight. usage where the variable names no proxy that is spoken here.
  Result<std::optional<HttpProxy>> choose(const std::string& scheme, const std::string& host, unsigned port) const;
};

}  // namespace tenon::host
