#include "host/http/wire/Sockets.h"

#include <Poco/Environment.h>
#include <Poco/Error.h>
#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/DatagramSocket.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/PollSet.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/NumberParser.h>

#include <algorithm>
#include <atomic>
#include <map>

namespace tenon::host {
namespace {

namespace net = Poco::Net;

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::size_t kUnixPathBytes = 107;  // sun_path less its NUL
constexpr int kBacklog = 1024;
constexpr Millis kLongWait{3'600'000};
constexpr Millis kLookAgain{200};  // Windows does not wake a read whose socket is shut down

Poco::Timespan span(Millis time) { return Poco::Timespan(std::max<Poco::Int64>(time.count(), 0) * 1000); }

bool isUnix(const std::string& address) { return address.starts_with(kUnixPrefix); }

// Poco writes "Net Exception: Address already in use: 127.0.0.1:80"; its message is the part that people need.
using SystemCode = decltype(Poco::Error::last());  // signed or not, as the system has it

std::string reason(const Poco::Exception& error) { return error.message().empty() ? error.displayText() : error.message(); }

bool wouldBlock(const Poco::Exception& error) { return error.code() == POCO_EWOULDBLOCK || error.code() == POCO_EAGAIN; }
bool stillConnects(const Poco::Exception& error) { return error.code() == POCO_ENOTCONN; }  // where Linux says "would block"

Result<net::SocketAddress> unixAddress(const std::string& address) {
  const std::string path = address.substr(kUnixPrefix.size());
  if (!path.starts_with('/')) return Error(ErrorCode::Usage, address + ": a unix socket needs an absolute path");
  if (path.size() > kUnixPathBytes) {
    return Error(ErrorCode::Usage, address + ": a unix socket's path ends at " + std::to_string(kUnixPathBytes) + " bytes")
        .withHint("choose a shorter path");
  }
  try {
    return net::SocketAddress(path);
  } catch (const Poco::Exception& error) {
    return Error(ErrorCode::Usage, address + ": no unix sockets here: " + reason(error));
  }
}

struct HostAndPort {
  std::string host;
  Poco::UInt16 port;
};

Result<HostAndPort> splitAddress(const std::string& address) {
  const auto colon = address.rfind(':');
  unsigned port = 0;
  if (colon == std::string::npos || colon == 0 || !Poco::NumberParser::tryParseUnsigned(address.substr(colon + 1), port) ||
      port > 65535) {
    return Error(ErrorCode::Usage, "'" + address + "' is no address").withHint("write HOST:PORT or unix:/path");
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return HostAndPort{host, static_cast<Poco::UInt16>(port)};
}

// `localhost` is this machine whatever its name resolution says, or where it says nothing: RFC 6761, 6.3.
Result<std::vector<net::IPAddress>> addressesOf(const std::string& host) {
  net::IPAddress one;
  if (net::IPAddress::tryParse(host, one)) return std::vector{one};
  if (host == "localhost") return std::vector{net::IPAddress("127.0.0.1"), net::IPAddress("::1")};
  try {
    auto all = net::DNS::hostByName(host, net::DNS::DNS_HINT_NONE).addresses();
    std::stable_partition(all.begin(), all.end(), [](const auto& each) { return each.family() == net::IPAddress::IPv4; });
    if (!all.empty()) return all;
  } catch (const Poco::Exception& error) {
    return Error(ErrorCode::NetworkUnreachable, error.displayText())
        .withHint("check the name " + host + " and this machine's name resolution");
  }
  return Error(ErrorCode::NetworkUnreachable, "the name has no address");
}

// Every address of the name, IPv4 first.
Result<std::vector<net::SocketAddress>> resolve(const std::string& address) {
  if (isUnix(address)) {
    TENON_TRY(auto one, unixAddress(address));
    return std::vector{one};
  }
  TENON_TRY(const HostAndPort parts, splitAddress(address));
  TENON_TRY(const auto addresses, withContext(address, addressesOf(parts.host)));
  std::vector<net::SocketAddress> all;
  for (const auto& each : addresses) all.emplace_back(each, parts.port);
  return all;
}

void setUp(net::StreamSocket& socket, bool tcp) {
  socket.setBlocking(false);
  if (tcp) socket.setNoDelay(true);
}

Error refused() { return Error(ErrorCode::NetworkUnreachable, "connection refused"); }

Error broken(const Poco::Exception& error) {
  if (error.code() == POCO_ECONNREFUSED) return refused();
  return Error(ErrorCode::NetworkProtocol, "the connection broke: " + error.displayText());
}

Error slow(const std::string& what, Millis timeout) {
  return Error(ErrorCode::NetworkSlow, what + " for " + std::to_string(timeout.count() / 1000) + " s");
}

}  // namespace

struct Socket::State {
  net::StreamSocket socket;
  std::atomic<bool> receivingEnded = false;
};

Socket::Socket(std::unique_ptr<State> state) : state_(std::move(state)) {}
Socket::Socket(Socket&&) noexcept = default;
Socket& Socket::operator=(Socket&&) noexcept = default;
Socket::~Socket() = default;

Socket Socket::over(const net::StreamSocket& connected) {
  auto state = std::make_unique<State>();
  state->socket = connected;
  return Socket(std::move(state));
}

net::StreamSocket& Socket::under() { return state_->socket; }

Result<Socket> Socket::connect(const std::string& address, Millis timeout) {
  TENON_TRY(const auto candidates, resolve(address));
  std::string why;
  bool timedOut = false;
  for (const auto& each : candidates) {
    try {
      auto state = std::make_unique<State>();
      if (isUnix(address)) {
        state->socket.connect(each);
      } else {
        state->socket.connect(each, span(timeout));
      }
      setUp(state->socket, !isUnix(address));
      return Socket(std::move(state));
    } catch (const Poco::TimeoutException&) {
      timedOut = true;
      why = "no answer within " + std::to_string(timeout.count() / 1000) + " s";
    } catch (const Poco::Exception& error) {
      timedOut = false;
      why = error.displayText();
    }
  }
  return Error(timedOut ? ErrorCode::NetworkSlow : ErrorCode::NetworkUnreachable, "connect to " + address + ": " + why)
      .withHint("check that a server is listening on " + address + " and can be reached from here");
}

Result<Socket> Socket::begin(const std::string& address) {
  TENON_TRY(const auto candidates, resolve(address));
  try {
    auto state = std::make_unique<State>();
    state->socket.connectNB(candidates.front());  // does not block from here on
    if (!isUnix(address)) state->socket.setNoDelay(true);
    return Socket(std::move(state));
  } catch (const Poco::Exception& error) {
    return Error(ErrorCode::NetworkUnreachable, "connect to " + address + ": " + reason(error));
  }
}

Result<void> Socket::connected() {
  try {
    const int error = state_->socket.impl()->socketError();
    if (error == 0) return {};
    if (error == POCO_ECONNREFUSED) return refused();
    return Error(ErrorCode::NetworkUnreachable, Poco::Error::getMessage(static_cast<SystemCode>(error)));
  } catch (const Poco::Exception& error) {
    return Error(ErrorCode::NetworkUnreachable, reason(error));
  }
}

Result<std::optional<std::size_t>> Socket::receiveNow(char* into, std::size_t most) {
  try {
    const int got = state_->socket.receiveBytes(into, static_cast<int>(std::min<std::size_t>(most, 1 << 30)));
    if (got < 0) return std::optional<std::size_t>();
    return std::optional(static_cast<std::size_t>(got));
  } catch (const Poco::TimeoutException&) {
    return std::optional<std::size_t>();
  } catch (const Poco::Exception& error) {
    if (wouldBlock(error)) return std::optional<std::size_t>();
    return broken(error);
  }
}

Result<std::optional<std::size_t>> Socket::sendNow(std::string_view bytes) {
  try {
    const int sent = state_->socket.sendBytes(bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 30)));
    if (sent < 0) return std::optional<std::size_t>();
    return std::optional(static_cast<std::size_t>(sent));
  } catch (const Poco::TimeoutException&) {
    return std::optional<std::size_t>();
  } catch (const Poco::Exception& error) {
    if (wouldBlock(error) || stillConnects(error)) return std::optional<std::size_t>();
    return broken(error);
  }
}

// By blocking reads with a time limit: Poco's poll() opens a descriptor for every call, and there may be none left.
Result<std::size_t> Socket::receive(char* into, std::size_t most, Millis timeout) {
  TENON_TRY(const auto there, receiveNow(into, most));
  if (there) return *there;
  try {
    for (Millis left = std::max(timeout, Millis(1)); left > Millis(0); left -= kLookAgain) {
      state_->socket.setReceiveTimeout(span(std::min(left, kLookAgain)));
      state_->socket.setBlocking(true);
      const auto got = receiveNow(into, most);
      state_->socket.setBlocking(false);
      if (!got) return got.error();
      if (*got) return **got;
      if (state_->receivingEnded) return std::size_t{0};
    }
    return slow("nothing came", timeout);
  } catch (const Poco::Exception& error) {
    return broken(error);
  }
}

Result<void> Socket::sendAll(std::string_view bytes, Millis timeout) {
  const SystemClock clock;
  const Instant end = clock.now() + timeout;
  try {
    while (!bytes.empty()) {
      TENON_TRY(const auto sent, sendNow(bytes));
      if (sent) {
        bytes.remove_prefix(*sent);
        continue;
      }
      const auto left = std::chrono::duration_cast<Millis>(end - clock.now());
      if (left.count() <= 0 || !state_->socket.poll(span(left), net::Socket::SELECT_WRITE)) {
        return slow("the other side took nothing", timeout);
      }
    }
  } catch (const Poco::Exception& error) {
    return broken(error);
  }
  return {};
}

void Socket::endSending() {
  try {
    state_->socket.shutdownSend();
  } catch (const Poco::Exception&) {  // the peer was faster
  }
}

void Socket::endReceiving() {
  state_->receivingEnded = true;
  try {
    state_->socket.shutdownReceive();
  } catch (const Poco::Exception&) {  // the peer was faster
  }
}

struct ListeningSocket::State {
  net::ServerSocket socket;
  std::string unixAddress;  // "unix:/path", or empty
  Files& files;
  bool open = false;
};

ListeningSocket::ListeningSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}
ListeningSocket::ListeningSocket(ListeningSocket&&) noexcept = default;
ListeningSocket::~ListeningSocket() {
  if (state_) close();
}

namespace {

// Makes room for a unix socket: its folder, and no stale file.
Result<void> prepareUnix(Files& files, const std::string& address) {
  const Path path(address.substr(kUnixPrefix.size()));
  TENON_CHECK(files.makeFolder(0, path.parent().text(), {.parents = true, .ownerOnly = true}));
  const auto there = files.inspect(path);
  if (!there) {
    if (there.error().code() == ErrorCode::NotFound) return {};
    return there.error();
  }
  if (there->kind != FileKind::Other) {
    return Error(ErrorCode::AlreadyExists, path.text() + " is there and is no socket").withHint("move it away");
  }
  if (Socket::connect(address, Millis(1000))) {
    return Error(ErrorCode::PortTaken, "another server answers on " + address).withHint("stop it, or choose another path");
  }
  return files.removeFile(path);
}

Error bindError(const std::string& address, const Poco::Exception& error) {
  if (error.code() == POCO_EADDRINUSE) {
    return Error(ErrorCode::PortTaken, "listen on " + address + ": another program has it")
        .withHint("stop it, or choose another port");
  }
  if (error.code() == POCO_EACCES) {
    return Error(ErrorCode::Denied, "listen on " + address + ": not allowed").withHint("choose a port above 1023");
  }
  return Error(ErrorCode::Usage, "listen on " + address + ": " + reason(error))
      .withHint("choose an address of this machine");
}

}  // namespace

Result<ListeningSocket> ListeningSocket::listen(Files& files, const std::string& address) {
  TENON_TRY(const auto candidates, resolve(address));
  if (isUnix(address)) TENON_CHECK(prepareUnix(files, address));
  auto state = std::make_unique<State>(State{{}, isUnix(address) ? address : "", files});
  const bool reuse = Poco::Environment::isUnix();  // a port just left; to Windows it would mean one in use
  try {
    const auto& where = candidates.front();
    if (where.family() == net::SocketAddress::IPv6) {
      state->socket.bind6(where, reuse, false, true);
    } else {
      state->socket.bind(where, reuse, false);
    }
    state->open = true;
    state->socket.listen(kBacklog);
    state->socket.setBlocking(false);
  } catch (const Poco::Exception& error) {
    return bindError(address, error);
  }
  return ListeningSocket(std::move(state));
}

Result<std::optional<Socket>> ListeningSocket::acceptNow() {
  try {
    auto accepted = std::make_unique<Socket::State>();
    accepted->socket = state_->socket.acceptConnection();
    setUp(accepted->socket, state_->unixAddress.empty());
    return std::optional(Socket(std::move(accepted)));
  } catch (const Poco::Exception& error) {
    if (wouldBlock(error) || dynamic_cast<const net::ConnectionAbortedException*>(&error) != nullptr) {
      return std::optional<Socket>();
    }
    return Error(ErrorCode::LimitExceeded, "accept a connection: " + error.displayText());
  }
}

std::string ListeningSocket::address() const {
  return state_->unixAddress.empty() ? state_->socket.address().toString() : state_->unixAddress;
}

void ListeningSocket::close() {
  if (!state_->open) return;
  state_->open = false;
  try {
    state_->socket.close();
  } catch (const Poco::Exception&) {  // closed is what was wanted
  }
  if (state_->unixAddress.empty()) return;
  // A stale socket file is harmless: the next listen() replaces it.
  (void)state_->files.removeFile(Path(state_->unixAddress.substr(kUnixPrefix.size())));
}

struct SocketPoller::State {
  net::PollSet set;
  net::DatagramSocket waker;  // connected to itself: Poco's PollSet has no wake-up of its own
  std::atomic<bool> woken{false};
  std::map<net::Socket, Callback> callbacks;

  void watch(const net::Socket& socket, int mode, Callback ready) {
    callbacks[socket] = std::move(ready);
    set.add(socket, mode);
  }
  void forget(const net::Socket& socket) {
    if (callbacks.erase(socket) > 0) set.remove(socket);
  }
};

SocketPoller::SocketPoller(std::unique_ptr<State> state) : state_(std::move(state)) {}
SocketPoller::~SocketPoller() = default;

Result<std::unique_ptr<SocketPoller>> SocketPoller::create() {
  std::string why;
  for (const char* const loopback : {"127.0.0.1:0", "[::1]:0"}) {
    try {
      auto state = std::make_unique<State>();
      state->waker.bind(net::SocketAddress(loopback));
      state->waker.connect(state->waker.address());
      state->waker.setBlocking(false);
      state->set.add(state->waker, net::PollSet::POLL_READ);
      return std::unique_ptr<SocketPoller>(new SocketPoller(std::move(state)));
    } catch (const Poco::Exception& error) {
      why = error.displayText();
    }
  }
  return Error(ErrorCode::ResourceMissing, "no loopback network: " + why).withHint("bring up the lo interface");
}

void SocketPoller::wake() {
  if (state_->woken.exchange(true)) return;
  try {
    const char one = 1;
    state_->waker.sendBytes(&one, 1);
  } catch (const Poco::Exception&) {
    state_->woken = false;  // a full buffer means that a wake-up is on its way
  }
}

void SocketPoller::waitAndDispatch(Millis most) {
  const auto ready = state_->set.poll(span(most < Millis(0) ? kLongWait : std::min(most, kLongWait)));
  for (const auto& [socket, mode] : ready) {
    if (socket == state_->waker) {
      state_->woken = false;  // before the read: a wake-up that comes now sends again
      char drained[16];
      try {
        state_->waker.receiveBytes(drained, sizeof drained);
      } catch (const Poco::Exception&) {  // nothing there
      }
      continue;
    }
    const auto found = state_->callbacks.find(socket);
    if (found == state_->callbacks.end()) continue;  // forgotten by a callback before this one
    const Callback callback = found->second;         // it may forget itself
    callback();
  }
}

void SocketPoller::watch(const Socket& socket, For what, Callback ready) {
  const int mode =
      (what == For::Writing ? 0 : net::PollSet::POLL_READ) | (what == For::Reading ? 0 : net::PollSet::POLL_WRITE);
  state_->watch(socket.state_->socket, mode, std::move(ready));
}
void SocketPoller::watch(const ListeningSocket& socket, Callback ready) {
  state_->watch(socket.state_->socket, net::PollSet::POLL_READ, std::move(ready));
}
void SocketPoller::forget(const Socket& socket) { state_->forget(socket.state_->socket); }
void SocketPoller::forget(const ListeningSocket& socket) { state_->forget(socket.state_->socket); }

}  // namespace tenon::host
