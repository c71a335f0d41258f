#include "host/http/wire/BodyReader.h"

#include <algorithm>
#include <cstring>

namespace tenon::host {

BodyReader::BodyReader(Source source, BodyFraming framing, std::string buffered)
    : source_(source), meter_(framing), buffer_(std::move(buffered)) {}

Result<std::size_t> BodyReader::read(char* into, std::size_t most) {
  if (broken_) return Error(ErrorCode::NetworkProtocol, "the body broke off before");
  auto got = step(into, most);
  broken_ = !got;
  return got;
}

Result<std::size_t> BodyReader::step(char* into, std::size_t most) {
  while (!meter_.finished() && most > 0) {
    if (meter_.dataAhead() > 0) return readData(into, most);
    TENON_CHECK(readFraming());
  }
  return std::size_t{0};
}

Result<std::size_t> BodyReader::readData(char* into, std::size_t most) {
  most = static_cast<std::size_t>(std::min<std::uint64_t>(most, meter_.dataAhead()));
  std::size_t got = std::min(most, buffer_.size() - at_);
  if (got > 0) {
    std::memcpy(into, buffer_.data() + at_, got);
    at_ += got;
  } else {
    TENON_TRY(got, receive(into, most));
    if (got == 0) TENON_CHECK(meter_.takeEnd());
  }
  meter_.takeData(got);
  return got;
}

Result<void> BodyReader::readFraming() {
  if (at_ == buffer_.size()) {
    buffer_.resize(kReadBytes);
    at_ = 0;
    auto got = receive(buffer_.data(), kReadBytes);
    buffer_.resize(got.value_or(0));
    if (!got) return got.error();
    if (*got == 0) return meter_.takeEnd();
  }
  TENON_TRY(const std::size_t taken, meter_.takeFraming(std::string_view(buffer_).substr(at_)));
  at_ += taken;
  return {};
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
  while (!broken_ && !finished() && at_ < buffer_.size()) {
    const std::size_t data = static_cast<std::size_t>(std::min<std::uint64_t>(meter_.dataAhead(), buffer_.size() - at_));
    meter_.takeData(data);
    at_ += data;
    if (data == 0) broken_ = !readFraming();
  }
  return finished();
}

}  // namespace tenon::host
