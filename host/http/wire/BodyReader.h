// Reads the body of one message from a socket, exactly to its end and not a byte further: by length, by strict chunks, or
// until the peer ends. Bounded in time: a peer that stalls or trickles is cut.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/Clock.h"
#include "host/http/wire/BodyMeter.h"
#include "host/http/wire/Sockets.h"

namespace tenon::host {

// One thread. Socket and clock outlive it.
class BodyReader {
 public:
  struct Source {
    Socket& socket;
    const Clock& clock;
    Millis stall;                 // longest wait for the next bytes
    std::uint64_t leastRate = 0;  // bytes a second over limits::kRateWindow; 0: as slow as it likes
  };
  // `buffered`: what was read from the socket beyond the head.
  BodyReader(Source source, BodyFraming framing, std::string buffered);

  // 0 at the end. Errors: network-slow, network-protocol (ended early, broken chunk, connection lost). After one, only
  // errors.
  Result<std::size_t> read(char* into, std::size_t most);
  // The end is reached, or can be without waiting for anybody (then it now is).
  bool finishAtOnce();
  bool finished() const { return meter_.finished(); }
  // What came after the body's end: the next request.
  std::string takeBuffered() { return buffer_.substr(at_); }

 private:
  Result<std::size_t> step(char* into, std::size_t most);
  Result<std::size_t> readData(char* into, std::size_t most);
  Result<void> readFraming();
  Result<std::size_t> receive(char* into, std::size_t most);

  Source source_;
  BodyMeter meter_;
  bool broken_ = false;
  std::string buffer_;
  std::size_t at_ = 0;
  // The window over which the peer must keep its least rate; only time spent waiting for it counts.
  Micros waited_{0};
  std::uint64_t received_ = 0;
};

}  // namespace tenon::host
