// The server's connections by what they wait for, and when each has waited too long. Loop's thread only.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/http/HttpServer.h"
#include "host/http/wire/Outgoing.h"
#include "host/http/wire/Sockets.h"

namespace tenon::host {

struct Connection {
  enum class Phase {
    Head,       // some of a request has come, or nothing yet on a new connection
    Idle,       // kept alive between two requests
    Sending,    // the reader is slower than we are
    Streaming,  // told all that it was to be told so far
    Lingering,  // answered and ended; what the peer still sends is read over, else it would lose the answer
    Busy,       // a worker has it
  };

  explicit Connection(Socket s) : socket(std::move(s)) {}

  Socket socket;
  std::string in;           // read and not yet used
  std::size_t scanned = 0;  // how far `in` was searched for the head's end
  Outgoing out;
  bool keepAlive = false, unread = false;  // what comes after `out`
  std::unique_ptr<HttpStream> stream;      // or that

  Phase phase = Phase::Busy;
  Instant deadline;
  std::list<std::shared_ptr<Connection>>::iterator place;
};

// Where the head in `in` ends. 0: not yet. Nothing: a line feed without its carriage return, so it never will.
std::optional<std::size_t> findHeadEnd(Connection& connection);

class Connections {
 public:
  using Shared = std::shared_ptr<Connection>;

  // In Busy, without a deadline.
  void add(const Shared& connection);
  void enter(const Shared& connection, Connection::Phase phase, Instant now);
  void remove(const Shared& connection);

  std::size_t size() const { return size_; }
  std::optional<Instant> nextDeadline() const;
  std::vector<Shared> expired(Instant now) const;
  std::vector<Shared> all() const;
  std::vector<Shared> in(Connection::Phase phase) const;

 private:
  // Each phase has one length, so its list is in the order of the deadlines: nothing here grows with the number of clients.
  std::array<std::list<Shared>, 6> phases_;
  std::size_t size_ = 0;
};

}  // namespace tenon::host
