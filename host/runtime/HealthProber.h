// Asks services whether they are well: every probe of every service on one thread, none of which can delay another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/base/Clock.h"
#include "host/base/Loop.h"
#include "host/contract/service/ServiceManifest.h"

namespace tenon::host {

struct ProbeTarget {
  HealthCheck check;       // endpoint already expanded
  std::uint16_t port = 0;  // on loopback
};

struct ProbeAnswer {
  bool healthy = false;
  std::string text;  // one line, printable: "200", "503 warming up", "connection refused", "timed out after 3.0 s"
};

// Told of each answer to a health check, of whatever type, on the loop's thread; must not call back.
using ProbeObserver = std::function<void(const ServiceId&, bool healthy, Micros took)>;

class HealthProber {
 public:
  using Done = std::function<void(ProbeAnswer)>;
  virtual ~HealthProber() = default;
  // Any thread. One probe; `done` is called once, on a thread of the prober's, unless the prober is destroyed before. Http:
  // GET, redirects not followed, at most 64 KiB of the body. Tcp: a connection. Exec and None never come here.
  virtual void probe(ProbeTarget target, Done done) = 0;
};

// Non-blocking sockets on a loop of its own, which lives as long as the prober.
std::unique_ptr<HealthProber> makeSocketProber(const Clock& clock);

}  // namespace tenon::host
