#include "host/http/HttpServer.h"

#include <array>
#include <condition_variable>

#include "host/http/Connections.h"
#include "host/http/Exchange.h"

namespace tenon::host {
namespace {

using Phase = Connection::Phase;
using Shared = Connections::Shared;

constexpr int kAcceptsAtOnce = 64;
constexpr Millis kAcceptPause{100};  // while the process has no descriptor left

// Its loop owns every connection; a worker has one only while it is Busy, and gives it back by a message to the loop.
class PollingServer final : public HttpServer {
 public:
  PollingServer(Config config, Collaborators with, Router router, ListeningSocket listener,
                std::unique_ptr<SocketPoller> poller)
      : config_(std::move(config)),
        with_(with),
        router_(std::move(router)),
        listener_(std::move(listener)),
        address_(listener_.address()),
        poller_(std::move(poller)),
        loop_(with_.clock, *poller_) {}
  ~PollingServer() override { stop(); }

  void start() override;
  void stop() override;
  void wakeStreams() override;
  std::string address() const override { return address_; }

 private:
  // Loop's thread.
  void listenForMore();
  void acceptSome();
  void admit(Socket socket);
  void watch(const Shared& connection, Phase phase);
  void onReady(const Shared& connection);
  void readSome(const Shared& connection);
  void readOver(const Shared& connection);
  void advance(const Shared& connection);
  void answerAndEnd(const Shared& connection, int status, const std::string& why);
  void finish(const Shared& connection);
  void pump(const Shared& connection);
  bool sendPiece(const Shared& connection, std::string piece);
  void close(const Shared& connection);
  void sweep();
  void setTimer();
  void closeAll();

  // Any thread: a job of a worker with this connection. What it returns runs on the loop.
  void work(const Shared& connection, std::function<void()> job);
  void leave();
  // Worker's thread.
  void serve(const Shared& connection, std::size_t headBytes);
  void send(const Shared& connection);

  const Config config_;
  Collaborators with_;
  const Router router_;
  ListeningSocket listener_;
  const std::string address_;
  std::unique_ptr<SocketPoller> poller_;
  Connections connections_;
  Loop::TimerId timer_ = 0;
  std::optional<Instant> timerDue_;
  bool saidFull_ = false;
  bool started_ = false;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> waking_{false};  // the loop is going to look after the streams
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t jobs_ = 0;  // with the pool
  Loop loop_;

  Reply::Context context() const { return {with_.files, with_.clock, with_.log, config_.serverName, config_.answered}; }
};

void PollingServer::start() {
  if (std::exchange(started_, true)) return;
  loop_.start();
  loop_.post([this] { listenForMore(); });
}

void PollingServer::stop() {
  if (stopping_.exchange(true)) return;
  if (started_) {
    loop_.postAndWait([this] { closeAll(); });
    std::unique_lock lock(mutex_);
    left_.wait(lock, [this] { return jobs_ == 0; });
  }
  loop_.stop();
  for (const auto& each : connections_.all()) close(each);
  listener_.close();
}

// What waits is closed; what a worker has is finished, but nothing more is read for it.
void PollingServer::closeAll() {
  poller_->forget(listener_);
  for (const auto& each : connections_.all()) {
    if (each->phase == Phase::Busy) {
      each->socket.endReceiving();
    } else {
      close(each);
    }
  }
}

void PollingServer::listenForMore() {
  if (!stopping_) poller_->watch(listener_, [this] { acceptSome(); });
}

void PollingServer::acceptSome() {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    auto accepted = listener_.acceptNow();
    if (!accepted) {
      if (!std::exchange(saidFull_, true)) with_.log.warning("http: " + accepted.error().message());
      poller_->forget(listener_);
      loop_.after(kAcceptPause, [this] { listenForMore(); });
      return;
    }
    if (!*accepted) return;
    admit(**std::move(accepted));
  }
}

void PollingServer::admit(Socket socket) {
  if (connections_.size() >= config_.connections) {
    Exchange refused = refuseRequest(context(), 503, "too many connections");
    (void)refused.answer.send(socket);  // best effort: it is closed in any case
    socket.endSending();
    return;
  }
  saidFull_ = false;
  const auto connection = std::make_shared<Connection>(std::move(socket));
  connections_.add(connection);
  watch(connection, Phase::Head);
}

void PollingServer::watch(const Shared& connection, Phase phase) {
  connections_.enter(connection, phase, with_.clock.now());
  const auto what = phase == Phase::Sending ? SocketPoller::For::Writing : SocketPoller::For::Reading;
  poller_->watch(connection->socket, what, [this, connection] { onReady(connection); });
  setTimer();
}

void PollingServer::onReady(const Shared& connection) {
  switch (connection->phase) {
    case Phase::Head:
    case Phase::Idle:
      return readSome(connection);
    case Phase::Sending:
      poller_->forget(connection->socket);
      connections_.enter(connection, Phase::Busy, with_.clock.now());
      return work(connection, [this, connection] { send(connection); });
    case Phase::Streaming:
    case Phase::Lingering:
      return readOver(connection);
    case Phase::Busy:
      return;
  }
}

void PollingServer::readSome(const Shared& connection) {
  std::array<char, kReadBytes> piece;
  const auto got = connection->socket.receiveNow(piece.data(), piece.size());
  if (got && !*got) return;
  if (!got || **got == 0) return close(connection);
  connection->in.append(piece.data(), **got);
  if (connection->phase == Phase::Idle) {  // the deadline of a head begins with its first byte
    connections_.enter(connection, Phase::Head, with_.clock.now());
    setTimer();
  }
  advance(connection);
}

// Takes a worker if a whole head is there.
void PollingServer::advance(const Shared& connection) {
  const auto end = findHeadEnd(*connection);
  const auto size = end.value_or(0) > 0 ? *end : connection->in.size();
  if (size > limits::kHttpHeaderBytes) {
    return answerAndEnd(connection, 431, "a head of more than " + std::to_string(limits::kHttpHeaderBytes) + " bytes");
  }
  if (!end) return answerAndEnd(connection, 400, "a line that does not end in CR LF");
  if (*end == 0) return;
  poller_->forget(connection->socket);
  connections_.enter(connection, Phase::Busy, with_.clock.now());
  work(connection, [this, connection, head = *end] { serve(connection, head); });
}

void PollingServer::work(const Shared& connection, std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    ++jobs_;
  }
  with_.pool.post([this, connection, job = std::move(job)] {
    if (stopping_) {
      loop_.post([this, connection] { close(connection); });
    } else {
      job();
    }
    leave();
  });
}

void PollingServer::leave() {
  const std::lock_guard lock(mutex_);
  if (--jobs_ == 0) left_.notify_all();
}

void PollingServer::serve(const Shared& connection, std::size_t headBytes) {
  const std::string head = connection->in.substr(0, headBytes);
  const Reply::Context shared = context();
  Exchange done = serveRequest(shared, router_, connection->socket, head, connection->in.substr(headBytes));
  connection->out = std::move(done.answer);
  connection->in = std::move(done.buffered);
  connection->scanned = 0;
  connection->keepAlive = done.keepAlive;
  connection->unread = done.unread;
  connection->stream = std::move(done.stream);
  send(connection);
}

void PollingServer::send(const Shared& connection) {
  const auto step = connection->out.send(connection->socket);
  if (!step) return loop_.post([this, connection] { close(connection); });
  switch (*step) {
    case Outgoing::Step::Done:
      return loop_.post([this, connection] { finish(connection); });
    case Outgoing::Step::Blocked:
      return loop_.post([this, connection] {
        if (stopping_) return close(connection);
        watch(connection, Phase::Sending);
      });
    case Outgoing::Step::More:
      return work(connection, [this, connection] { send(connection); });
  }
}

void PollingServer::finish(const Shared& connection) {
  connection->out = Outgoing();
  if (stopping_) return close(connection);
  if (connection->stream) {
    watch(connection, Phase::Streaming);
    return pump(connection);
  }
  if (connection->keepAlive) {
    watch(connection, connection->in.empty() ? Phase::Idle : Phase::Head);
    return advance(connection);
  }
  if (!connection->unread) return close(connection);
  connection->socket.endSending();
  watch(connection, Phase::Lingering);
}

void PollingServer::wakeStreams() {
  if (waking_.exchange(true)) return;
  loop_.post([this] {
    waking_ = false;
    for (const auto& each : connections_.in(Phase::Streaming)) pump(each);
  });
}

void PollingServer::pump(const Shared& connection) {
  for (auto piece = connection->stream->next(); !piece.empty(); piece = connection->stream->next()) {
    if (!sendPiece(connection, std::move(piece))) return;
  }
}

// False: the reader has to take what there is first, or is gone.
bool PollingServer::sendPiece(const Shared& connection, std::string piece) {
  connection->out = Outgoing(std::move(piece));
  const auto step = connection->out.send(connection->socket);
  if (!step) return close(connection), false;
  if (*step == Outgoing::Step::Done) {
    connections_.enter(connection, Phase::Streaming, with_.clock.now());
    return true;
  }
  poller_->forget(connection->socket);
  watch(connection, Phase::Sending);
  return false;
}

void PollingServer::answerAndEnd(const Shared& connection, int status, const std::string& why) {
  poller_->forget(connection->socket);
  // A few hundred bytes into an empty send buffer; a peer that has filled it reads nothing anyway.
  (void)refuseRequest(context(), status, why).answer.send(connection->socket);
  connection->socket.endSending();
  watch(connection, Phase::Lingering);
}

void PollingServer::readOver(const Shared& connection) {
  std::array<char, kReadBytes> piece;
  const auto got = connection->socket.receiveNow(piece.data(), piece.size());
  if (!got || (*got && **got == 0)) close(connection);
}

void PollingServer::close(const Shared& connection) {
  poller_->forget(connection->socket);
  connections_.remove(connection);
}

void PollingServer::sweep() {
  timer_ = 0;
  timerDue_.reset();
  for (const auto& each : connections_.expired(with_.clock.now())) {
    if (each->phase == Phase::Head && !each->in.empty()) {
      answerAndEnd(each, 408, "the head of the request did not come in time");
    } else if (each->phase == Phase::Streaming) {
      sendPiece(each, std::string(each->stream->sign()));
    } else {
      close(each);
    }
  }
  setTimer();
}

// One timer for all: the earliest deadline.
void PollingServer::setTimer() {
  const auto next = connections_.nextDeadline();
  if (!next || (timerDue_ && *timerDue_ <= *next)) return;
  loop_.cancel(timer_);
  timerDue_ = next;
  timer_ = loop_.at(*next, [this] { sweep(); });
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const Config& config, Collaborators with, Router router) {
  TENON_TRY(auto poller, SocketPoller::create());
  TENON_TRY(auto listener, ListeningSocket::listen(with.files, config.address));
  return std::unique_ptr<HttpServer>(
      std::make_unique<PollingServer>(config, with, std::move(router), std::move(listener), std::move(poller)));
}

}  // namespace tenon::host
