#include "host/http/Connections.h"

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

using Phase = Connection::Phase;

// Some middle boxes forget a connection that was still for half a minute.
constexpr Millis kStreamSign{15'000};
constexpr std::array kTimed = {Phase::Head, Phase::Idle, Phase::Sending, Phase::Streaming, Phase::Lingering};

std::size_t index(Phase phase) { return static_cast<std::size_t>(phase); }

Millis lengthOf(Phase phase) {
  switch (phase) {
    case Phase::Head:
      return limits::kHttpHeaderDeadline;
    case Phase::Idle:
      return limits::kHttpIdle;
    case Phase::Sending:
      return limits::kHttpBodyStall;
    case Phase::Streaming:
      return kStreamSign;
    case Phase::Lingering:
      return limits::kHttpLinger;
    case Phase::Busy:
      break;
  }
  return Millis(0);
}

}  // namespace

std::optional<std::size_t> findHeadEnd(Connection& connection) {
  std::string& in = connection.in;
  while (in.starts_with("\r\n")) in.erase(0, 2), connection.scanned = 0;  // RFC 9112, 2.2: some send one after a body
  for (auto at = in.find('\n', connection.scanned); at != std::string::npos; at = in.find('\n', at + 1)) {
    if (at == 0 || in[at - 1] != '\r') return std::nullopt;
    if (at >= 3 && in.compare(at - 3, 4, "\r\n\r\n") == 0) return at + 1;
  }
  connection.scanned = in.size();
  return 0;
}

void Connections::add(const Shared& connection) {
  auto& busy = phases_[index(Phase::Busy)];
  connection->phase = Phase::Busy;
  connection->place = busy.insert(busy.end(), connection);
  ++size_;
}

void Connections::enter(const Shared& connection, Phase phase, Instant now) {
  auto& from = phases_[index(connection->phase)];
  auto& to = phases_[index(phase)];
  to.splice(to.end(), from, connection->place);
  connection->phase = phase;
  connection->deadline = now + lengthOf(phase);
}

void Connections::remove(const Shared& connection) {
  phases_[index(connection->phase)].erase(connection->place);
  --size_;
}

std::optional<Instant> Connections::nextDeadline() const {
  std::optional<Instant> next;
  for (const Phase phase : kTimed) {
    const auto& list = phases_[index(phase)];
    if (!list.empty() && (!next || list.front()->deadline < *next)) next = list.front()->deadline;
  }
  return next;
}

std::vector<Connections::Shared> Connections::expired(Instant now) const {
  std::vector<Shared> due;
  for (const Phase phase : kTimed) {
    for (const auto& each : phases_[index(phase)]) {
      if (each->deadline > now) break;
      due.push_back(each);
    }
  }
  return due;
}

std::vector<Connections::Shared> Connections::in(Phase phase) const {
  const auto& list = phases_[index(phase)];
  return {list.begin(), list.end()};
}

std::vector<Connections::Shared> Connections::all() const {
  std::vector<Shared> every;
  for (const auto& list : phases_) every.insert(every.end(), list.begin(), list.end());
  return every;
}

}  // namespace tenon::host
