// Connections to this machine's own services, none of which ever blocks; a loop's source of events. Poco's sockets stay in
// the .cpp. All but wake() on the loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "host/base/Loop.h"
#include "host/base/Result.h"

namespace tenon::host {

class ProbeSockets final : public EventSource {
 public:
  using Connection = std::uint64_t;  // never reused
  using Ready = std::function<void()>;

  static Result<std::unique_ptr<ProbeSockets>> create();
  ~ProbeSockets() override;

  // Begins to connect to 127.0.0.1. `ready` is called when that has ended, one way or the other; later whenever there is
  // something to read, or, with wantWrite(), room to write.
  Result<Connection> connect(std::uint16_t port, Ready ready);
  // After `ready`: how the connecting ended. Errors here and below say "connection refused", "connection reset", …
  Result<void> connected(Connection connection);
  void wantWrite(Connection connection, bool want);
  // What was taken; 0: no room just now.
  Result<std::size_t> send(Connection connection, std::string_view bytes);
  // Nothing: none there just now. 0: the peer has closed.
  Result<std::optional<std::size_t>> receive(Connection connection, std::span<char> into);
  // No `ready` after this.
  void close(Connection connection);

  void waitAndDispatch(Millis most) override;
  void wake() override;

 private:
  struct State;
  explicit ProbeSockets(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tenon::host
