// Listens where the endpoint table says, and passes clients on to where it leads. One thread, its own.
#pragma once

#include <cstdint>
#include <functional>
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
  struct Door {
    std::unique_ptr<ListeningSocket> socket;  // nothing: it could not listen, and tries again
    bool watched = false;                     // false: it rests until the next tick
  };
  using Admit = std::function<void(Socket client)>;
  struct Front {
    EndpointPolicy policy;
    Door door;
    std::string told;  // why it could not, so that it is told once
    Instant triedAt{};
  };

  Relay(Collaborators with, std::unique_ptr<SocketPoller> poller);
  void tick();
  void look();
  void arrange();
  void listen(const ServiceId& service, Front& front);
  void forget(Front& front);

  void watch(Door& door, const Admit& admit);
  void accept(Door& door, const Admit& admit);
  void rest(Door& door, const Error& why);
  void admit(const ServiceId& service, Socket client);

  Collaborators with_;
  std::unique_ptr<SocketPoller> poller_;
  Loop loop_;
  LoopTimer tick_;
  Door health_;
  bool saidFull_ = false;
  std::string text_, told_;  // the table as it was last read; what was wrong with it
  Instant lookedAt_{};
  EndpointTable table_;
  bool changed_ = false;  // since arrange()
  std::map<ServiceId, Front> fronts_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Passage>> passages_;
  std::uint64_t lastPassage_ = 0;
};

}  // namespace tenon::host
