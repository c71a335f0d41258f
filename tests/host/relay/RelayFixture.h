// A relay on a clock that stands still, and what this room's tests share.
#pragma once

#include <Poco/Net/ServerSocket.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "host/relay/Relay.h"
#include "tests/host/http/HttpFixture.h"
#include "tests/support/ScriptedServer.h"

namespace tenon::host {

inline std::uint16_t freePort() {
  Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1:0"));
  return socket.address().port();
}

// Once somebody listens there.
inline RawClient connectTo(std::uint16_t port) {
  while (true) {
    try {
      return RawClient("127.0.0.1:" + std::to_string(port));
    } catch (const Poco::Exception&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

class StillRelay : public ::testing::Test {
 protected:
  // Once; the table is read then, and again when the clock has been moved.
  void relay(const EndpointTable& entries) {
    const Path table = folder_ / "endpoints.json";
    ASSERT_TRUE(writeEndpointTable(*files_, table, entries));
    relay_ = Relay::open({*files_, clock_, log_, table}, 0).value();
    relay_->start();
  }
  Endpoint endpoint(std::uint16_t front, std::uint16_t to, EndpointPolicy::Protocol protocol) {
    return {{"127.0.0.1", front, protocol}, to, false};
  }
  static ServiceId id(const std::string& text) { return ServiceId::parse(text).value(); }

  MachineFiles files_;
  TempFolder folder_;
  FakeClock clock_;
  RememberingLog log_;
  std::unique_ptr<Relay> relay_;
};

}  // namespace tenon::host
