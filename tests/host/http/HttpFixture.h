// A server on a port of its own, and clients that speak raw bytes to it.
#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/base/WorkerPool.h"
#include "host/http/HttpServer.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

// What a peer sends up to the end of a head.
inline std::string readHeadOf(Poco::Net::StreamSocket& peer) {
  std::string head;
  std::array<char, 4096> piece;
  while (head.find("\r\n\r\n") == std::string::npos) {
    const int got = peer.receiveBytes(piece.data(), static_cast<int>(piece.size()));
    if (got <= 0) break;
    head.append(piece.data(), static_cast<std::size_t>(got));
  }
  return head;
}

class RememberingLog final : public Log {
 public:
  void write(LogLevel, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(text);
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// An answer as it came over the wire.
struct RawAnswer {
  std::string head, body;
  int status() const { return head.size() > 12 ? std::atoi(head.substr(9, 3).c_str()) : 0; }
  bool has(const std::string& line) const { return head.find("\r\n" + line + "\r\n") != std::string::npos; }
};

class RawClient {
 public:
  explicit RawClient(const std::string& address)
      : socket_(Poco::Net::SocketAddress(address.starts_with("unix:") ? address.substr(5) : address)) {
    socket_.setReceiveTimeout(Poco::Timespan(30, 0));  // only a hanging test waits so long
  }

  // False once the server has closed.
  bool send(std::string_view bytes) {
    try {
      while (!bytes.empty()) bytes.remove_prefix(static_cast<std::size_t>(socket_.sendBytes(bytes.data(), size(bytes))));
      return true;
    } catch (const Poco::Exception&) {
      return false;
    }
  }
  void endSending() { socket_.shutdownSend(); }
  void close() { socket_.close(); }
  void setReceiveBuffer(int bytes) { socket_.setReceiveBufferSize(bytes); }

  // Empty where the server has closed without one.
  RawAnswer answer(bool headOnly = false) {
    while (buffer_.find("\r\n\r\n") == std::string::npos) {
      if (!receive()) return {std::exchange(buffer_, ""), ""};
    }
    const auto end = buffer_.find("\r\n\r\n") + 4;
    RawAnswer answer{buffer_.substr(0, end), ""};
    buffer_.erase(0, end);
    const auto at = answer.head.find("Content-Length: ");
    const std::size_t length = at == std::string::npos || headOnly ? 0 : std::stoul(answer.head.substr(at + 16));
    while (buffer_.size() < length && receive()) {
    }
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, std::min(length, buffer_.size()));
    return answer;
  }
  RawAnswer ask(std::string_view bytes, bool headOnly = false) {
    send(bytes);
    return answer(headOnly);
  }
  // What comes next, at least a byte; "" once the server has closed.
  std::string receiveSome() {
    if (buffer_.empty()) receive();
    return std::exchange(buffer_, "");
  }
  // Everything until the server closes.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(buffer_, "");
  }
  bool ended() { return buffer_.empty() && !receive(); }

 private:
  static int size(std::string_view bytes) { return static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)); }
  bool receive() {
    std::array<char, 65536> piece;
    try {
      const int got = socket_.receiveBytes(piece.data(), static_cast<int>(piece.size()));
      if (got <= 0) return false;
      buffer_.append(piece.data(), static_cast<std::size_t>(got));
      return true;
    } catch (const Poco::TimeoutException&) {
      ADD_FAILURE() << "the server neither answered nor closed";
      return false;
    } catch (const Poco::Exception&) {
      return false;
    }
  }

  Poco::Net::StreamSocket socket_;
  std::string buffer_;
};

inline std::string get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: here\r\n" + headers + "\r\n";
}
inline std::string post(const std::string& target, const std::string& body, const std::string& headers = "") {
  return "POST " + target + " HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
         "\r\n" + body;
}

// GET /hello answers "hello"; POST /echo answers its body; the rest is the test's.
class HttpServerFixture : public ::testing::Test {
 protected:
  static constexpr int kWorkers = 2;

  HttpServer& serve(Router router, const Clock& clock, HttpServer::Config config = {.address = "127.0.0.1:0"}) {
    router.add("GET", "/hello", [](HttpRequest&, HttpReply& reply) { reply.text(200, "text/plain", "hello"); });
    router.add("GET", "/meet", [this](HttpRequest&, HttpReply& reply) {
      meet_.arriveAndWait();
      reply.empty(200);
    });
    router.add("POST", "/echo", [](HttpRequest& request, HttpReply& reply) {
      const auto body = request.body(1 << 20);
      if (!body) return reply.problem(body.error());
      reply.text(200, "text/plain", *body);
    });
    auto listening = HttpServer::listen(config, {*files_, pool_, clock, log_}, std::move(router));
    if (!listening) throw std::runtime_error(listening.error().message());
    server_ = *std::move(listening);
    server_->start();
    return *server_;
  }
  HttpServer& serve(Router router = {}) { return serve(std::move(router), clock_); }
  RawClient connect() { return RawClient(server_->address()); }

  // Ends when the server's loop has seen all that came before: every worker is out of its earlier job once all of them meet,
  // and two whole requests after that take the loop once around.
  void settle() {
    std::deque<RawClient> meeting;
    for (int i = 0; i < kWorkers; ++i) {
      meeting.push_back(connect());
      meeting.back().send(get("/meet"));
    }
    for (auto& each : meeting) ASSERT_EQ(each.answer().status(), 200);
    for (int i = 0; i < 2; ++i) ASSERT_EQ(meeting.front().ask(get("/hello")).status(), 200);
  }

  MachineFiles files_;
  TempFolder folder_;
  FakeClock clock_;
  SystemClock real_;
  RememberingLog log_;
  Meeting meet_{kWorkers};
  WorkerPool pool_{kWorkers};
  std::unique_ptr<HttpServer> server_;
};

}  // namespace tenon::host
