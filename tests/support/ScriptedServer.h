// A server on 127.0.0.1 that does to each connection what the test says, one connection after the other.
#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace tenon::host {

class ScriptedServer {
 public:
  using Script = std::function<void(Poco::Net::StreamSocket&)>;

  explicit ScriptedServer(Script script)
      : listener_(Poco::Net::SocketAddress("127.0.0.1", 0)), script_(std::move(script)), thread_([this] { run(); }) {}
  ~ScriptedServer() {
    ending_ = true;
    try {
      Poco::Net::StreamSocket wake(listener_.address());
    } catch (const Poco::Exception&) {
    }
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return listener_.address().port(); }
  bool ending() const { return ending_; }

  // Reads a request's head, then writes all of `answer`.
  static Script answering(std::string answer) {
    return [answer = std::move(answer)](Poco::Net::StreamSocket& socket) {
      readHead(socket);
      send(socket, answer);
    };
  }
  static std::string readHead(Poco::Net::StreamSocket& socket) {
    std::string head;
    char byte = 0;
    while (head.find("\r\n\r\n") == std::string::npos && socket.receiveBytes(&byte, 1) == 1) head += byte;
    return head;
  }
  static void send(Poco::Net::StreamSocket& socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const int sent = socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

 private:
  void run() {
    while (true) {
      try {
        Poco::Net::StreamSocket socket = listener_.acceptConnection();
        if (ending_) return;
        script_(socket);
      } catch (const Poco::Exception&) {
        // The client went away: that is what many of these tests are about.
      }
    }
  }

  Poco::Net::ServerSocket listener_;
  Script script_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace tenon::host
