// Listens where the endpoint table says, and passes clients on to where it leads. One thread, its own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "host/adapter/Files.h"
#include "host/base/Log.h"
#include "host/base/Loop.h"
#include "host/http/wire/Sockets.h"
#include "host/relay/EndpointTable.h"
#include "host/relay/Passage.h"

namespace tenon::host {

class Relay {
 public:
  struct Collaborators {
    Files& files;
    const Clock& clock;
    Log& log;
    Path table;  // run/endpoints.json
  };
  // `health`: a loopback port that takes connections and says nothing, by which others see that the relay works; 0: none.
  // port-taken, resource-missing.
  static Result<std::unique_ptr<Relay>> open(Collaborators with, std::uint16_t health);
  ~Relay();  // cuts every client off

  void start();

 private:
  struct Front {
    EndpointPolicy policy;
    std::unique_ptr<ListeningSocket> socket;  // nothing: it could not listen, and tries again
    std::string told;                         // why it could not, so that it is told once
    Instant triedAt{};
  };

  Relay(Collaborators with, std::unique_ptr<SocketPoller> poller);
  void tick();
  void look();
  void arrange();
  void listen(const ServiceId& service, Front& front);
  void forget(Front& front);
  void accept(const ServiceId& service, ListeningSocket& socket);

  Collaborators with_;
  std::unique_ptr<SocketPoller> poller_;
  Loop loop_;
  LoopTimer tick_;
  std::unique_ptr<ListeningSocket> health_;
  std::string text_, told_;  // the table as it was last read; what was wrong with it
  Instant lookedAt_{};
  EndpointTable table_;
  bool changed_ = false;  // since arrange()
  std::map<ServiceId, Front> fronts_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Passage>> passages_;
  std::uint64_t lastPassage_ = 0;
};

}  // namespace tenon::host
