#include "host/http/wire/BodyReader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace tenon::host {
namespace {

constexpr std::size_t kChunkLineBytes = 256;  // a size and its extensions

}  // namespace

BodyReader::BodyReader(Source source, BodyFraming framing, std::string buffered)
    : source_(source), kind_(framing.kind), state_(State::Data), left_(framing.length), buffer_(std::move(buffered)) {
  if (kind_ == BodyFraming::Kind::None) state_ = State::End;
  if (kind_ == BodyFraming::Kind::Chunked) state_ = State::ChunkHead;
}

Result<std::size_t> BodyReader::read(char* into, std::size_t most) {
  auto got = step(into, most);
  if (!got) state_ = State::Broken;
  return got;
}

Result<std::size_t> BodyReader::step(char* into, std::size_t most) {
  while (state_ != State::End && most > 0) {
    switch (state_) {
      case State::Data:
        return readData(into, most);
      case State::ChunkHead:
        TENON_CHECK(readChunkHead());
        break;
      case State::ChunkEnd: {
        TENON_TRY(const std::string line, readLine(0));
        state_ = State::ChunkHead;
        break;
      }
      case State::Trailer:
        TENON_CHECK(readTrailer());
        break;
      case State::Broken:
        return broken("broke off before");
      case State::End:
        break;
    }
  }
  return std::size_t{0};
}

Result<std::size_t> BodyReader::readData(char* into, std::size_t most) {
  const bool untilClose = kind_ == BodyFraming::Kind::UntilClose;
  if (!untilClose) most = static_cast<std::size_t>(std::min<std::uint64_t>(most, left_));
  std::size_t got = std::min(most, buffer_.size() - at_);
  if (got > 0) {
    std::memcpy(into, buffer_.data() + at_, got);
    at_ += got;
  } else {
    TENON_TRY(got, receive(into, most));
  }
  if (untilClose) {
    if (got == 0) state_ = State::End;
    return got;
  }
  if (got == 0) return broken("ended early, " + std::to_string(left_) + " bytes before its end");
  left_ -= got;
  if (left_ == 0) state_ = kind_ == BodyFraming::Kind::Chunked ? State::ChunkEnd : State::End;
  return got;
}

// <hex digits>[;extension] CR LF
Result<void> BodyReader::readChunkHead() {
  TENON_TRY(const std::string line, readLine(kChunkLineBytes));
  const std::size_t digits = std::min(line.find(';'), line.size());
  const auto [end, error] = std::from_chars(line.data(), line.data() + digits, left_, 16);
  const bool plain = line.find_first_not_of("0123456789abcdefABCDEF") >= digits;
  if (digits == 0 || !plain || error != std::errc() || end != line.data() + digits || !isHeaderValue(line)) {
    return broken("has a chunk without a proper size");
  }
  state_ = left_ == 0 ? State::Trailer : State::Data;
  return {};
}

// Fields after the last chunk: read over, never used.
Result<void> BodyReader::readTrailer() {
  std::size_t bytes = 0;
  while (true) {
    TENON_TRY(const std::string line, readLine(limits::kHttpHeaderBytes));
    if (line.empty()) break;
    bytes += line.size();
    if (bytes > limits::kHttpHeaderBytes) return broken("has a trailer without end");
  }
  state_ = State::End;
  return {};
}

// Without its CR LF, and at most `most` bytes.
Result<std::string> BodyReader::readLine(std::size_t most) {
  while (true) {
    const auto end = buffer_.find('\n', at_);
    const std::size_t length = std::min(end, buffer_.size()) - at_;
    if (length > most + 1) return broken("has a chunk line that is too long");
    if (end != std::string::npos) {
      if (length == 0 || buffer_[end - 1] != '\r') return broken("has a chunk line that does not end in CR LF");
      std::string line = buffer_.substr(at_, length - 1);
      at_ = end + 1;
      return line;
    }
    buffer_.erase(0, at_);
    at_ = 0;
    const std::size_t had = buffer_.size();
    buffer_.resize(had + kReadBytes);
    auto got = receive(buffer_.data() + had, kReadBytes);
    buffer_.resize(had + got.value_or(0));
    if (!got) return got.error();
    if (*got == 0) return broken("ended early, before its last chunk");
  }
}

Result<std::size_t> BodyReader::receive(char* into, std::size_t most) {
  const Instant before = source_.clock.now();
  TENON_TRY(const std::size_t got, source_.socket.receive(into, most, source_.stall));
  waited_ += source_.clock.now() - before;
  received_ += got;
  if (waited_ < limits::kRateWindow) return got;
  if (received_ < source_.leastRate * static_cast<std::uint64_t>(limits::kRateWindow.count())) {
    return Error(ErrorCode::NetworkSlow,
                 "the body came at less than " + std::to_string(source_.leastRate) + " bytes a second");
  }
  waited_ = Micros(0);
  received_ = 0;
  return got;
}

bool BodyReader::finishAtOnce() {
  if (kind_ == BodyFraming::Kind::Length && state_ == State::Data && buffer_.size() - at_ >= left_) {
    at_ += static_cast<std::size_t>(left_);
    left_ = 0;
    state_ = State::End;
  }
  return finished();
}

Error BodyReader::broken(const std::string& why) {
  state_ = State::Broken;
  return Error(ErrorCode::NetworkProtocol, "the body " + why);
}

}  // namespace tenon::host
