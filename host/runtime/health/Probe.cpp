#include "host/runtime/health/Probe.h"

#include <algorithm>
#include <array>
#include <utility>

#include "host/runtime/supervision/Why.h"

namespace tenon::host {
namespace {

bool isTarget(std::string_view endpoint) {
  return endpoint.starts_with('/') && endpoint.size() <= limits::kHttpTargetBytes &&
         std::all_of(endpoint.begin(), endpoint.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::string requestFor(const ProbeTarget& target) {
  return "GET " + target.check.endpoint + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(target.port) +
         "\r\nUser-Agent: tenon\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

}  // namespace

Probe::Probe(SocketPoller& poller, Loop& loop, ProbeTarget target, std::function<void(ProbeAnswer)> finished)
    : poller_(poller),
      deadline_(loop),
      target_(std::move(target)),
      finished_(std::move(finished)),
      answer_(target_.check.expectFrom, target_.check.expectTo) {}

void Probe::start() {
  const bool http = target_.check.type == HealthCheck::Type::Http;
  if (http && !isTarget(target_.check.endpoint)) {
    return finish(false, "\"" + printable(target_.check.endpoint, 80) + "\" is no path that can be asked for");
  }
  if (http) request_ = requestFor(target_);
  deadline_.start(target_.check.timeout, [this] { timedOut(); });
  auto socket = Socket::begin("127.0.0.1:" + std::to_string(target_.port));
  if (!socket) return finish(false, socket.error().message());
  socket_ = std::move(*socket);
  // On one machine the connection is there already, most often, and asking at once spares two waits.
  if (http) return send();
  poller_.watch(*socket_, SocketPoller::For::Writing, [this] { ready(); });
}

void Probe::ready() {
  switch (stage_) {
    case Stage::Connecting:
      return onConnected();
    case Stage::Sending:
      return send();
    case Stage::Receiving:
      return receive();
    case Stage::Over:
      return;
  }
}

void Probe::onConnected() {
  if (const auto connected = socket_->connected(); !connected) return finish(false, connected.error().message());
  if (target_.check.type == HealthCheck::Type::Tcp) return finish(true, "connected");
  stage_ = Stage::Sending;
  send();
}

void Probe::send() {
  const auto sent = socket_->sendNow(request_);
  if (!sent) {
    // Windows calls a connection that never was "reset"; then the socket still knows better. Linux tells its error once.
    const auto connected = stage_ == Stage::Connecting ? socket_->connected() : Result<void>();
    return finish(false, (connected ? sent.error() : connected.error()).message());
  }
  request_.erase(0, sent->value_or(0));
  if (request_.empty()) stage_ = Stage::Receiving;
  const auto next = request_.empty() ? SocketPoller::For::Reading : SocketPoller::For::Writing;
  poller_.watch(*socket_, next, [this] { ready(); });
}

// One buffer at a time: a service that never stops talking takes no more than its turn.
void Probe::receive() {
  std::array<char, 4096> buffer;
  const auto got = socket_->receiveNow(buffer.data(), buffer.size());
  if (!got) {
    // A service may answer and then reset the connection; what it said before counts.
    if (answer_.status()) return finish(answer_.healthy(), answer_.text());
    return finish(false, got.error().message());
  }
  if (!*got) return;
  const auto progress = **got == 0 ? answer_.peerClosed() : answer_.take({buffer.data(), **got});
  if (progress == HttpAnswer::Progress::Done) finish(answer_.healthy(), answer_.text());
}

void Probe::timedOut() {
  if (answer_.status()) return finish(answer_.healthy(), answer_.text());
  finish(false, "timed out after " + seconds(target_.check.timeout));
}

void Probe::finish(bool healthy, std::string text) {
  deadline_.cancel();
  close();
  stage_ = Stage::Over;
  const auto finished = std::exchange(finished_, nullptr);
  if (finished) finished({healthy, std::move(text)});
}

void Probe::close() {
  if (socket_) poller_.forget(*socket_);
  socket_.reset();
}

}  // namespace tenon::host
