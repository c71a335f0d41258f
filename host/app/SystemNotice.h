// Tells the system's manager how the agent is, as sd_notify(3) does: one datagram a notice, to the socket that the manager
// named. Never waits, and a notice that does not arrive fails nothing: the log is told the first time. Any thread.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "host/base/Log.h"

namespace tenon::host {

class SystemNotice {
 public:
  // `socket`: a path, of NOTIFY_SOCKET; "": nobody asks, and nothing is sent. The log outlives this.
  SystemNotice(std::string socket, Log& log) : socket_(std::move(socket)), log_(log) {}
  SystemNotice(const SystemNotice&) = delete;
  SystemNotice& operator=(const SystemNotice&) = delete;

  // "READY=1\nSTATUS=…", "WATCHDOG=1", "STOPPING=1"
  void send(std::string_view notice);

 private:
  const std::string socket_;
  Log& log_;
  std::atomic<bool> complained_{false};
};

}  // namespace tenon::host
