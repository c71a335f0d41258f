// Tells, byte by byte as they come, where the body of one message ends, and which of its bytes are data and which framing
// (chunk sizes, trailer). Strict: a chunk that two readers could understand differently is refused. No I/O, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/Result.h"
#include "host/http/wire/MessageHead.h"

namespace tenon::host {

class BodyMeter {
 public:
  explicit BodyMeter(BodyFraming framing);

  bool finished() const { return state_ == State::End; }
  // Bytes of data that come next; of a body that ends when the connection does, as many as there may be. 0: framing is next,
  // or the end is reached.
  std::uint64_t dataAhead() const { return state_ == State::Data ? left_ : 0; }
  // `count` of them have been read.
  void takeData(std::uint64_t count);
  // Where dataAhead() is 0 and it is not finished: how many of `bytes` are framing, from the first; perhaps all of them, and
  // more to come. network-protocol: what is there is none; then nothing more may be asked.
  Result<std::size_t> takeFraming(std::string_view bytes);
  // For one who passes the message on as it is: how many of `bytes`, from the first, belong to it.
  Result<std::size_t> take(std::string_view bytes);
  // The peer has ended its side. network-protocol where the body has not ended yet.
  Result<void> takeEnd();

 private:
  enum class State { Data, ChunkHead, ChunkEnd, Trailer, End };

  Result<void> takeLine(std::string_view line);
  Result<void> takeChunkHead(std::string_view line);

  BodyFraming::Kind kind_;
  State state_;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
  std::string line_;        // of framing, as far as it has come
  std::size_t trailerBytes_ = 0;
};

}  // namespace tenon::host
