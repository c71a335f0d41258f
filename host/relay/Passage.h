// One client of an endpoint: its bytes to the service and back. Loop's thread; what is lent outlives it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "host/base/Loop.h"
#include "host/http/wire/Sockets.h"
#include "host/relay/EndpointTable.h"
#include "host/relay/RelayedExchange.h"

namespace tenon::host {

class Passage {
 public:
  struct Collaborators {
    SocketPoller& poller;
    Loop& loop;
    std::function<Endpoint()> endpoint;  // as it is now
    std::function<void()> over;          // once; destroy this later, not now
  };

  Passage(Collaborators with, Socket client);
  ~Passage();
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  void start();

 private:
  struct Side {
    std::optional<Socket> socket;
    std::string in, out;
    bool ended = false;  // it sends no more
    bool told = false;   // that we send no more
    std::optional<SocketPoller::For> watched;
  };
  enum class Service { None, Connecting, Connected };

  void step();
  bool progress();
  bool close();
  bool receive(Side& side);
  bool flush(Side& side);
  void watch(Side& side, bool reading);

  bool passRaw();
  bool passOn(Side& from, Side& to);
  bool passRequests();
  bool passExchange();
  bool beginExchange();
  bool endExchange();
  void serviceFailed(const Error& error);

  void reach();
  void connect(std::uint16_t port);
  void connectEnded();
  void hold(const std::string& why);
  void leaveService();

  void refuse(int status, const std::string& why);
  void limitIdling();
  void finish();

  Collaborators with_;
  Side client_, service_;
  Service state_ = Service::None;
  std::uint16_t port_ = 0;  // that the service's connection was made to
  bool raw_ = false;        // no HTTP (any more)
  bool closing_ = false;    // nothing more is passed; what is left is sent, and then it is over
  bool over_ = false;
  bool repeated_ = false;    // the exchange under way was asked once more
  bool timingHead_ = false;  // some of the next request has come
  std::optional<RelayedExchange> exchange_;
  std::optional<Instant> heldSince_;
  Instant movedAt_{};  // when bytes last went either way
  LoopTimer again_, deadline_, idle_;
};

}  // namespace tenon::host
