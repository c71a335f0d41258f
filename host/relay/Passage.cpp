#include "host/relay/Passage.h"

#include <algorithm>
#include <array>
#include <utility>

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

// Of one connection at one time: the others want their turn.
constexpr int kTurns = 16;

std::size_t roomIn(const std::string& buffer) {
  return limits::kRelayBufferBytes - std::min(buffer.size(), limits::kRelayBufferBytes);
}

}  // namespace

Passage::Passage(Collaborators with, Socket client)
    : with_(std::move(with)), again_(with_.loop), deadline_(with_.loop), idle_(with_.loop) {
  client_.socket = std::move(client);
}

Passage::~Passage() {
  if (!over_) {
    with_.over = nullptr;
    finish();
  }
}

void Passage::start() {
  movedAt_ = with_.loop.clock().now();
  limitIdling();
  raw_ = with_.endpoint().front.protocol == EndpointPolicy::Protocol::Tcp;
  if (raw_) {
    reach();
  } else {
    deadline_.start(limits::kHttpHeaderDeadline, [this] { finish(); });
  }
  step();
}

// ---- bytes ----

void Passage::step() {
  const Instant now = with_.loop.clock().now();
  for (int turn = 0; turn < kTurns && !over_; ++turn) {
    if (!progress()) break;
    movedAt_ = now;
  }
  if (over_) return;
  watch(client_, closing_ || client_.in.size() < limits::kRelayBufferBytes);
  if (state_ == Service::Connected) watch(service_, service_.in.size() < limits::kRelayBufferBytes);
}

bool Passage::progress() {
  bool moved = flush(client_);
  if (state_ == Service::Connected) moved = flush(service_) || moved;
  if (over_) return false;
  moved = receive(client_) || moved;
  if (closing_) return close() || moved;
  if (state_ == Service::Connected) moved = receive(service_) || moved;
  if (over_) return false;
  return (raw_ ? passRaw() : passRequests()) || moved;
}

// What the client still sends is read over, else it could lose the answer.
bool Passage::close() {
  client_.in.clear();
  if (!client_.out.empty()) return false;
  if (!std::exchange(client_.told, true)) {
    client_.socket->endSending();
    deadline_.start(limits::kHttpLinger, [this] { finish(); });
  }
  if (client_.ended) finish();
  return false;
}

bool Passage::receive(Side& side) {
  if (side.ended || side.in.size() >= limits::kRelayBufferBytes) return false;
  std::array<char, kReadBytes> buffer;
  const auto got = side.socket->receiveNow(buffer.data(), buffer.size());
  if (got && !*got) return false;
  if (!got && &side == &client_) return finish(), false;
  side.ended = !got || **got == 0;  // a service that resets its connection has said what it had to say
  if (!side.ended) side.in.append(buffer.data(), **got);
  return true;
}

bool Passage::flush(Side& side) {
  if (side.out.empty()) return false;
  const auto sent = side.socket->sendNow(side.out);
  if (!sent && &side == &client_) return finish(), false;
  if (!sent) return side.out.clear(), true;  // it takes no more; what it answered may be there nevertheless
  side.out.erase(0, sent->value_or(0));
  return sent->value_or(0) > 0;
}

void Passage::watch(Side& side, bool reading) {
  reading = reading && !side.ended;
  const bool writing = !side.out.empty();
  std::optional<SocketPoller::For> wanted;
  if (reading || writing) {
    wanted = !writing ? SocketPoller::For::Reading : reading ? SocketPoller::For::Both : SocketPoller::For::Writing;
  }
  if (std::exchange(side.watched, wanted) == wanted) return;
  if (wanted) {
    with_.poller.watch(*side.socket, *wanted, [this] { step(); });
  } else {
    with_.poller.forget(*side.socket);
  }
}

// ---- tcp, and what HTTP was upgraded to ----

bool Passage::passRaw() {
  if (state_ != Service::Connected) return false;
  const bool up = passOn(client_, service_);
  const bool down = passOn(service_, client_);
  if (client_.told && service_.told) finish();
  return (up || down) && !over_;
}

bool Passage::passOn(Side& from, Side& to) {
  const std::size_t count = std::min(from.in.size(), roomIn(to.out));
  to.out.append(from.in, 0, count);
  from.in.erase(0, count);
  const bool end = from.ended && from.in.empty() && to.out.empty() && !to.told;
  if (end) {
    to.socket->endSending();
    to.told = true;
  }
  return count > 0 || end;
}

// ---- http ----

bool Passage::passRequests() { return exchange_ ? passExchange() : beginExchange(); }

bool Passage::beginExchange() {
  if (service_.ended) leaveService();  // it let go of a connection on which nobody asked
  if (client_.in.empty()) {
    closing_ = client_.ended;
    return closing_;
  }
  auto begun = RelayedExchange::begin(client_.in);
  if (!begun) return refuse(begun.error().status, begun.error().why), true;
  if (!*begun) {
    if (client_.ended) return finish(), false;
    if (!std::exchange(timingHead_, true)) deadline_.start(limits::kHttpHeaderDeadline, [this] { finish(); });
    return false;
  }
  exchange_ = *std::move(begun);
  deadline_.cancel();
  timingHead_ = repeated_ = false;
  reach();
  return true;
}

bool Passage::passExchange() {
  if (state_ != Service::Connected) return false;
  const auto up = exchange_->moveRequest(client_.in, service_.out, roomIn(service_.out));
  if (!up) return refuse(400, up.error().message()), true;
  const auto down = exchange_->moveAnswer(service_.in, client_.out, roomIn(client_.out));
  if (!down) return serviceFailed(down.error()), !over_;
  if (exchange_->upgraded()) {
    exchange_.reset();
    return raw_ = true;
  }
  if (!*down && service_.ended && !exchange_->answerDone()) {
    if (const auto whole = exchange_->endAnswer(); !whole) return serviceFailed(whole.error()), !over_;
  }
  if (exchange_->answerDone()) return endExchange();
  if (client_.ended && client_.in.empty() && !exchange_->requestDone()) return finish(), false;
  return *up || *down;
}

bool Passage::endExchange() {
  const bool another = exchange_->keepAlive() && exchange_->requestDone();
  exchange_.reset();
  if (!another) {
    closing_ = true;
    leaveService();
  } else {
    deadline_.start(limits::kHttpIdle, [this] { finish(); });
  }
  return true;
}

// It went away, or what it says is no answer.
void Passage::serviceFailed(const Error& error) {
  if (exchange_->answerPassed()) return finish();  // the client sees that the answer is not whole
  const bool again = exchange_->repeatable() && !exchange_->answerBegun() && !std::exchange(repeated_, true);
  leaveService();
  if (again) return reach();
  refuse(502, "the service's answer: " + error.message());
}

// ---- the way to the service ----

void Passage::reach() {
  const Endpoint endpoint = with_.endpoint();
  const bool reusable =
      state_ == Service::Connected && port_ == endpoint.to && !service_.ended && !raw_ && exchange_->repeatable();
  if (!reusable) leaveService();
  if (exchange_) service_.out = exchange_->head();
  if (reusable) return;
  if (endpoint.to != 0) return connect(endpoint.to);
  if (endpoint.awaited) return hold("the service is starting");
  refuse(503, "the service is not running");
}

void Passage::connect(std::uint16_t port) {
  auto socket = Socket::begin("127.0.0.1:" + std::to_string(port));
  if (!socket) return hold(socket.error().message());
  service_.socket = *std::move(socket);
  state_ = Service::Connecting;
  port_ = port;
  again_.start(limits::kRelayHold, [this] {
    leaveService();
    refuse(503, "the service does not take the connection");
    step();
  });
  with_.poller.watch(*service_.socket, SocketPoller::For::Writing, [this] { connectEnded(); });
}

void Passage::connectEnded() {
  again_.cancel();
  if (const auto connected = service_.socket->connected(); !connected) {
    leaveService();
    hold("the service takes no connection: " + connected.error().message());
  } else {
    state_ = Service::Connected;
    heldSince_.reset();
    service_.watched = SocketPoller::For::Writing;
  }
  step();
}

void Passage::hold(const std::string& why) {
  const Instant now = with_.loop.clock().now();
  if (!heldSince_) heldSince_ = now;
  if (now - *heldSince_ >= limits::kRelayHold) return refuse(503, why);
  again_.start(limits::kRelayLookAgain, [this] {
    reach();
    step();
  });
}

void Passage::leaveService() {
  if (service_.socket) with_.poller.forget(*service_.socket);
  service_ = Side{};
  state_ = Service::None;
}

// ---- ends ----

void Passage::refuse(int status, const std::string& why) {
  leaveService();
  again_.cancel();
  exchange_.reset();
  closing_ = true;
  if (raw_) return;
  const std::string text = why + "\n";
  client_.out += "HTTP/1.1 " + std::to_string(status) + " " + reasonPhrase(status) +
                 "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + std::to_string(text.size()) +
                 (status == 503 ? "\r\nRetry-After: 1" : "") + "\r\nConnection: close\r\n\r\n" + text;
}

// One timer for as long as it lasts, and not one a step: most steps move something.
void Passage::limitIdling() {
  idle_.startAt(movedAt_ + limits::kRelayIdle, [this] {
    if (with_.loop.clock().now() - movedAt_ >= limits::kRelayIdle) return finish();
    limitIdling();
  });
}

void Passage::finish() {
  if (std::exchange(over_, true)) return;
  again_.cancel();
  deadline_.cancel();
  idle_.cancel();
  leaveService();
  if (client_.socket) with_.poller.forget(*client_.socket);
  client_.socket.reset();
  if (with_.over) with_.over();
}

}  // namespace tenon::host
