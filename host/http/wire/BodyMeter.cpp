#include "host/http/wire/BodyMeter.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

constexpr std::size_t kChunkLineBytes = 256;  // a size and its extensions

Error broken(const std::string& why) { return Error(ErrorCode::NetworkProtocol, "the body " + why); }

}  // namespace

BodyMeter::BodyMeter(BodyFraming framing) : kind_(framing.kind), state_(State::Data), left_(framing.length) {
  if (kind_ == BodyFraming::Kind::UntilClose) left_ = std::numeric_limits<std::uint64_t>::max();
  if (kind_ == BodyFraming::Kind::Chunked) state_ = State::ChunkHead;
  if (kind_ == BodyFraming::Kind::None || (kind_ == BodyFraming::Kind::Length && left_ == 0)) state_ = State::End;
}

void BodyMeter::takeData(std::uint64_t count) {
  if (count == 0 || kind_ == BodyFraming::Kind::UntilClose) return;
  left_ -= std::min(count, left_);
  if (left_ == 0) state_ = kind_ == BodyFraming::Kind::Chunked ? State::ChunkEnd : State::End;
}

Result<std::size_t> BodyMeter::takeFraming(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ != State::Data && state_ != State::End) {
    const auto end = bytes.find('\n', taken);
    const std::string_view piece = bytes.substr(taken, end == std::string_view::npos ? end : end - taken);
    const std::size_t most = state_ == State::ChunkEnd  ? 0
                             : state_ == State::Trailer ? limits::kHttpHeaderBytes
                                                        : kChunkLineBytes;
    if (line_.size() + piece.size() > most + 1) return broken("has a chunk line that is too long");
    line_ += piece;
    taken += piece.size();
    if (end == std::string_view::npos) break;
    ++taken;
    if (!line_.ends_with('\r')) return broken("has a chunk line that does not end in CR LF");
    line_.pop_back();
    TENON_CHECK(takeLine(line_));
    line_.clear();
  }
  return taken;
}

Result<std::size_t> BodyMeter::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !finished()) {
    const auto data = static_cast<std::size_t>(std::min<std::uint64_t>(dataAhead(), bytes.size() - taken));
    takeData(data);
    taken += data;
    if (data > 0) continue;
    TENON_TRY(const std::size_t framing, takeFraming(bytes.substr(taken)));
    taken += framing;
  }
  return taken;
}

Result<void> BodyMeter::takeLine(std::string_view line) {
  if (state_ == State::ChunkHead) return takeChunkHead(line);
  if (state_ == State::ChunkEnd) {
    state_ = State::ChunkHead;
    return {};
  }
  if (line.empty()) {
    state_ = State::End;
    return {};
  }
  trailerBytes_ += line.size();  // fields after the last chunk: read over, never used
  if (trailerBytes_ > limits::kHttpHeaderBytes) return broken("has a trailer without end");
  return {};
}

// <hex digits>[;extension] CR LF
Result<void> BodyMeter::takeChunkHead(std::string_view line) {
  const std::size_t digits = std::min(line.find(';'), line.size());
  const auto [end, error] = std::from_chars(line.data(), line.data() + digits, left_, 16);
  const bool plain = line.find_first_not_of("0123456789abcdefABCDEF") >= digits;
  if (digits == 0 || !plain || error != std::errc() || end != line.data() + digits || !isHeaderValue(line)) {
    return broken("has a chunk without a proper size");
  }
  state_ = left_ == 0 ? State::Trailer : State::Data;
  return {};
}

Result<void> BodyMeter::takeEnd() {
  if (kind_ == BodyFraming::Kind::UntilClose) state_ = State::End;
  if (finished()) return {};
  if (kind_ == BodyFraming::Kind::Chunked) return broken("ended early, before its last chunk");
  return broken("ended early, " + std::to_string(left_) + " bytes before its end");
}

}  // namespace tenon::host
