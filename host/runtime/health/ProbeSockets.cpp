#include "host/runtime/health/ProbeSockets.h"

#include <Poco/Error.h>
#include <Poco/Exception.h>
#include <Poco/Net/DatagramSocket.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/PollSet.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketImpl.h>
#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tenon::host {

namespace net = Poco::Net;

namespace {

using SystemCode = decltype(Poco::Error::last());  // signed or not, as the system has it

constexpr Millis kLongWait{3'600'000};  // in place of "no limit"

Error refusal(const Poco::Exception& error) {
  if (dynamic_cast<const net::ConnectionRefusedException*>(&error))
    return {ErrorCode::NetworkUnreachable, "connection refused"};
  if (dynamic_cast<const net::ConnectionResetException*>(&error)) return {ErrorCode::NetworkProtocol, "connection reset"};
  return {ErrorCode::NetworkProtocol, error.displayText()};
}

}  // namespace

struct ProbeSockets::State {
  struct Entry {
    net::StreamSocket socket;
    Ready ready;
    bool writes = true;
  };

  // PollSet of this Poco cannot be woken: a datagram to ourselves does it.
  net::DatagramSocket waker;
  std::atomic<bool> woken = false;
  net::PollSet poll;
  std::unordered_map<Connection, Entry> entries;
  std::map<net::Socket, Connection> bySocket;
  Connection last = 0;

  void watch(const Entry& entry) {
    poll.update(entry.socket, net::PollSet::POLL_READ | (entry.writes ? net::PollSet::POLL_WRITE : 0));
  }
};

ProbeSockets::ProbeSockets(std::unique_ptr<State> state) : state_(std::move(state)) {}
ProbeSockets::~ProbeSockets() = default;

Result<std::unique_ptr<ProbeSockets>> ProbeSockets::create() {
  try {
    auto state = std::make_unique<State>();
    state->waker.bind(net::SocketAddress("127.0.0.1", 0), false);
    state->waker.connect(state->waker.address());
    state->waker.setBlocking(false);
    state->poll.add(state->waker, net::PollSet::POLL_READ);
    return std::unique_ptr<ProbeSockets>(new ProbeSockets(std::move(state)));
  } catch (const Poco::Exception& error) {
    return Error(ErrorCode::IoError, "no sockets for health checks: " + error.displayText());
  }
}

Result<ProbeSockets::Connection> ProbeSockets::connect(std::uint16_t port, Ready ready) {
  try {
    State::Entry entry{net::StreamSocket(net::SocketAddress::IPv4), std::move(ready)};
    entry.socket.connectNB(net::SocketAddress("127.0.0.1", port));
    state_->poll.add(entry.socket, net::PollSet::POLL_READ | net::PollSet::POLL_WRITE);
    const Connection connection = ++state_->last;
    state_->bySocket[entry.socket] = connection;
    state_->entries.emplace(connection, std::move(entry));
    return connection;
  } catch (const Poco::Exception& error) {
    return refusal(error);
  }
}

Result<void> ProbeSockets::connected(Connection connection) {
  try {
    const int error = state_->entries.at(connection).socket.impl()->socketError();
    if (error == 0) return {};
    if (error == POCO_ECONNREFUSED) return Error(ErrorCode::NetworkUnreachable, "connection refused");
    return Error(ErrorCode::NetworkUnreachable, Poco::Error::getMessage(static_cast<SystemCode>(error)));
  } catch (const Poco::Exception& error) {
    return refusal(error);
  }
}

void ProbeSockets::wantWrite(Connection connection, bool want) {
  State::Entry& entry = state_->entries.at(connection);
  if (std::exchange(entry.writes, want) != want) state_->watch(entry);
}

Result<std::size_t> ProbeSockets::send(Connection connection, std::string_view bytes) {
  try {
    const int sent = state_->entries.at(connection).socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
    return static_cast<std::size_t>(std::max(sent, 0));
  } catch (const Poco::TimeoutException&) {
    return std::size_t{0};
  } catch (const Poco::Exception& error) {
    return refusal(error);
  }
}

Result<std::optional<std::size_t>> ProbeSockets::receive(Connection connection, std::span<char> into) {
  try {
    const int got = state_->entries.at(connection).socket.receiveBytes(into.data(), static_cast<int>(into.size()));
    if (got < 0) return std::optional<std::size_t>();
    return std::optional(static_cast<std::size_t>(got));
  } catch (const Poco::TimeoutException&) {
    return std::optional<std::size_t>();
  } catch (const Poco::Exception& error) {
    return refusal(error);
  }
}

void ProbeSockets::close(Connection connection) {
  const auto found = state_->entries.find(connection);
  if (found == state_->entries.end()) return;
  net::StreamSocket socket = found->second.socket;
  state_->bySocket.erase(socket);
  state_->entries.erase(found);
  try {
    state_->poll.remove(socket);
    socket.close();
  } catch (const Poco::Exception&) {
    // It is forgotten either way, and the descriptor goes with its last owner.
  }
}

void ProbeSockets::waitAndDispatch(Millis most) {
  const Millis wait = most < Millis{0} ? kLongWait : std::min(most, kLongWait);
  net::PollSet::SocketModeMap ready;
  try {
    ready = state_->poll.poll(Poco::Timespan(wait.count() * 1000));
  } catch (const Poco::Exception&) {
    return;  // interrupted; the loop comes back
  }
  for (const auto& [socket, modes] : ready) {
    if (socket == state_->waker) {
      try {
        char drained[16];
        while (state_->waker.receiveBytes(drained, sizeof drained) > 0) {
        }
      } catch (const Poco::Exception&) {
        // empty again
      }
      // Only now: a wake() between the two would lose its byte to the drain, and the ones after it would send none. One that
      // comes before this line need not send: the loop looks at what was posted before it waits again.
      state_->woken = false;
      continue;
    }
    // One that was called before may have closed this one.
    const auto found = state_->bySocket.find(socket);
    if (found == state_->bySocket.end()) continue;
    const Ready call = state_->entries.at(found->second).ready;
    call();
  }
}

void ProbeSockets::wake() {
  if (state_->woken.exchange(true)) return;
  try {
    state_->waker.sendBytes("w", 1);
  } catch (const Poco::Exception&) {
    // Full: then the wait ends anyway.
  }
}

}  // namespace tenon::host
