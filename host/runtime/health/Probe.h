// One question to one service: connect, ask, read just enough, within its timeout. Loop's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "host/base/Loop.h"
#include "host/http/wire/Sockets.h"
#include "host/runtime/HealthProber.h"
#include "host/runtime/health/HttpAnswer.h"

namespace tenon::host {

class Probe {
 public:
  // `finished` is called once; this may be destroyed any time after, but not within.
  Probe(SocketPoller& poller, Loop& loop, ProbeTarget target, std::function<void(ProbeAnswer)> finished);
  ~Probe() { close(); }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  void start();

 private:
  enum class Stage { Connecting, Sending, Receiving, Over };

  void ready();
  void onConnected();
  void send();
  void receive();
  void timedOut();
  void finish(bool healthy, std::string text);
  void close();

  SocketPoller& poller_;
  LoopTimer deadline_;
  const ProbeTarget target_;
  std::function<void(ProbeAnswer)> finished_;
  Stage stage_ = Stage::Connecting;
  std::optional<Socket> socket_;
  std::string request_;  // what is still to be sent
  HttpAnswer answer_;
};

}  // namespace tenon::host
