#include "host/relay/Relay.h"

#include <utility>

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

// What was read so long ago still holds. A table that is read all the time could not be replaced on an older Windows, which
// does not let go of the name of an open file.
constexpr Millis kFresh{5};
constexpr Millis kListenAgain{1000};  // where a port was taken

}  // namespace

Relay::Relay(Collaborators with, std::unique_ptr<SocketPoller> poller)
    : with_(std::move(with)), poller_(std::move(poller)), loop_(with_.clock, *poller_), tick_(loop_) {}

Relay::~Relay() {
  loop_.stop();
  passages_.clear();
}

Result<std::unique_ptr<Relay>> Relay::open(Collaborators with, std::uint16_t health) {
  TENON_TRY(auto poller, SocketPoller::create());
  auto relay = std::unique_ptr<Relay>(new Relay(std::move(with), std::move(poller)));
  if (health == 0) return relay;
  TENON_TRY(auto socket, ListeningSocket::listen(relay->with_.files, "127.0.0.1:" + std::to_string(health)));
  relay->health_.socket = std::make_unique<ListeningSocket>(std::move(socket));
  return relay;
}

void Relay::start() {
  loop_.start();
  loop_.post([this] { tick(); });
}

void Relay::tick() {
  look();
  if (std::exchange(changed_, false)) arrange();
  const Instant now = with_.clock.now();
  for (auto& [service, front] : fronts_) {
    if (!front.door.socket && now - front.triedAt >= kListenAgain) listen(service, front);
    watch(front.door, [this, service = service](Socket client) { admit(service, std::move(client)); });
  }
  watch(health_, [](Socket) {});  // it is closed at once
  tick_.start(limits::kRelayLookAgain, [this] { tick(); });
}

// A table that cannot be read changes nothing: what was there goes on.
void Relay::look() {
  lookedAt_ = with_.clock.now();
  auto text = with_.files.readAll(with_.table, limits::kEndpointTableBytes);
  if (text && *text == text_) return;
  auto table = text ? parseEndpointTable(*text) : Result<EndpointTable>(text.error());
  if (!table && table.error().code() == ErrorCode::NotFound) table = EndpointTable{};
  const std::string fault = table ? "" : table.error().message();
  if (std::exchange(told_, fault) != fault && !fault.empty()) with_.log.error(with_.table.text() + ": " + fault);
  if (!table) return;
  text_ = text.value_or("");
  table_ = *std::move(table);
  changed_ = true;
}

// Not from within look(): a listening socket may be at work.
void Relay::arrange() {
  for (auto it = fronts_.begin(); it != fronts_.end();) {
    const auto entry = table_.find(it->first);
    const bool stays = entry != table_.end() && entry->second.front == it->second.policy;
    if (!stays) forget(it->second);
    it = stays ? std::next(it) : fronts_.erase(it);
  }
  for (const auto& [service, endpoint] : table_) {
    const auto [front, isNew] = fronts_.try_emplace(service);
    if (!isNew) continue;
    front->second.policy = endpoint.front;
    listen(service, front->second);
  }
}

void Relay::listen(const ServiceId& service, Front& front) {
  front.triedAt = with_.clock.now();
  auto socket = ListeningSocket::listen(with_.files, front.policy.text());
  const std::string fault = socket ? "" : socket.error().message();
  if (std::exchange(front.told, fault) != fault && !fault.empty()) with_.log.error(service.text() + ": " + fault);
  if (!socket) return;
  front.door.socket = std::make_unique<ListeningSocket>(std::move(*socket));
  with_.log.info(service.text() + " is reached on " + front.policy.text());
}

void Relay::forget(Front& front) {
  if (front.door.watched) poller_->forget(*front.door.socket);
}

// ---- clients ----

void Relay::watch(Door& door, const Admit& admit) {
  if (!door.socket || std::exchange(door.watched, true)) return;
  poller_->watch(*door.socket, [this, &door, admit] { accept(door, admit); });
}

void Relay::accept(Door& door, const Admit& admit) {
  while (true) {
    auto client = door.socket->acceptNow();
    if (!client) return rest(door, client.error());
    if (!*client) return;
    saidFull_ = false;
    admit(**std::move(client));
  }
}

// No descriptor is left. The socket stays ready all the while, and would keep the thread busy: the next tick watches it
// again.
void Relay::rest(Door& door, const Error& why) {
  if (!std::exchange(saidFull_, true)) with_.log.warning("a connection has to wait: " + why.message());
  poller_->forget(*door.socket);
  door.watched = false;
}

void Relay::admit(const ServiceId& service, Socket client) {
  if (passages_.size() >= limits::kRelayConnections) return;  // it is closed
  const std::uint64_t id = ++lastPassage_;
  auto endpoint = [this, service] {
    if (with_.clock.now() - lookedAt_ >= kFresh) look();
    const auto found = table_.find(service);
    return found == table_.end() ? Endpoint{} : found->second;
  };
  auto over = [this, id] { loop_.post([this, id] { passages_.erase(id); }); };
  auto passage = std::make_unique<Passage>(Passage::Collaborators{*poller_, loop_, std::move(endpoint), std::move(over)},
                                           std::move(client));
  (passages_[id] = std::move(passage))->start();
}

}  // namespace tenon::host
