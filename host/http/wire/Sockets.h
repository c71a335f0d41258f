// TCP and unix stream sockets as HTTP needs them: reads and writes that return at once, waits with an end, and one poller
// for any number of them. Poco's sockets stay in the .cpp. Addresses: "127.0.0.1:80", "[::1]:80", "name:80", "unix:/path".
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"
#include "host/base/Limits.h"
#include "host/base/Loop.h"
#include "host/base/Result.h"

namespace Poco::Net {
class StreamSocket;
}

namespace tenon::host {

constexpr std::size_t kReadBytes = 16 * limits::KiB;   // asked of a socket at once
constexpr std::size_t kPieceBytes = 64 * limits::KiB;  // of a file, on its way to a socket or from one

// Owns one connection; closes it. One thread at a time, except the two end...() calls.
class Socket {
 public:
  // network-unreachable and network-slow, naming the address.
  static Result<Socket> connect(const std::string& address, Millis timeout);
  // Begins to connect, without waiting: to the first address that the name has. It can be written to when that has ended,
  // one way or the other; connected() says which (network-unreachable), or the first sendNow() that is tried meanwhile.
  static Result<Socket> begin(const std::string& address);
  Result<void> connected();

  // For Tls.cpp: what it is made of, and one made of something else that does not block.
  static Socket over(const Poco::Net::StreamSocket& connected);
  Poco::Net::StreamSocket& under();

  Socket(Socket&&) noexcept;
  Socket& operator=(Socket&&) noexcept;
  ~Socket();

  // At once. Nothing: none has come yet. 0: the peer has ended its side. Error: network-protocol, the connection broke.
  Result<std::optional<std::size_t>> receiveNow(char* into, std::size_t most);
  // At once, perhaps a part. Nothing: there is no room now.
  Result<std::optional<std::size_t>> sendNow(std::string_view bytes);

  // Waits for the first bytes, or for all to be taken. network-slow where it lasts longer than `most`.
  Result<std::size_t> receive(char* into, std::size_t most, Millis timeout);
  Result<void> sendAll(std::string_view bytes, Millis timeout);

  void endSending();    // the peer reads the end after what was sent
  void endReceiving();  // any thread: a receive() that waits returns 0

 private:
  friend class ListeningSocket;
  friend class SocketPoller;
  struct State;
  explicit Socket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Owns a listening socket, and the file of a unix one.
class ListeningSocket {
 public:
  // A unix socket's folder is made private; a socket file that nobody answers on is replaced.
  // port-taken, denied, usage (no such form of address).
  static Result<ListeningSocket> listen(Files& files, const std::string& address);

  ListeningSocket(ListeningSocket&&) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  // At once. Nothing: nobody is waiting. limit-exceeded where the process has no descriptor left.
  Result<std::optional<Socket>> acceptNow();
  // With the real port.
  std::string address() const;
  void close();

 private:
  friend class SocketPoller;
  struct State;
  explicit ListeningSocket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A loop's source of events that are sockets. All but wake() on the loop's thread. A socket is forgotten before it is
// closed.
class SocketPoller final : public EventSource {
 public:
  enum class For { Reading, Writing, Both };
  using Callback = std::function<void()>;

  static Result<std::unique_ptr<SocketPoller>> create();
  ~SocketPoller() override;

  void waitAndDispatch(Millis most) override;
  void wake() override;

  // Calls back whenever the socket is ready, until it is forgotten. Watched already: for this, from now on (on Windows
  // perhaps for what it was before, too: a callback is only a hint).
  void watch(const Socket& socket, For what, Callback ready);
  void watch(const ListeningSocket& socket, Callback ready);
  void forget(const Socket& socket);
  void forget(const ListeningSocket& socket);

 private:
  struct State;
  explicit SocketPoller(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tenon::host
